"""Compression: saved, shared, shrunk, sharpened and saved again.

Model:  picture = coded(sharpened(resized(picture))), one to four times over, each
        time with a codec, quality, size and block grid of its own
Source: The compression task of RealRestorer, 2025, with real codecs in place of its
        single JPEG; their standards stand in `pellucid.degrade.codecs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from annotated_types import Gt, Interval, MinLen

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade import codecs
from pellucid.degrade.light import clipped
from pellucid.degrade.resample import Mode, resize
from pellucid.degrade.severity import Range, between, between_log, draw_severity
from pellucid.degrade.sharpen import sharpened

# How often a codec is met among those that are listed. AVIF is slow.
WEIGHTS = {"jpeg": 14.0, "webp": 4.0, "avif": 2.0, "h264": 4.0, "h265": 1.0}
VIDEO = ("h264", "h265")

_GRID_PX = 16  # blocks of luma and chroma together
_MODES: tuple[Mode, ...] = ("area", "bilinear", "bicubic", "lanczos")

Positive = Annotated[float, Gt(0)]
Percent = Annotated[float, Interval(ge=1, le=100)]
Crf = Annotated[float, Interval(ge=0, le=51)]
Rounds = Annotated[int, Interval(ge=1, le=16)]


@settings
class Compression:
    """Ranges of a picture's life in files.

    Attributes:
        rounds: Fewest and most times it is saved.
        codecs: What it is saved with: ``jpeg``, ``webp``, ``avif``; and where a user
            has installed PyAV, ``h264`` and ``h265``.
        weights: How often each of them is met; empty takes 14, 4, 2, 4 and 1 in the
            order above.
        quality: Of the worst save, mildest and strongest, 1 to 100; the others are
            milder. It is walked by equal factors.
        crf: The same for video, 0 to 51; higher is worse.
        full_colour: Chance that JPEG keeps full colour resolution (4:4:4).
        moved: Chance that the block grid does not begin at the corner.
        resized: Chance that a save has another size.
        scale: Size of such a save, as a share of the picture's.
        halo: Chance that a save is sharpened before.
        halo_amount: How much of what a blur takes away is added.
        halo_px: Sigma of that blur, in px.
    """

    rounds: tuple[Rounds, Rounds] = (1, 4)
    codecs: Annotated[tuple[str, ...], MinLen(1)] = ("jpeg", "webp", "avif")
    weights: tuple[Positive, ...] = ()
    quality: tuple[Percent, Percent] = (95.0, 5.0)
    crf: tuple[Crf, Crf] = (16.0, 48.0)
    full_colour: Share = 0.15
    moved: Share = 0.6
    resized: Share = 0.5
    scale: tuple[Positive, Positive] = (1.0, 0.4)
    halo: Share = 0.4
    halo_amount: Range = (0.1, 1.0)
    halo_px: tuple[Positive, Positive] = (0.5, 1.5)

    def __post_init__(self) -> None:
        if self.rounds[0] > self.rounds[1]:
            raise ValueError(f"`rounds` must rise, got {list(self.rounds)}.")
        for name in self.codecs:
            if name not in WEIGHTS:
                known = ", ".join(WEIGHTS)
                raise ValueError(f"There is no codec `{name}`; there are {known}.")
        if self.weights and len(self.weights) != len(self.codecs):
            raise ValueError("`weights` must have one number for each codec.")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw the rounds; what is drawn does not depend on what is installed."""
        severity = draw_severity(rng, severity)
        low, high = self.rounds
        count = low + int(rng.random() * (high - low + 1))
        worst = int(rng.random() * count)
        rounds = [self._draw_round(rng, severity, i == worst) for i in range(count)]
        up = _MODES[1 + int(rng.random() * 3)]
        return {"severity": severity, "rounds": rounds, "up": up}

    def _draw_round(
        self, rng: np.random.Generator, severity: float, is_worst: bool
    ) -> Params:
        milder = float(rng.uniform(0.2, 0.8))
        strength = severity if is_worst else severity * milder
        codec = self._pick(float(rng.random()))
        is_full = bool(rng.random() < self.full_colour)
        is_moved = bool(rng.random() < self.moved)
        offset = [int(_GRID_PX * rng.random()) for _ in range(2)]
        is_resized = bool(rng.random() < self.resized)
        shrink = severity * float(rng.uniform(0.4, 1.0))
        mode = _MODES[int(rng.random() * len(_MODES))]
        has_halo = bool(rng.random() < self.halo)
        radius_px = between(self.halo_px, float(rng.random()))
        amount = between(self.halo_amount, severity * float(rng.uniform(0.4, 1.0)))
        is_video = codec in VIDEO
        level = between(self.crf, strength) if is_video else self._quality(strength)
        return {
            "scale": between(self.scale, shrink) if is_resized else None,
            "mode": mode,
            "halo": {"radius_px": radius_px, "amount": amount} if has_halo else None,
            "codec": codec,
            "crf" if is_video else "quality": round(level),
            "subsampling": "4:4:4" if codec == "jpeg" and is_full else "4:2:0",
            "offset": offset if is_moved else [0, 0],
        }

    def _pick(self, place: float) -> str:
        weights = self.weights or tuple(WEIGHTS[name] for name in self.codecs)
        borders = np.cumsum(weights) / sum(weights)
        found = int(np.searchsorted(borders, place, side="right"))
        return self.codecs[min(found, len(self.codecs) - 1)]

    def _quality(self, strength: float) -> float:
        return between_log(self.quality, strength)

    def apply(self, image: Image, params: Params) -> Image:
        """Save it again and again, and show it at its old size."""
        pixels = image.pixels
        height, width = image.height, image.width
        for each in params["rounds"]:
            if each["scale"] is not None:
                rows = max(1, round(height * each["scale"]))
                columns = max(1, round(width * each["scale"]))
                pixels = _resized(pixels, rows, columns, each["mode"])
            if each["halo"]:
                halo = each["halo"]
                pixels = sharpened(pixels, halo["radius_px"], halo["amount"])
            pixels = _coded(pixels, each)
        return image.with_pixels(_resized(pixels, height, width, params["up"]))


_STILL: dict[str, Callable[[Pixels, int, tuple[int, int]], Pixels]] = {
    "webp": codecs.webp,
    "avif": codecs.avif,
    "h264": codecs.h264,
    "h265": codecs.h265,
}


def _coded(pixels: Pixels, params: Params) -> Pixels:
    codec, offset = params["codec"], (params["offset"][0], params["offset"][1])
    if codec == "jpeg":
        return codecs.jpeg(pixels, params["quality"], params["subsampling"], offset)
    level = params["crf"] if codec in VIDEO else params["quality"]
    return _STILL[codec](pixels, level, offset)


def _resized(pixels: Pixels, height: int, width: int, mode: Mode) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    return clipped(resize(pixels, height, width, mode))


PLUGIN: type[Degradation] = Compression
