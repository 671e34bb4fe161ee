"""The fidelity gate: how far a faster result is from the exact one, beside its time.

What makes a large model faster or smaller makes another picture, a little. How little
depends on the weights and on the photographs, so it is measured on those of the user.
Exact is not exact to the bit: other kernels round otherwise. That distance is measured,
too, and nothing closer than that is worth telling apart.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol, runtime_checkable

from pellucid.core.errors import PellucidError, UnknownName, did_you_mean
from pellucid.core.image import Image
from pellucid.core.protocols import Restorer
from pellucid.core.records import LoadOptions, Request
from pellucid.restore.compare import numbers

CLOSE, NEAR = 35.0, 30.0  # dB
EQUAL = 120.0  # dB that stand for equal pictures
FLOOR = "other rounding"


@runtime_checkable
class Gated(Protocol):
    """A restorer whose speed-ups must be prepared; `speed_ups` are their names."""

    def prepare_speed_ups(self, images: Sequence[Image], request: Request) -> None:
        """Measure what those of the request must know, and keep it with the weights."""
        ...


def check_speed_ups(kind: type[Restorer], names: Iterable[str]) -> None:
    """Refuse what is no speed-up of a restorer, before its weights are read.

    Raises:
        UnknownName: If there is no such speed-up.
    """
    known: tuple[str, ...] = getattr(kind, "speed_ups", ())
    for name in names:
        if name not in known:
            what = f"There is no speed-up `{name}`."
            raise UnknownName(what, did_you_mean(name, known))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One faster or smaller way, measured.

    Attributes:
        name: Of the speed-up, of the way of sharing memory, or of the exact one.
        seconds: For a picture, on average.
        psnr: Of the picture that is farthest from the exact one, in dB; `EQUAL` at
            most.
        failed: Why there is no picture; empty if there is one.
    """

    name: str
    seconds: float = 0.0
    psnr: float = EQUAL
    failed: str = ""

    def verdict(self, floor: float) -> str:
        """Say how close it is.

        Args:
            floor: The distance between two exact results, in dB.
        """
        if self.failed:
            return self.failed
        if self.psnr >= floor - 1.0:
            return "as exact as rounding"
        if self.psnr >= CLOSE:
            return "close"
        return "near" if self.psnr >= NEAR else "another picture"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Measures a model on photographs.

    Attributes:
        load: Loads the model.
        options: Where and how it runs.
        images: Photographs.
        request: What is wanted of it, without speed-ups.
        tell: Called with what is measured next.
    """

    load: Callable[[LoadOptions], Restorer]
    options: LoadOptions
    images: Sequence[Image]
    request: Request
    tell: Callable[[str], None] = lambda name: None

    def rows(self, speed_ups: Sequence[str], memory: Sequence[str]) -> Iterator[Row]:
        """Measure the exact result, its rounding, and what is to be compared.

        Args:
            speed_ups: Names; each is measured by itself.
            memory: Ways of sharing memory that are not exact, each by itself.
        """
        model = self.load(self.options)
        self.tell("exact")
        exact, seconds = self._restored(model)
        yield Row(name="exact", seconds=seconds)
        self.tell(FLOOR)
        with other_kernel():
            yield self._against(exact, FLOOR, model, self.request)
        if speed_ups and isinstance(model, Gated):
            self.tell("what speed-ups must know of the weights")
            wanted = replace(self.request, speed_ups=tuple(speed_ups))
            model.prepare_speed_ups(self.images, wanted)
        for name in speed_ups:
            self.tell(name)
            wanted = replace(self.request, speed_ups=(name,))
            yield self._against(exact, name, model, wanted)
        del model  # two of them would not fit
        for name in memory:
            self.tell(name)
            try:
                smaller = self.load(replace(self.options, memory=name))
            except PellucidError as error:
                yield Row(name=name, failed=str(error))
                continue
            yield self._against(exact, name, smaller, self.request)
            del smaller

    def _against(
        self, exact: Sequence[Image], name: str, model: Restorer, request: Request
    ) -> Row:
        try:
            found, seconds = self._restored(model, request)
        except PellucidError as error:
            return Row(name=name, failed=str(error))
        pairs = zip(exact, found, strict=True)
        psnr = min(numbers(one, other).psnr or EQUAL for one, other in pairs)
        return Row(name=name, seconds=seconds, psnr=min(psnr, EQUAL))

    def _restored(
        self, model: Restorer, request: Request | None = None
    ) -> tuple[list[Image], float]:
        """Restore all photographs; the first twice, as it also warms up."""
        wanted = request or self.request
        model.restore(self.images[0], wanted)
        start = perf_counter()
        found = [model.restore(image, wanted) for image in self.images]
        return found, (perf_counter() - start) / len(found)


@contextmanager
def other_kernel() -> Generator[None]:
    """Let attention be computed by another kernel: equal but for rounding."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    kernels = [SDPBackend.MATH]
    if torch.cuda.is_available():
        kernels.insert(0, SDPBackend.EFFICIENT_ATTENTION)
    with sdpa_kernel(kernels):
        yield
