"""RealRestorer: an image-editing diffusion transformer that restores photographs.

It paints a picture anew, with the damaged one before its eyes, so it can repair what is
lost, and can invent. 12.4 billion numbers, and 8.3 in the language model that reads the
instruction.

Source: RealRestorer, 2026 (arXiv 2603.25502); S. Liu et al., "Step1X-Edit", 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pellucid.core.errors import EnvironmentFailure, MissingDependency, SettingsError
from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Restorer
from pellucid.core.records import LoadOptions, ModelCard, Request
from pellucid.restore.models.realrestorer.instructions import (
    ENGLISH,
    INSTRUCTIONS,
    KEEP_TONE,
    plain,
)
from pellucid.restore.models.realrestorer.speedups import MEASURED, SPEEDUPS
from pellucid.restore.plan import Machine, Way
from pellucid.restore.tiles import Tell
from pellucid.weights.home import home

if TYPE_CHECKING:
    from pellucid.restore.models.realrestorer.engine import Manner
    from pellucid.restore.models.realrestorer.residence import Residence

PACKAGES = ("torch", "diffusers", "transformers", "safetensors")
NAME = "realrestorer"


@dataclass(frozen=True)
class RealRestorer:
    """Restores pictures of any size, best on a graphics card."""

    card: ClassVar[ModelCard] = ModelCard(
        name=NAME,
        title="RealRestorer",
        version="1.0",
        tasks=tuple(ENGLISH),
        licence="LicenseRef-RealRestorer-non-commercial",
        commercial_use=False,
        generative=True,
        parameters=20_803_786_723,
        memory_gib=22.0,
        min_multiple=16,
        source="docs/cards/realrestorer.md",
        weights=(NAME,),
    )

    speed_ups: ClassVar[tuple[str, ...]] = tuple(SPEEDUPS)

    residence: Residence
    weights_sha256: Mapping[str, str]
    dtype: str
    folder: Path
    tile: int | None = None
    batch: int = 1

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        """Read the weights from a folder.

        Raises:
            MissingDependency: If torch, diffusers or transformers is not installed.
            MissingModel: If a part is not there.
            BrokenModel: If a tensor is missing, left over or of another shape.
            SettingsError: If there is no such device, or it computes in another type.
            EnvironmentFailure: If the memory does not suffice.
        """
        for package in PACKAGES:
            if find_spec(package) is None:
                what = f"RealRestorer needs the package {package}."
                raise MissingDependency(what, 'pip install "pellucid[models]"')
        from pellucid.restore.models.realrestorer import loading

        folder = options.weights_folder or home(NAME)
        residence, checksums = loading.load(Path(folder), options)
        dtype = residence.dtype
        tile, batch = options.tile, options.batch
        return cls(residence, checksums, dtype, Path(folder), tile, batch)

    @classmethod
    def ways(cls, width: int, height: int, machine: Machine) -> Sequence[Way]:
        """List how it can be run on a picture, by estimate."""
        from pellucid.restore.models.realrestorer.ways import ways

        return ways(width, height, machine)

    @property
    def device(self) -> str:
        """What computes, in words."""
        return f"{self.residence.device}, torch, {self.residence.way.name}"

    @property
    def memory(self) -> str:
        """How the parts share the graphics card."""
        return self.residence.way.name

    def restore(self, image: Image, request: Request) -> Image:
        """Repair a picture: what the request names, one after the other."""
        return self.restore_telling(image, request, lambda done, total: None)

    def restore_telling(self, image: Image, request: Request, tell: Tell) -> Image:
        """Do what `restore` does, and tell of every step."""
        return self.restore_all([image], request, tell)[0]

    def restore_all(
        self,
        images: Sequence[Image],
        request: Request,
        tell: Tell = lambda done, total: None,
    ) -> list[Image]:
        """Repair pictures together, all in the same way.

        The language model reads all of them before the transformer begins, and pictures
        that are not cut and of one size go through it together, `LoadOptions.batch` at
        once.

        Args:
            images: Any sizes.
            request: What is to be repaired, one after the other.
            tell: Called with how many steps are done, of how many. What it raises ends
                the work.
        """
        named = tuple(dict.fromkeys(request.task))
        pictures = [image.pixels for image in images]
        warnings: list[str] = []
        for place, task in enumerate(named):

            def part(done: int, total: int, place: int = place) -> None:
                tell(place * total + done, len(named) * total)

            pictures = self._fitting(pictures, task, request, part, warnings)
        return [
            image.with_pixels(pixels).with_carried(
                warnings=(*image.carried.warnings, *warnings)
            )
            for image, pixels in zip(images, pictures, strict=True)
        ]

    def restore_as_published(self, image: Image, task: str, **how: Any) -> Image:
        """Follow the published procedure, to compare with it.

        Args:
            image: The picture.
            task: One of the card.
            how: Fields of `official.Official`: level, steps, scale, seed.
        """
        from pellucid.restore.models.realrestorer.official import Official

        found = Official(**how).restore(self.residence, image.pixels, ENGLISH[task])
        return image.with_pixels(found)

    def prepare_speed_ups(self, images: Sequence[Image], request: Request) -> None:
        """Measure what `mag-cache` must know, on copies of a megapixel; write it down.

        Other speed-ups of the request need nothing.

        Raises:
            EnvironmentFailure: If the folder of the weights cannot be written to.
        """
        if MEASURED not in request.speed_ups:
            return
        from pellucid.restore.models.realrestorer.ratios import measure, write_ratios

        manner = self._manner(replace(request, speed_ups=()))
        instruction = INSTRUCTIONS[request.language][request.task[0]]
        found: list[list[float]] = []
        for image in images:
            pixels = image.pixels
            hidden, mask = self.residence.speak().read(
                pixels, [instruction, ""], self.residence.device
            )
            engine = self.residence.paint()
            with self.residence.together():
                found.append(measure(engine, pixels, hidden, mask, manner))
        write_ratios(self.folder, found)

    def _fitting(
        self,
        pictures: list[Pixels],
        task: str,
        request: Request,
        tell: Tell,
        warnings: list[str],
    ) -> list[Pixels]:
        """Do one task; where memory runs out, again in a way that takes less."""
        import torch

        while True:
            try:
                return self._done(pictures, task, request, tell)
            except torch.OutOfMemoryError as error:
                before = self.residence.way.name
                if not self.residence.less():
                    what = "The memory of the graphics card does not suffice."
                    hint = f"Take smaller tiles: `--tile {(self.tile or 1024) // 2}`."
                    raise EnvironmentFailure(what, hint) from error
                warnings.append(
                    f"The memory of the graphics card did not suffice for `{before}`; "
                    f"it went on with `{self.residence.way.name}`, which is slower."
                )

    def _done(
        self, pictures: list[Pixels], task: str, request: Request, tell: Tell
    ) -> list[Pixels]:
        """Do one task."""
        from pellucid.restore.models.realrestorer.extent import TILE
        from pellucid.restore.models.realrestorer.native import Native

        instruction = plain(request.prompt) or INSTRUCTIONS[request.language][task]
        language, device = self.residence.speak(), self.residence.device
        read = [language.read(each, [instruction, ""], device) for each in pictures]
        del language  # it may be let go
        native = Native(
            engine=self.residence.paint(),
            manner=self._manner(request),
            tile=self.tile or TILE,
            seed=request.seed,
            batch=self.batch,
        )
        hidden, mask = [each for each, _ in read], [each for _, each in read]
        with self.residence.together():
            found = native.restore_all(pictures, hidden, mask, tell)
        pairs = zip(pictures, found, strict=True)
        return [_in_place(before, after, task) for before, after in pairs]

    def _manner(self, request: Request) -> Manner:
        """Steps, guidance and speed-ups as they are wanted."""
        from pellucid.restore.models.realrestorer.engine import Manner
        from pellucid.restore.models.realrestorer.extent import SCALE, STEPS
        from pellucid.restore.models.realrestorer.ratios import read_ratios
        from pellucid.restore.models.realrestorer.speedups import hastened

        exact = Manner(
            steps=request.steps or STEPS,
            scale=SCALE if request.guidance is None else request.guidance,
            ratios=read_ratios(self.folder) if MEASURED in request.speed_ups else (),
        )
        keep_steps = request.steps is not None
        manner = hastened(exact, request.speed_ups, keep_steps=keep_steps)
        if self.memory == "split" and manner.cache == "first-block":
            what = "`first-block-cache` does not go with `--memory split`:"
            what = f"{what} every card sees other tokens, and would decide otherwise."
            raise SettingsError(what, "Take `mag-cache`, or `--memory branches`.")
        return manner


def _in_place(before: Pixels, after: Pixels, task: str) -> Pixels:
    """Put back what has moved, and the tone where the task does not move it."""
    from pellucid.restore.align import moved, moved_by
    from pellucid.restore.overview import anchored

    down, right = moved_by(before, after)
    if down or right:
        after = moved(after, -down, -right)
    return anchored(after, before) if task in KEEP_TONE else after


PLUGIN: type[Restorer] = RealRestorer
