"""Reflection: a photograph through a pane shows what stands before the pane, too.

Model:  seen = through * (1 - s * absorption) + s * pane * fall * reflected  in linear
        light, cut where the sensor is full. `pane` is Fresnel's reflectance at the
        angle of each pixel, and `reflected` the second scene: sharp, out of focus, or
        twice, once from each surface of the glass.
        s = strength / (1 + (strength / most)^4)^(1/4), where at `most` the gradients
        of the reflection reach a share of those of the picture in half of its places.
Source: Y. Shih et al., "Reflection Removal using Ghosting Cues", CVPR 2015; R. Wan et
        al., "Benchmarking Single-Image Reflection Removal Algorithms", ICCV 2017;
        S. Kim et al., "Single Image Reflection Removal with Physically-Based Training
        Images", CVPR 2020; X. Zhang et al., "Single Image Reflection Separation with
        Perceptual Losses", CVPR 2018 (soft reflections, their falling off).
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.settings import settings
from pellucid.degrade import assets
from pellucid.degrade.aperture import disc
from pellucid.degrade.glass import reflected
from pellucid.degrade.grain import Field, new_seed
from pellucid.degrade.kernels import filtered, gaussian_blurred
from pellucid.degrade.light import luminance, to_linear, to_srgb
from pellucid.degrade.resample import resize
from pellucid.degrade.scenes import scene
from pellucid.degrade.severity import Range, between, between_log, draw_severity

Share = Annotated[float, Interval(ge=0.0, le=1.0)]
Bright = Annotated[float, Interval(ge=0.001, le=100.0)]
Length = Annotated[float, Interval(ge=0.0001, le=0.5)]
Tilt = Annotated[float, Interval(ge=0.0, le=85.0)]

_OUTLINES = 0.004  # least blur of a drawn scene, whose things are outlines
_SHARP = 1024  # rows of a reflection of a photograph that is in focus
_DRAWN = 256  # rows of one that is drawn: it has no more detail
_SOFT = 96  # the fewest rows of one that is out of focus
_DARKEST = 0.03  # mean light that a reflection is measured by, at least
_COMPARED = 96  # rows at which gradients are compared
_FLAT = 0.02  # gradient, as a share of the mean light, that hides nothing


@settings
class Reflection:
    """Ranges that a reflection is drawn from.

    Lengths are shares of the shorter side of the picture.

    Attributes:
        strength: Light of the reflection (root of the mean square), as a share of the
            mean light of the picture.
        absorption: Light that the pane takes from the picture, as a share of what it
            adds: a pane that reflects more lets less through.
        focused: Share of reflections that are as sharp as the picture.
        ghosted: Share that is seen twice; the rest is out of focus.
        blur: Spread (standard deviation) of what is out of focus.
        ghost: Way between both images in a pane.
        tilt_deg: Of the pane against the camera.
        polarisation: Of the reflected light; see `glass.reflectance`.
        vignette: How fast the reflection fades from its brightest place.
        partial: Share of reflections that end within the picture.
        dominance: Gradient of the reflection against that of the picture in half of
            its places, at most.
        own: Share of second scenes that are the picture itself, turned and enlarged;
            the rest is drawn. Neither happens where there are assets.
        assets: Folder with a folder ``reflection`` of pictures; empty for none.
    """

    strength: tuple[Bright, Bright] = (0.035, 0.9)
    absorption: tuple[Share, Share] = (0.0, 0.3)
    focused: Share = 0.25
    ghosted: Share = 0.3
    blur: tuple[Length, Length] = (0.004, 0.04)
    ghost: tuple[Length, Length] = (0.008, 0.06)
    tilt_deg: tuple[Tilt, Tilt] = (0.0, 65.0)
    polarisation: tuple[float, float] = (-0.3, 0.5)
    vignette: tuple[Share, Share] = (0.0, 0.9)
    partial: Share = 0.3
    dominance: Bright = 1.0
    own: Share = 0.4
    assets: str = ""

    def __post_init__(self) -> None:
        if self.focused + self.ghosted > 1.0:
            both = f"{self.focused} and {self.ghosted}"
            raise ValueError(f"focused and ghosted must sum to 1 at most, got {both}.")
        low, high = self.polarisation
        if not -1.0 <= low <= high <= 1.0:
            raise ValueError(f"polarisation must rise in [-1, 1], got [{low}, {high}].")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one pane, and what is before it."""
        severity = draw_severity(rng, severity)
        picture = assets.choose(self.assets, "reflection", rng)
        is_own, how = rng.random() < self.own, float(rng.random())
        source = "assets" if picture else "own" if is_own else "scene"
        is_sharp, is_twice = how < self.focused, how < self.focused + self.ghosted
        spread = between_log(self.blur, float(rng.random()))
        shrink = 0.0 if is_sharp else 0.15 if is_twice else 1.0
        return {
            "severity": severity,
            "strength": between_log(self.strength, severity) * _drawn(rng, (0.8, 1.25)),
            "absorption": _drawn(rng, self.absorption),
            "source": source,
            "picture": picture,
            "scene": new_seed(rng),
            "view": _view(rng),
            "grade": _grade(rng),
            "focus": "focused" if is_sharp else "ghosted" if is_twice else "defocused",
            "blur": max(spread * shrink, 0.0 if picture or is_own else _OUTLINES),
            "is_disc": bool(rng.random() < 0.5),
            "ghost": between_log(self.ghost, float(rng.random())),
            "ghost_deg": _drawn(rng, (0.0, 360.0)),
            "ghost_share": _drawn(rng, (0.5, 1.0)),
            "tilt_deg": _drawn(rng, self.tilt_deg),
            "azimuth_deg": _drawn(rng, (0.0, 360.0)),
            "field_deg": _drawn(rng, (30.0, 60.0)),
            "polarisation": _drawn(rng, self.polarisation),
            "vignette": _drawn(rng, self.vignette),
            "middle": [_drawn(rng, (0.1, 0.9)), _drawn(rng, (0.1, 0.9))],
            "edge": _edge(rng, self.partial),
            "dominance": self.dominance,
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Put the pane before the picture."""
        through = to_linear(image.pixels)
        small = _small(through)
        layer = self._layer(through, params)
        layer *= np.float32(_mean_light(small) / max(_root_mean_square(layer), 1e-6))
        strength = _kept(params["strength"], params["dominance"], small, layer)
        is_larger = layer.shape[0] > image.height or layer.shape[1] > image.width
        mode = "area" if is_larger else "bilinear"
        added = resize(layer, image.height, image.width, mode)
        clear = max(0.0, 1.0 - strength * params["absorption"])
        seen = cv2.addWeighted(through, clear, added, strength, 0.0)
        linear = seen.reshape(through.shape).astype(np.float32, copy=False)
        return image.with_pixels(to_srgb(linear))

    def _layer(self, through: Pixels, params: Params) -> Field:
        """Make what the pane adds, small, and as bright as it happens to be."""
        height, width = _canvas(through.shape[0], through.shape[1], params)
        if params["source"] == "scene":
            light = scene(params["scene"], height, width)
        elif params["source"] == "own":
            light = _graded(_viewed(through, height, width, params), params)
        else:
            picture = to_linear(assets.load(self.assets, params["picture"]))
            light = _graded(_viewed(picture, height, width, params), params)
        return reflected(_blurred(light, params), params)


def _view(rng: np.random.Generator) -> Params:
    """Draw which part of a photograph is reflected, and which way up."""
    return {
        "enlarged": _drawn(rng, (1.2, 2.4)),
        "x": _drawn(rng, (0.0, 1.0)),
        "y": _drawn(rng, (0.0, 1.0)),
        "is_mirrored": bool(rng.random() < 0.7),
        "is_upside_down": bool(rng.random() < 0.3),
    }


def _grade(rng: np.random.Generator) -> Params:
    """Draw under which light a photograph is reflected."""
    warmth = _drawn(rng, (-0.35, 0.35))
    return {
        "red": 1.0 + warmth,
        "green": _drawn(rng, (0.92, 1.05)),
        "blue": 1.0 - warmth,
        "contrast": _drawn(rng, (0.9, 1.7)),
        "highlights": _drawn(rng, (0.0, 3.0)),
    }


def _edge(rng: np.random.Generator, partial: float) -> Params:
    """Draw a straight, soft end of the reflection, or one that is out of sight."""
    is_seen = bool(rng.random() < partial)
    return {
        "is_seen": is_seen,
        "turn_deg": _drawn(rng, (0.0, 360.0)),
        "offset": _drawn(rng, (-0.3, 0.3)),
        "softness": between_log((0.01, 0.3), float(rng.random())),
    }


def _drawn(rng: np.random.Generator, span: Range) -> float:
    return between(span, float(rng.random()))


def _canvas(height: int, width: int, params: Params) -> tuple[int, int]:
    """Choose a size that holds what the reflection shows and no more."""
    short, most = min(height, width), _DRAWN
    if params["source"] != "scene":
        zoom = params["view"]["enlarged"] if params["source"] == "own" else 1.0
        most = min(_SHARP, max(short / zoom, _SOFT))
    wanted = max(_SOFT, 2.5 / params["blur"]) if params["blur"] > 0.0 else most
    scale = min(most, wanted) / short
    longest = round(4.0 * scale * short)  # a line of pixels needs no more
    sides = round(height * scale), round(width * scale)
    return min(sides[0], longest), min(sides[1], longest)


def _viewed(light: Pixels, height: int, width: int, params: Params) -> Field:
    """Cut the view out of a photograph, at the size of the canvas."""
    view = params["view"]
    rows, columns = light.shape[:2]
    share = min(rows / height, columns / width) / view["enlarged"]
    tall, wide = max(1, int(height * share)), max(1, int(width * share))
    top, left = int((rows - tall) * view["y"]), int((columns - wide) * view["x"])
    part = light[top : top + tall, left : left + wide]
    mode = "area" if tall > height else "bilinear"
    sized = resize(np.ascontiguousarray(part), height, width, mode)
    step_x = -1 if view["is_mirrored"] else 1
    step_y = -1 if view["is_upside_down"] else 1
    return np.ascontiguousarray(sized[::step_y, ::step_x])


def _graded(light: Field, params: Params) -> Field:
    """Give a photograph other light, and back what its sensor has cut."""
    grade = params["grade"]
    bright = cv2.pow(light, grade["contrast"]).reshape(light.shape)
    lamps = cv2.multiply(bright, bright, scale=grade["highlights"])
    lamps = cv2.multiply(lamps, bright).reshape(light.shape)
    colours = np.diag((grade["red"], grade["green"], grade["blue"]))
    graded = cv2.transform(bright + lamps, colours.astype(np.float32))
    return graded.astype(np.float32, copy=False)


def _blurred(light: Field, params: Params) -> Field:
    sigma = params["blur"] * min(light.shape[:2])
    if sigma < 0.3 or not params["is_disc"]:
        return gaussian_blurred(light, sigma)
    return filtered(light, disc(2.0 * sigma, 0.1))  # as wide as the Gaussian


def _kept(strength: float, dominance: float, through: Field, layer: Field) -> float:
    """Hold the strength where the picture still stands out against the reflection.

    Both are compared at the same places, where the curve of the file has one slope;
    so it makes no difference that this is done in linear light. The limit is a soft
    one, and a stronger reflection stays a stronger one.
    """
    visible = _gradients(through) + np.float32(_FLAT * _mean_light(through))
    beside = resize(layer, through.shape[0], through.shape[1], "area")
    half = float(np.median(_gradients(beside) / visible))
    return strength / (1.0 + (strength * half / dominance) ** 4) ** 0.25


def _small(light: Pixels) -> Field:
    """Shrink to where gradients are compared."""
    height, width = light.shape[:2]
    scale = min(1.0, _COMPARED / min(height, width))
    rows, columns = max(1, int(height * scale)), max(1, int(width * scale))
    return resize(light, min(rows, 4 * _COMPARED), min(columns, 4 * _COMPARED), "area")


def _gradients(light: Field) -> Field:
    """Mean size of the gradient around each place."""
    gray = luminance(light)
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=0.125)
    around = cv2.blur(cv2.magnitude(across, down), (7, 7))
    return around.reshape(gray.shape).astype(np.float32, copy=False)


def _mean_light(light: Field) -> float:
    return max(float(luminance(light).mean()), _DARKEST)


def _root_mean_square(light: Field) -> float:
    """Measure by the peaks, too: a few lamps hardly count in the mean."""
    gray = luminance(light)
    return float(cv2.norm(gray)) / float(np.sqrt(gray.size))


PLUGIN: type[Degradation] = Reflection
