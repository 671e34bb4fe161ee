"""Moire: coloured bands where a fine grid meets the grid of a sensor.

Model:  in linear light, raw = mosaic(clean) * m,  m the light of a screen at every
        place of the sensor, mean 1 (`pellucid.degrade.display`);
        damaged = clean + f * lowpass(demosaic(raw) - demosaic(mosaic(clean)));
        or a pattern laid over the picture (`pellucid.degrade.patterns`).
        f, 0.4 to 1, is how well each place is in focus. Then JPEG.
Source: B. E. Bayer, US patent 3971065, 1976 (the sensor); I. Amidror, "The Theory of
        the Moiré Phenomenon", 2000 (bands); Z. Yang et al., "UniDemoiré", AAAI 2025
        (blending); X. Yu et al., "Towards Efficient and Scale-Robust
        Ultra-High-Definition Image Demoiréing", ECCV 2022 (photographed screens).
"""

from __future__ import annotations

from math import tau
from typing import Annotated, Any

import cv2
import numpy as np
from annotated_types import Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.assets import choose, load
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.display import (
    Bend,
    Layout,
    Screen,
    Vector,
    blur_for,
    seen,
    turned,
    viewed,
)
from pellucid.degrade.grain import Field, new_seed, opened, smooth
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import clipped, to_linear, to_srgb
from pellucid.degrade.mosaic import demosaic, mosaic
from pellucid.degrade.patterns import Gratings, blended, loaded, made
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import between, between_log, draw_severity

Contrast = Annotated[float, Interval(gt=0.0, le=1.0)]
Period = Annotated[float, Interval(ge=4.0, le=10000.0)]
Tilt = Annotated[float, Interval(ge=0.0, le=0.3)]
Barrel = Annotated[float, Interval(ge=-0.3, le=0.3)]
Blur = Annotated[float, Interval(ge=0.0, le=20.0)]
Quality = Annotated[float, Interval(ge=1.0, le=100.0)]

# Where bands are slow: layout and frequency of its columns, in cycles per pixel.
_RESONANCES: tuple[tuple[Layout, Vector], ...] = (
    ("stripes", (0.5, 0.0)),
    ("stripes", (0.5, 0.0)),
    ("stripes", (0.0, 0.5)),
    ("stripes", (0.5, 0.5)),
    ("pentile", (0.5, 0.5)),
    ("pentile", (1.0, 0.0)),
)
_PATTERNS = 3  # at most, as in UniDemoiré
_EXPOSURES = 5
_UNSEEN = 3 * 0.2 / 255  # a fifth of a level, in three colours
_FOCUS_CELLS = 2.5  # soft places along the longer side
_FOCUS = (0.4, 1.0)


