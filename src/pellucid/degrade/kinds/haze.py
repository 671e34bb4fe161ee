"""Haze: distant things fade into a bright veil.

Model:  hazy = clear * t + airlight * (1 - t), in linear light
        t = exp(-density * bank * (near + (1 - near) * farness ** curve))
        Bank varies over the picture, since haze drifts; clear is a little blurred
        where t is small, since light is scattered more than once.
Source: H. Koschmieder, "Theorie der horizontalen Sichtweite", 1924; S. G. Narasimhan,
        S. K. Nayar, "Vision and the Atmosphere", 2002 (airlight and its colours);
        the range of the curve is RealRestorer's, 2026.
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Interval, MinLen

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade import assets
from pellucid.degrade.depth import PRIOR, farness
from pellucid.degrade.grain import Field, clouds, new_seed, opened, smooth
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import luminance, to_linear, to_srgb
from pellucid.degrade.resample import resize, scaled
from pellucid.degrade.severity import between, between_log, draw_severity

Positive = Annotated[float, Interval(gt=0.0, le=20.0)]
Curve = Annotated[float, Interval(ge=0.2, le=5.0)]

# Red, green and blue of the veil against its brightness, and how often it is so.
_TINTS = (
    (0.35, (0.95, 1.00, 1.06)),  # clean air and mist, a little blue
    (0.65, (1.00, 1.00, 1.00)),  # fog
    (0.85, (1.05, 1.00, 0.92)),  # low sun
    (1.00, (1.08, 1.00, 0.80)),  # smog and dust
)
_PATTERNS = 3  # at most so many collected ones at once
_COARSE = 128  # longer side of the fields: haze is soft


@settings
class Haze:
    """Ranges that haze is drawn from.

    Attributes:
        density: Optical depth of the farthest point, no unit, with severity.
        curve: Power that farness is raised to, no unit: 2 keeps the middle clearer.
        near: Share of the optical depth that lies before the nearest point.
        patchiness: How much density varies, as a share of its mean.
        low: How much denser haze is at the foot of the picture than in the middle, as
            a share of the mean; negative where it hangs high.
        airlight: Brightness of the veil in linear light, against the bright parts
            of the picture.
        colour: How far the tint of the veil is from gray, 0 to 1.
        scatter: Blur of what lies behind the veil, as a share of the shorter side.
        pattern: Strength of collected patterns, 0 to 1.
        depth: ``prior``, or the folder of a depth network of transformers.
        assets: Folder with a folder ``haze`` of patterns, or empty.
    """

    density: tuple[Positive, Positive] = (0.035, 2.6)
    curve: tuple[Curve, Curve] = (1.0, 2.0)
    near: tuple[Share, Share] = (0.0, 0.25)
    patchiness: tuple[Share, Share] = (0.05, 0.45)
    low: tuple[Annotated[float, Interval(ge=-1, le=1)], Share] = (-0.1, 0.4)
    airlight: tuple[Share, Share] = (0.75, 1.0)
    colour: tuple[Share, Share] = (0.2, 1.0)
    scatter: tuple[Share, Share] = (0.002, 0.008)
    pattern: tuple[Share, Share] = (0.3, 0.8)
    depth: Annotated[str, MinLen(1)] = PRIOR
    assets: str = ""

    def __post_init__(self) -> None:
        """Refuse ranges that run backwards."""
        for name in ("curve", "near", "patchiness", "low", "airlight", "scatter"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} must rise, got [{low}, {high}].")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one veil."""
        severity = draw_severity(rng, severity)

        def drawn(span: tuple[float, float]) -> float:
            return between(span, float(rng.random()))

        density = between_log(self.density, severity) * drawn((0.85, 1.15))
        found = [assets.choose(self.assets, "haze", rng) for _ in range(_PATTERNS)]
        strengths = [drawn(self.pattern) for _ in range(_PATTERNS)]
        count = 1 + int(_PATTERNS * float(rng.random()))
        return {
            "severity": severity,
            "density": density,
            "curve": drawn(self.curve),
            "near": drawn(self.near),
            "patchiness": drawn(self.patchiness),
            "low": drawn(self.low),
            "airlight": drawn(self.airlight),
            "tint": _tint(float(rng.random()), drawn(self.colour)),
            "scatter": drawn(self.scatter),
            "patterns": [
                {**each, "strength": min(1.0, strength * density / max(self.density))}
                for each, strength in zip(found[:count], strengths, strict=False)
                if each is not None
            ],
            "depth": self.depth,
            "seed": new_seed(rng),
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Lay the veil over the picture."""
        clearness = self._clearness(image, params)
        haziness = np.float32(1.0) - clearness
        linear = to_linear(image.pixels)
        veil = _glow(image.height, image.width, params["seed"])
        veil *= haziness
        veil *= _light(linear) * np.float32(params["airlight"])
        hazy = _soft(linear, params["scatter"] * min(image.height, image.width))
        hazy -= linear
        hazy *= _merged([haziness] * 3)  # scattered more than once where it is thick
        hazy += linear
        hazy *= _merged([clearness] * 3)
        hazy += _merged([veil * np.float32(tint) for tint in params["tint"]])
        return image.with_pixels(to_srgb(hazy))

    def _clearness(self, image: Image, params: Params) -> Field:
        """Say what share of light comes through: (height, width) in [0, 1]."""
        height, width, seed = image.height, image.width, params["seed"]
        far = farness(image, params["depth"], seed)
        near = np.float32(params["near"])
        thickness = near + (np.float32(1.0) - near) * cv2.pow(far, params["curve"])
        thickness *= _banks(height, width, params)
        thickness *= np.float32(-params["density"])
        clearness = cv2.exp(thickness).reshape(height, width)
        for each in params["patterns"]:
            pattern = luminance(assets.load(self.assets, each))
            pattern = resize(pattern, height, width, "bilinear")
            # To screen a picture with a white pattern is to take this share of it.
            clearness *= np.float32(1.0) - np.float32(each["strength"]) * pattern
        return clearness.astype(np.float32, copy=False)


def _tint(place: float, strength: float) -> list[float]:
    colour = next(each for until, each in _TINTS if place <= until)
    return [1.0 + strength * (each - 1.0) for each in colour]


def _light(linear: Pixels) -> np.float32:
    """Say how bright the scene is lit: haze at night is no white wall.

    The bright parts are measured, without the lamps. A scene of dark things is lit
    better than it looks, hence the power.
    """
    shrink = min(1.0, 64 / max(linear.shape[:2]))
    small = scaled(linear, shrink, "area")
    bright = float(np.percentile(luminance(small), 95.0))
    return np.float32(max(bright, 0.002) ** 0.75)


def _glow(height: int, width: int, seed: int) -> Field:
    """Vary the veil a little and very softly: the sun stands somewhere."""
    rows, columns = _coarse(height, width)
    field = smooth(opened(seed, "glow"), rows, columns, 1.5) * np.float32(0.06)
    return resize(np.clip(field + 1.0, 0.8, 1.2), height, width, "bicubic")


def _banks(height: int, width: int, params: Params) -> Field:
    """Vary the density: banks that are wider than high, more of them low down."""
    rows, columns = _coarse(height, width)
    rng = opened(params["seed"], "banks")
    drift = clouds(rng, rows, max(1, columns // 2), 2.5)
    drift = resize(drift, rows, columns, "bicubic") * np.float32(2.0) - 1.0
    down = (np.arange(rows, dtype=np.float32) + 0.5) * np.float32(2.0 / rows) - 1.0
    low = np.float32(params["low"]) * down[:, None]
    banks = 1.0 + np.float32(params["patchiness"]) * drift + low
    return resize(np.maximum(banks, 0.05), height, width, "bicubic")


def _coarse(height: int, width: int) -> tuple[int, int]:
    shrink = min(1.0, _COARSE / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


def _soft(linear: Pixels, sigma_px: float) -> Pixels:
    """Blur on a smaller picture, which costs little. The result is a new array."""
    small = scaled(linear, 1.0 / max(1.0, sigma_px), "area")
    blurred = gaussian_blurred(small, sigma_px * small.shape[0] / linear.shape[0])
    sized = resize(blurred, linear.shape[0], linear.shape[1], "bilinear")
    return sized.copy() if sized is linear else sized


def _merged(planes: list[Field]) -> Pixels:
    """Put colours beside each other; OpenCV is several times as fast as numpy."""
    merged = cv2.merge(planes).reshape(*planes[0].shape, 3)
    return merged.astype(np.float32, copy=False)


PLUGIN: type[Degradation] = Haze
