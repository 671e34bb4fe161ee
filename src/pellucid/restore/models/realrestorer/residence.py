"""Which part of the model is on the device, and when.

The language model is needed once per picture, the transformer at every step, and the
autoencoder is small. Weights that only fill tables stay on the host. Without a card,
where a picture takes hours, each part is read when it is its turn, and let go. When
memory runs out, the next way that takes less is tried, and said.
"""

# pyright: standard

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch

from pellucid.core.errors import SettingsError
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.crew import KINDS as CREWS
from pellucid.restore.models.realrestorer.crew import Crew, Station, failed
from pellucid.restore.models.realrestorer.engine import Engine
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.quantise import KINDS, quantise
from pellucid.restore.plan import Way, smaller

T = TypeVar("T")

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# The language model comes layer by layer.
PASSING = frozenset({"streamed", *KINDS})
TURNS = frozenset({"turns", *CREWS})  # language model and transformer
HOST = torch.device("cpu")
BFLOAT16 = (8, 0)  # compute capability from which it is computed in


class Part(Generic[T]):
    """A part that can be let go, and is read again when it is needed.

    Args:
        load: Reads it.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._held: T | None = None

    def get(self) -> T:
        """The part, read if it is not there."""
        if self._held is None:
            self._held = self._load()
        return self._held

    def let_go(self) -> None:
        """Make room."""
        self._held = None
        gc.collect()  # networks hold themselves in circles


@dataclass(frozen=True)
class Parts:
    """What has to be somewhere."""

    language: Part[Language]
    network: Part[Network]
    autoencoder: Autoencoder


class Residence:
    """Where the parts are.

    Attributes:
        device: What computes.
        way: How they share it.
        parts: What is somewhere.

    Args:
        device: As above.
        way: The first one.
        ways: All that could be taken, the quickest first.
        parts: As above.
        station: Of this process, where several cards work on a picture.
    """

    def __init__(
        self,
        device: torch.device,
        way: Way,
        ways: Sequence[Way],
        parts: Parts,
        station: Station | None = None,
    ) -> None:
        self.device = device
        self.way = way
        self._ways, self.parts = ways, parts
        self._station = station
        self._crew: Crew | None = None
        self._settle()

    @property
    def dtype(self) -> str:
        """What the language model, and so the transformer, computes in."""
        return str(self.parts.language.get().model.dtype).removeprefix("torch.")

    def speak(self) -> Language:
        """Make the language model ready."""
        if self.way.name == "cpu":
            self.parts.network.let_go()
        language = self.parts.language.get()
        if self.way.name in PASSING:
            return language
        if self.way.name in TURNS:
            self.parts.network.get().transformer.to(HOST)
        language.model.to(self.device)
        return language

    def paint(self) -> Engine:
        """Make the transformer ready."""
        if self.way.name == "cpu":
            self.parts.language.let_go()
        network = self.parts.network.get()
        if self.way.name in TURNS:
            self.parts.language.get().model.to(HOST)
        if self.way.name != "streamed":
            network.transformer.to(self.device)
        is_batched = self.way.name not in PASSING
        crew = self._gathered(network)
        return Engine(network, self.parts.autoencoder, self.device, is_batched, crew)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all cards work on a picture; where that fails, no helper stays behind.

        Raises:
            EnvironmentFailure: If one of them was lost.
        """
        try:
            yield
        except BaseException as error:
            if self._crew is None:
                raise
            self._crew.dismiss()
            self._crew = None
            self.parts.network.let_go()  # it may be split
            if isinstance(error, RuntimeError):
                raise failed(error) from error
            raise

    def _gathered(self, network: Network) -> Crew | None:
        """The crew, if there is one: started when it is needed first."""
        if self.way.name not in CREWS or self._station is None:
            return None
        if self._crew is None:
            self._crew = Crew.gather(self._station)
            self._crew.share(network.transformer)
        return self._crew

    def less(self) -> bool:
        """Take the next way that needs less of the card; False if there is none."""
        way = smaller(self._ways, self.way)
        # Lost bits cannot be taken back, and a crew works on one way only.
        if way is None or self.way.name in PASSING | CREWS:
            return False
        self.parts.network.get().transformer.to(HOST)
        self.parts.language.get().model.to(HOST)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.way = way
        self._settle()
        return True

    def _settle(self) -> None:
        """Bring what stays to the device, and let pass what does not."""
        parts, name = self.parts, self.way.name
        parts.autoencoder.net.to(self.device)
        if name not in PASSING:
            return
        if self.device != HOST:
            pass_through(parts.language.get().model, self.device)
        network = parts.network.get()
        if name in KINDS:
            parts.autoencoder.net.enable_tiling()  # not exact, as its norms see a tile
            quantise(network.transformer, name, self.device)
        else:
            network.transformer.enable_group_offload(
                onload_device=self.device,
                offload_device=HOST,
                offload_type="block_level",
                num_blocks_per_group=1,
                use_stream=self.device.type == "cuda",
            )


def pass_through(model: Any, device: torch.device) -> None:
    """Let the layers of a model pass through a device one by one, from now on."""
    from accelerate import cpu_offload

    if not hasattr(model, "_hf_hook"):  # what passes already is not in memory as such
        cpu_offload(model.to(HOST), device)


def device_for(name: str) -> torch.device:
    """Understand the name of a device; ``auto`` takes the fastest.

    Raises:
        SettingsError: If there is no such device, here or anywhere.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        what = f"The device `{name}` cannot be used: {first}"
        raise SettingsError(what, "Choose `auto`, `cpu` or `cuda`.") from error
    return device


def dtype_for(name: str, device: torch.device) -> torch.dtype:
    """Understand what is computed in; ``auto`` is bfloat16 on a graphics card.

    Raises:
        SettingsError: If the model does not compute in it.
    """
    if name == "auto":
        name = "bfloat16" if device.type == "cuda" else "float32"
    if name not in DTYPES:
        what = f"RealRestorer does not compute in {name}."
        raise SettingsError(what, f"Choose one of {', '.join(DTYPES)}.")
    if name == "bfloat16" and device.type == "cuda":
        card, found = torch.cuda.get_device_capability(device), ".".join
        if card < BFLOAT16:
            what = f"The device `{device}` does not compute in bfloat16: that takes"
            wanted, here = found(map(str, BFLOAT16)), found(map(str, card))
            what = f"{what} compute capability {wanted}, and it has {here}."
            hint = "Say `--dtype float32`, or `--dtype float16`, which may overflow."
            raise SettingsError(what, hint)
    return DTYPES[name]