@settings
class Moire:
    """Ranges that moire is drawn from. Lengths are in px, whatever the size.

    Attributes:
        contrast: How far the light of a colour of the screen swings behind the lens.
        strength: Of patterns that are laid over the picture.
        period_px: Shortest and longest bands at the middle of the picture.
        tilt: How much larger the near side of the screen is, as a share.
        barrel: Distortion of the lens in the corners, as a share.
        reduced_px: Blur of the bands by making the picture smaller afterwards.
        quality: Of the JPEG, worst and best.
        blend: Chance that patterns are laid over the picture in place of a screen.
        assets: Folder with pictures of patterns in ``moire``; empty makes them.
        as_shot: Chance that the clean picture is seen at the angle of the screen,
            too; then the target moves.
    """

    contrast: tuple[Contrast, Contrast] = (0.07, 0.85)
    strength: tuple[Contrast, Contrast] = (0.04, 0.5)
    period_px: tuple[Period, Period] = (14.0, 90.0)
    tilt: tuple[Tilt, Tilt] = (0.0, 0.05)
    barrel: tuple[Barrel, Barrel] = (-0.03, 0.03)
    reduced_px: tuple[Blur, Blur] = (0.0, 1.2)
    quality: tuple[Quality, Quality] = (85.0, 97.0)
    blend: Share = 0.3
    assets: str = ""
    as_shot: Share = 0.0

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one screen, or patterns."""
        severity = draw_severity(rng, severity)
        drawn = rng.random(5).tolist()
        seed = new_seed(rng)
        bend = self._bend(rng)
        screen = self._screen(rng, severity, bend)
        patterns = [self._pattern(rng) for _ in range(_PATTERNS)]
        count = 1 + int(drawn[0] * _PATTERNS)
        is_blend = drawn[1] < self.blend
        return {
            "severity": severity,
            "seed": seed,
            "bend": bend,
            "as_shot": drawn[2] < self.as_shot,
            "screen": None if is_blend else screen,
            "patterns": patterns[:count] if is_blend else [],
            "strength": between(self.strength, severity),
            "multiplied": 0.65 + 0.1 * drawn[3],
            "quality": round(between(self.quality, drawn[4])),
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Photograph the picture on a screen, or lay patterns over it."""
        clean = self.target(image, params).pixels
        focus = _focus(image, params["seed"])
        if params["screen"] is None:
            damaged = self._overlaid(clean, params, focus)
        else:
            damaged = _photographed(clean, params, focus)
        _expose(damaged, clean)
        return image.with_pixels(
            jpeg(damaged, params["quality"]), _alpha(image, params)
        )

    def target(self, image: Image, params: Params) -> Image:
        """The clean picture, seen as the damaged one is; the same one if not moved."""
        if not params["as_shot"]:
            return image
        moved = clipped(viewed(image.pixels, _bend_of(params["bend"])))
        return image.with_pixels(moved, _alpha(image, params))

    def _bend(self, rng: np.random.Generator) -> dict[str, Any]:
        tilt, angle, barrel = rng.random(3).tolist()
        leaning = turned(between(self.tilt, tilt) / 2.0, tau * angle)
        return {"tilt": list(leaning), "barrel": between(self.barrel, barrel)}

    def _screen(
        self, rng: np.random.Generator, severity: float, bend: dict[str, Any]
    ) -> dict[str, Any]:
        which, period, angle, u, v, reduced = rng.random(6).tolist()
        layout, resonance = _RESONANCES[int(which * len(_RESONANCES))]
        beat = turned(1.0 / between_log(self.period_px, period), tau * angle)
        frequency = (resonance[0] + beat[0], resonance[1] + beat[1])
        screen = Screen(layout, frequency, (u, v), _bend_of(bend))
        return {
            "layout": layout,
            "frequency": list(frequency),
            "phase": [u, v],
            "blur_px": blur_for(screen, between(self.contrast, severity)),
            "reduced_px": between(self.reduced_px, reduced),
        }

    def _pattern(self, rng: np.random.Generator) -> dict[str, Any]:
        drawn = rng.random(8).tolist()
        chosen = choose(self.assets, "moire", rng)
        if chosen is not None:
            return {"picture": chosen, "place": drawn[:2]}
        return {
            "bands": list(
                turned(1.0 / between_log(self.period_px, drawn[0]), tau * drawn[1])
            ),
            "lines": list(turned(between((0.2, 0.45), drawn[2]), tau * drawn[3])),
            "phase": drawn[4],
            "colours": [0.45 * (drawn[5] - 0.5), 0.45 * (drawn[6] - 0.5)],
            "bend": self._bend(rng),
        }

    def _overlaid(self, clean: Pixels, params: Params, focus: Field) -> Pixels:
        height, width = clean.shape[:2]
        patterns = params["patterns"]
        total = np.zeros_like(clean)
        for each in patterns:
            if "picture" in each:
                picture = load(self.assets, each["picture"])
                total += loaded(picture, height, width, tuple(each["place"]))
            else:
                total += made(_gratings_of(each), height, width)
        strength = focus * np.float32(params["strength"] / len(patterns) ** 0.5)
        return clipped(blended(clean, total, strength, params["multiplied"]))


def _photographed(clean: Pixels, params: Params, focus: Field) -> Pixels:
    """Let the sensor see the picture through the grid of the screen."""
    height, width = clean.shape[:2]
    drawn = params["screen"]
    screen = Screen(
        drawn["layout"],
        tuple(drawn["frequency"]),
        tuple(drawn["phase"]),
        _bend_of(params["bend"]),
        drawn["blur_px"],
    )
    linear = to_linear(clean)
    light = seen(screen, height, width)
    light -= np.float32(1.0)
    light *= focus
    light *= mosaic(linear)
    # Only what the grid adds goes through the sensor, halved and raised to fit [0, 1]:
    # the clean picture stays as sharp as it was, and the bands are the only damage.
    light *= np.float32(0.5)
    light += np.float32(0.5)
    bands = demosaic(light)
    bands -= np.float32(0.5)
    bands = gaussian_blurred(bands, drawn["reduced_px"])
    bands *= np.float32(2.0)
    bands += linear
    return to_srgb(bands)


def _expose(damaged: Pixels, clean: Pixels) -> None:
    """Give the picture its brightness back, which bands cut at white have taken."""
    wanted = sum(cv2.mean(clean))
    for _ in range(_EXPOSURES):  # a gain cuts off more in a picture that is all white
        found = sum(cv2.mean(damaged))
        if abs(found - wanted) <= _UNSEEN:
            break
        damaged *= np.float32(wanted / max(found, 1e-6))
        clipped(damaged)


def _focus(image: Image, seed: int) -> Field:
    """Places at another distance are less sharp, so the bands come and go."""
    rng = opened(seed, "focus")
    size = max(1, image.height // 4), max(1, image.width // 4)  # it has no detail
    soft = smooth(rng, *size, _FOCUS_CELLS)
    soft *= np.float32(0.25)
    soft += np.float32(0.8)
    np.clip(soft, *_FOCUS, out=soft)
    return resize(soft, image.height, image.width, "bilinear")


def _alpha(image: Image, params: Params) -> Pixels | None:
    if image.alpha is None or not params["as_shot"]:
        return image.alpha
    return clipped(viewed(image.alpha, _bend_of(params["bend"])))


def _bend_of(drawn: dict[str, Any]) -> Bend:
    return Bend(tuple(drawn["tilt"]), drawn["barrel"])


def _gratings_of(drawn: dict[str, Any]) -> Gratings:
    return Gratings(
        tuple(drawn["bands"]),
        tuple(drawn["lines"]),
        drawn["phase"],
        tuple(drawn["colours"]),
        _bend_of(drawn["bend"]),
    )


PLUGIN: type[Degradation] = Moire
