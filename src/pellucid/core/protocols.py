"""The promises that plug-ins keep.

Nobody inherits from these. A plug-in is a class that has what a promise names, and
its file ends with a line that lets the type checker prove it:

    PLUGIN: type[Degradation] = Haze

All promises can be asked with ``isinstance``, which looks only whether the names are
there; the contract tests look whether they do what is written here.

Four rules hold for every plug-in. Importing it does no work and needs no model.
Constructors store. Chance comes in as an argument, or from the seed of a request. A
picture that comes in is never changed: its pixels are read-only, and a new `Image`
goes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from pellucid.core.image import Image, Pixels
    from pellucid.core.options import Limits, WriteOptions
    from pellucid.core.records import (
        LoadOptions,
        MetricCard,
        ModelCard,
        Pair,
        Request,
        SuiteCard,
        Verdict,
    )

Params = dict[str, Any]  # what JSON can say: text, numbers, lists, tables; no NaN


@runtime_checkable
class Format(Protocol):
    """A file format: pixels and what travels with them, to bytes and back.

    Used as ``FORMATS.get("jpeg")()``. Bytes are all it sees, no paths.

    Attributes:
        title: What people call it: ``JPEG``.
        extensions: With the dot, lower case, the usual one first: ``.jpg``.
        holds: Which of ``alpha``, ``gray``, ``gray_alpha`` (both at once),
            ``premultiplied`` (alpha), ``icc``, ``exif``, ``xmp``, ``iptc``,
            ``photoshop``, ``dpi`` and ``texts`` a file can store; ``any_exif`` if EXIF
            is stored as it is, also when it is broken; and ``quality`` where a
            quality can be asked for.
        sample_types: numpy names of what it can write: ``uint8``; empty if it is
            only read.
    """

    title: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]]
    holds: ClassVar[frozenset[str]]
    sample_types: ClassVar[tuple[str, ...]]

    def recognises(self, data: bytes) -> bool:
        """Tell by its content, usually the first bytes, whether this is such a file."""
        ...

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Read a whole file.

        The size in the header goes to ``limits.check`` before pixels are allocated.
        Pixels are returned as they are stored: what EXIF says about orientation is
        applied afterwards, for all formats alike.

        Raises:
            BadImage: If the file is broken or cut short. What a decoder below raises
                becomes one, too.
            TooLarge: If the header announces too many pixels.
        """
        ...

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write a whole file, with everything carried that ``holds`` names.

        Raises:
            CannotWrite: If the format cannot hold what the options ask for.
        """
        ...


@runtime_checkable
class Degradation(Protocol):
    """A way for a picture to become worse; its fields are ranges to draw from.

    Used as ``DEGRADATIONS.get("haze")()``: every field has a default. Make it with
    `pellucid.core.settings.settings`, so that a recipe can set the fields.
    """

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Make all choices, and make none anywhere else.

        The choices are JSON and survive it: lists instead of tuples, ``float(...)``
        around numpy numbers. They do not depend on the size of a picture.

        Args:
            rng: Where chance comes from. Equal streams with two severities give
                choices that differ in strength alone.
            severity: 0 can just be seen, 1 is the worst; drawn evenly when None. It
                stands among the choices as ``severity``. The higher, the farther is
                the result from the clean picture.

        Raises:
            ValueError: If the severity lies outside [0, 1].
        """
        ...

    def apply(self, image: Image, params: Params) -> Image:
        """Damage a picture as chosen: same choices, same pixels.

        Noise comes from a seed among the choices. The result has the size of the
        input, and neither the input nor the choices are changed.
        """
        ...


@runtime_checkable
class Retargeting(Protocol):
    """A degradation whose clean partner is not the picture that came in.

    A screen seen at an angle, a lamp that stays after its flare is gone, an original
    that was sharpened first: what a restorer should reach has moved, too.
    """

    def target(self, image: Image, params: Params) -> Image:
        """Make the clean partner of what `Degradation.apply` makes."""
        ...


@runtime_checkable
class Masking(Protocol):
    """A degradation that can say which pixels it has destroyed."""

    def mask(self, image: Image, params: Params) -> Pixels:
        """Draw the destroyed places: (height, width), 1 is lost, 0 is untouched."""
        ...


@runtime_checkable
class Restorer(Protocol):
    """A model that repairs pictures.

    Used as ``RESTORERS.get("compact").load(options)``; what `load` returns is ready,
    so there is no restorer that is not.

    Attributes:
        card: Facts, for reading without loading.
    """

    card: ClassVar[ModelCard]

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        """Read the weights and go to the device. This is the only slow step.

        Raises:
            MissingModel: If weights are not there and may not be fetched.
            MissingDependency: If a package is not installed.
            EnvironmentFailure: If the device or its memory does not suffice.
        """
        ...

    def restore(self, image: Image, request: Request) -> Image:
        """Repair a picture of any size; the result has the same size.

        Same picture and request, same result, whatever was restored before.
        """
        ...


@runtime_checkable
class Metric(Protocol):
    """A number for one picture. What scores whole sets is not a `Metric`.

    Used as ``METRICS.get("psnr")()``.

    Attributes:
        card: Direction, span, and whether a reference is needed.
    """

    card: ClassVar[MetricCard]

    def score(self, output: Image, reference: Image | None) -> float:
        """Measure a picture, against the clean one where the card says so.

        Equal pictures score best. Nothing is drawn: two calls, one number.

        Raises:
            ImageError: If the sizes differ, or a reference is needed and missing.
        """
        ...


@runtime_checkable
class Judge(Protocol):
    """An opinion on two pictures: of a model, a person, or a file of answers."""

    def compare(self, before: Image, after: Image, task: str) -> Verdict:
        """Say how well a task was done, and why.

        Args:
            before: The damaged picture.
            after: The result; it may have another size.
            task: What was to be repaired, in the words of `Request.task`.
        """
        ...


@runtime_checkable
class Suite(Protocol):
    """A benchmark: which pictures, and what becomes of their scores.

    Used as ``SUITES.get("foundir")()``.

    Attributes:
        card: Facts, for reading without the pictures.
    """

    card: ClassVar[SuiteCard]

    def pairs(self, folder: Path) -> Iterator[Pair]:
        """Go through the pairs, always in the same order.

        Args:
            folder: Where the benchmark was unpacked; paths in the pairs are
                relative to it.

        Raises:
            InputMissing: If a picture is not there.
        """
        ...

    def report(self, scores: Mapping[str, Mapping[str, float]]) -> Params:
        """Turn scores into the tables that the benchmark publishes.

        Args:
            scores: Key of a pair to name of a metric to score.

        Returns:
            JSON tables.

        Raises:
            Incomplete: If a pair or a metric has no score.
        """
        ...
