"""Several cards for one picture: one process for each, which walk in step.

The first card is that of this process; each other one has a helper with the same
weights, which is told the same picture, words and noise, and makes the same steps.
Either each computes one branch of the guidance, and they exchange what they found; or
each computes a part of the tokens, and attention exchanges (Ulysses, of diffusers).

Source: S. Jacobs et al., "DeepSpeed Ulysses", 2023.
"""

# pyright: standard

from __future__ import annotations

import atexit
import json
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from pellucid.core.errors import EnvironmentFailure

HELPER = "pellucid.restore.models.realrestorer.crew_member"
PATIENCE = timedelta(minutes=5)  # with which the others are awaited at work,
IDLE = timedelta(days=30)  # and the next picture
READY = b"\n"  # what a helper writes when it can join
KINDS = frozenset({"branches", "split"})


@dataclass(frozen=True, kw_only=True)
class Station:
    """What a member of a crew knows.

    Attributes:
        kind: ``branches`` or ``split``.
        device: What computes, without a number: ``cuda`` or ``cpu``.
        count: Members.
        transformer: Path to the weights.
        autoencoder: Path to the weights.
        dtype: What the transformer computes in.
        rank: Which of them this is; 0 is the process that began.
        port: Where they meet, on this machine; 0 before it is known.
    """

    kind: str
    device: str
    count: int
    transformer: str
    autoencoder: str
    dtype: str
    rank: int = 0
    port: int = 0

    @property
    def place(self) -> torch.device:
        """The card of this member."""
        if self.device == "cpu":
            return torch.device("cpu")
        return torch.device(self.device, self.rank)


class Crew:
    """This process, and how it meets the others.

    Args:
        station: Of this process.

    Attributes:
        station: Of this process.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self._helpers: list[subprocess.Popen[bytes]] = []
        self._orders: Any = None

    @classmethod
    def gather(cls, station: Station) -> Crew:
        """Start the helpers, and wait until all are there.

        Args:
            station: Of this process.

        Raises:
            EnvironmentFailure: If one of them does not come.
        """
        station = replace(station, port=_free_port())
        crew = cls(station)
        atexit.register(crew.dismiss)
        for rank in range(1, station.count):
            told = json.dumps({**asdict(station), "rank": rank})
            line = [sys.executable, "-m", HELPER, told]
            # They end when the pipe to them ends, however this process ends.
            helper = subprocess.Popen(
                line, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            crew._helpers.append(helper)
        try:
            for helper in crew._helpers:
                crew._await(helper)
            crew.join()
        except (RuntimeError, ValueError) as error:
            crew.dismiss()
            raise EnvironmentFailure(_first("gather", error), HINT) from error
        return crew

    def _await(self, helper: subprocess.Popen[bytes]) -> None:
        """Wait until a helper has read the weights."""
        assert helper.stdout is not None
        if helper.stdout.read(1) != READY:
            raise RuntimeError(f"one ended with {helper.wait()}, see above")

    def join(self) -> None:
        """Meet the others."""
        place = self.station.place
        if place.type == "cuda":
            torch.cuda.set_device(place)
        dist.init_process_group(
            "gloo" if place.type == "cpu" else f"cpu:gloo,{place.type}:nccl",
            init_method=f"tcp://127.0.0.1:{self.station.port}",
            rank=self.station.rank,
            world_size=self.station.count,
            timeout=PATIENCE,
        )
        self._orders = dist.new_group(backend="gloo", timeout=IDLE)

    def share(self, transformer: Any) -> None:
        """Let the transformer compute a part of the tokens, if they are split."""
        if self.station.kind != "split":
            return
        import diffusers

        library: Any = diffusers
        config = library.ContextParallelConfig(
            ulysses_degree=self.station.count, ulysses_anything=True
        )
        transformer.enable_parallelism(config=config)

    def branch(self, branches: int) -> int | None:
        """Which branch this member computes; None if it is all of them."""
        if self.station.kind != "branches" or branches < 2:
            return None
        return self.station.rank

    def together(self, found: Tensor) -> Tensor:
        """Put what all members found side by side, in the order of their ranks."""
        found = found.contiguous()
        parts = [torch.empty_like(found) for _ in range(self.station.count)]
        dist.all_gather(parts, found)
        return torch.cat(parts)

    def tell(self, *job: Any) -> None:
        """Tell the helpers what comes next; a helper does nothing here."""
        if self.station.rank == 0:
            dist.broadcast_object_list([job], src=0, group=self._orders)

    def hear(self) -> tuple[Any, ...]:
        """Wait until there is something to do; empty if there will not be."""
        job: list[Any] = [None]
        dist.broadcast_object_list(job, src=0, group=self._orders)
        return job[0]

    def dismiss(self) -> None:
        """End the helpers, whatever they do."""
        atexit.unregister(self.dismiss)
        for helper in self._helpers:
            helper.kill()
            for pipe in (helper.stdin, helper.stdout):
                if pipe is not None:
                    pipe.close()
            helper.wait()
        self._helpers.clear()
        with suppress(RuntimeError, ValueError, AssertionError):
            dist.destroy_process_group()


HINT = "Restore on one card: `--memory turns`."


def failed(error: Exception) -> EnvironmentFailure:
    """What the user is told when a member of the crew was lost."""
    return EnvironmentFailure(_first("hold together", error), HINT)


def _first(what: str, error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"The processes of the cards did not {what}: {lines[0]}"


def _free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
