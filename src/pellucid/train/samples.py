"""What a step of training sees: drawn from its number alone.

Step 700 is the same after a restart, on another machine, and whatever was drawn
before it, because every draw comes from the stream of its step. So a run that was
killed goes on exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.core.records import Step
from pellucid.core.seeds import stream
from pellucid.degrade.batch import prepare_worker
from pellucid.degrade.chain import Chain
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.resample import scaled
from pellucid.nets.diagnoser import KINDS
from pellucid.restore.look import look_at
from pellucid.train.photographs import Photograph
from pellucid.train.settings import Stage

QUALITIES = 84, 98  # of JPEG; below them `compression` begins to be called so

Plane = NDArray[np.float32]

# What a mixture is made of, for the diagnoser; shares of its own severity.
_MADE_OF = {
    "web": {"compression": 0.5},
    "real_esrgan": {"blur": 0.8, "noise": 0.5, "compression": 0.5},
}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One step's pictures, float32 in [0, 1], channels first.

    Attributes:
        damaged: (crops, 3, side, side).
        clean: (crops, 3, side, side).
        thumbnails: (regions, 3, 128, 128), of the damaged regions.
        patches: (regions, 4, 3, 96, 96).
        presence: (regions, kinds), 0 or 1.
        severity: (regions, kinds).
    """

    damaged: Plane
    clean: Plane
    thumbnails: Plane
    patches: Plane
    presence: Plane
    severity: Plane


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Which batch is to be drawn.

    Attributes:
        photographs: What may be drawn.
        chain: What happens to a region.
        step: Number of the step.
        seed: Of the run.
        stage: Sizes and shares.
    """

    photographs: Sequence[Photograph]
    chain: Chain
    step: int
    seed: int
    stage: Stage

    def draw(self) -> Batch:
        """Draw it."""
        stage = self.stage
        drawn = [
            _region(self, stream(self.seed, "sample", self.step, place))
            for place in range(stage.regions)
        ]
        rng = stream(self.seed, "crops", self.step)
        pairs = [
            _crop(damaged, clean, stage.crop, rng)
            for damaged, clean, _ in drawn
            for _ in range(stage.crops)
        ]
        labels = np.array([labels_of(steps) for _, _, steps in drawn], dtype=np.float32)
        looks = [look_at(damaged) for damaged, _, _ in drawn]
        return Batch(
            damaged=np.stack([damaged for damaged, _ in pairs]),
            clean=np.stack([clean for _, clean in pairs]),
            thumbnails=np.stack([thumbnail for thumbnail, _ in looks]),
            patches=np.stack([patches for _, patches in looks]),
            presence=(labels > 0.0).astype(np.float32),
            severity=labels,
        )


@dataclass(frozen=True)
class Drawn:
    """A drawing for another process, which has the photographs already."""

    drawing: Drawing

    @classmethod
    def of(cls, drawing: Drawing) -> Drawn:
        """Leave the photographs out: sending them each time would take longest."""
        return cls(replace(drawing, photographs=()))

    def __call__(self) -> Batch:
        """Draw the batch, in the other process."""
        return replace(self.drawing, photographs=tuple(_PHOTOGRAPHS)).draw()


_PHOTOGRAPHS: list[Photograph] = []  # of a process that draws


def prepare(photographs: Sequence[Photograph]) -> None:
    """Make a process ready to draw."""
    prepare_worker()
    _PHOTOGRAPHS[:] = photographs


def _region(
    drawing: Drawing, rng: np.random.Generator
) -> tuple[Plane, Plane, Sequence[Step]]:
    """Cut a piece of a photograph, turn it over by chance, and damage it."""
    stage = drawing.stage
    place = int(rng.integers(len(drawing.photographs)))
    photograph = drawing.photographs[place].pixels()
    across, down, flip, spared, size, larger, colour = rng.random(7).tolist()
    seen = _gray if colour < stage.gray else np.asarray
    stored = _storage(stage, rng)
    low, high = stage.region
    side = round(low * (high / low) ** size)
    factor = 1.0 + max(0.0, 0.5 - 0.5 * larger / max(stage.resized, 1e-6))
    taken = max(stage.crop, round(side / factor))
    height, width = (min(each, taken) for each in photograph.shape[:2])
    top = int(down * (photograph.shape[0] - height + 1))
    left = int(across * (photograph.shape[1] - width + 1))
    piece = photograph[top : top + height, left : left + width]
    piece = piece[:, ::-1] if flip < 0.5 else piece
    pixels = np.ascontiguousarray(piece).astype(np.float32) / np.float32(255)
    if factor > 1.0:
        pixels = np.clip(scaled(pixels, factor, "bicubic"), 0.0, 1.0)
    clean = Image(pixels)
    if spared < stage.untouched:
        same = stored(seen(clean.pixels))
        return same, same, ()
    damaged, steps = drawing.chain(clean, rng)
    return stored(seen(damaged.image.pixels)), seen(damaged.clean.pixels), steps


def _storage(stage: Stage, rng: np.random.Generator) -> Callable[[Plane], Plane]:
    """Draw how a file keeps a picture: in 8 bits, or as a JPEG of high quality."""
    kept, quality, colour = rng.random(3).tolist()
    if kept >= stage.stored:
        return _levels
    low, high = QUALITIES
    return partial(
        jpeg,
        quality=round(low + (high - low) * quality),
        subsampling="4:2:0" if colour < 0.5 else "4:4:4",
    )


def _gray(pixels: Plane) -> Plane:
    """Give every channel the luma of JPEG."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), np.float32)


def _levels(pixels: Plane) -> Plane:
    """Round to 8 bits: what cannot be stored cannot be learned from."""
    return (np.rint(pixels * np.float32(255)) / np.float32(255)).astype(np.float32)


def _crop(
    damaged: Plane, clean: Plane, side: int, rng: np.random.Generator
) -> tuple[Plane, Plane]:
    top, left = (int(rng.random() * (each - side + 1)) for each in damaged.shape[:2])
    place = slice(top, top + side), slice(left, left + side)
    return _first(damaged[place]), _first(clean[place])


def labels_of(steps: Sequence[Step]) -> list[float]:
    """How strong each kind is in a region; 0 where it is not there."""
    found: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    for step in steps:
        severity = float(str(step.params["severity"]))
        for kind, share in _MADE_OF.get(step.kind, {step.kind: 1.0}).items():
            strength = max(share * severity, 0.02)
            found[kind] = max(found[kind], strength)
    return list(found.values())


def _first(pixels: Plane) -> Plane:
    """Channels first, as networks want them."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
