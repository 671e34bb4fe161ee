"""How far away things are: a guess from cues, or what a network says.

The guess is made on a thumbnail and brought to the full size along edges. Its cues:
what stands lower is nearer, below a horizon that is drawn; what is bright and pale is
farther, since air scatters; what is smooth is farther, since sky is smooth and a
background is out of focus. A soft random field is added, so that a network that
learns from many pictures cannot learn the guess itself. It is a plausible depth, not
a measured one.

Source: Q. Zhu, J. Mai, L. Shao, "A Fast Single Image Haze Removal Algorithm Using
        Color Attenuation Prior", 2015 (bright and pale is far); K. He, J. Sun,
        "Fast Guided Filter", 2015 (along edges).
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.degrade.grain import Field, opened, smooth
from pellucid.degrade.light import LUMINANCE
from pellucid.degrade.resample import resize

PRIOR = "prior"

_THUMBNAIL = 96  # longer side: enough for a skyline, small enough to cost nothing
_PERCENTILES = (2.0, 98.0)  # what counts as the nearest and the farthest


def farness(image: Image, source: str, seed: int) -> Field:
    """Say how far away every pixel is.

    Args:
        image: The picture, of any size.
        source: ``prior`` for the guess; else the folder of a depth network of
            transformers.
        seed: Chance in the guess: horizon, tilt, weights. A network has none.

    Returns:
        (height, width) in [0, 1]: 0 is near, 1 is farthest.

    Raises:
        MissingModel: If the folder holds no depth network.
        MissingDependency: If a network is asked for, and torch is not installed.
    """
    if source == PRIOR:
        return _guess(image, seed)
    from pellucid.degrade.networks import predict_depth  # only who asks needs torch

    return predict_depth(source, image.pixels)


def _guess(image: Image, seed: int) -> Field:
    height, width = image.height, image.width
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    thumbnail = resize(image.pixels, rows, columns, "area")
    gray = _gray(thumbnail)
    far = _far(thumbnail, gray, opened(seed, "depth"))
    slope, offset = _guided(gray, far, max(1, round(0.05 * max(rows, columns))), 0.02)
    low, high = np.percentile(gray * slope + offset, _PERCENTILES).astype(np.float32)
    stretch = np.float32(1.0) / max(high - low, np.float32(1e-3))
    slope, offset = slope * stretch, (offset - low) * stretch
    result = _gray(image.pixels)
    result *= resize(slope, height, width, "bicubic")
    result += resize(offset, height, width, "bicubic")
    return np.clip(result, 0.0, 1.0, out=result)


def _far(thumbnail: Field, gray: Field, rng: np.random.Generator) -> Field:
    """Weigh the cues; any scale, larger is farther."""
    horizon, tilt, by_air, by_detail, by_chance = rng.random(5).tolist()
    rows, columns = gray.shape
    across = (np.arange(columns, dtype=np.float32) + 0.5) / columns - 0.5
    down = (np.arange(rows, dtype=np.float32) + 0.5) / rows
    line = 0.2 + 0.3 * horizon + 0.3 * (tilt - 0.5) * across
    ground = (down[:, None] - line[None, :]).astype(np.float32)
    # Above the horizon height still tells a little: towers are nearer than the sky.
    low, high = np.maximum(ground, 0.0), np.minimum(ground, 0.0)
    reach = max(1, round(0.05 * max(rows, columns)))
    air = _stretched(_pale(thumbnail, reach)) - 0.5
    plain = 0.5 - _stretched(_detail(gray, reach))
    far = np.float32(-1.3) * np.sqrt(low) - np.float32(0.15) * high
    far += np.float32(0.35 + 0.3 * by_air) * air
    far += np.float32(0.15 + 0.25 * by_detail) * plain
    far += np.float32(0.06 + 0.09 * by_chance) * smooth(rng, rows, columns, 3.0)
    return far


def _pale(thumbnail: Field, reach: int) -> Field:
    """How bright and how pale, by Zhu et al., eq. 8; lamps and glints do not count."""
    most, least = thumbnail.max(axis=2), thumbnail.min(axis=2)
    saturation = (most - least) / np.maximum(most, np.float32(1e-3))
    # A dark saturated pixel is only dark: saturation counts as much as it is lit.
    pale = np.float32(0.96) * most - np.float32(0.78) * saturation * most
    around = np.ones((2 * (reach // 2) + 1,) * 2, dtype=np.uint8)
    return _box(_field(cv2.erode(pale, around), pale.shape), reach)


def _detail(gray: Field, reach: int) -> Field:
    """How much the brightness varies nearby, against how bright it is."""
    mean = _box(gray, reach)
    variance = _box(gray * gray, reach) - mean * mean
    spread: Field = np.sqrt(np.maximum(variance, 0.0))
    spread /= mean + np.float32(0.1)
    return spread


def _stretched(cue: Field) -> Field:
    """Spread to [0, 1], but do not make much of a cue that hardly varies."""
    low, high = np.percentile(cue, (5.0, 95.0)).tolist()
    spread = (cue - np.float32(low)) * np.float32(1.0 / max(high - low, 0.15))
    return np.clip(spread, 0.0, 1.0)


def _guided(
    guide: Field, values: Field, radius: int, smoothness: float
) -> tuple[Field, Field]:
    """Fit ``values`` by ``slope * guide + offset`` everywhere (He, Sun, eq. 3 to 5)."""
    mean, value = _box(guide, radius), _box(values, radius)
    variance = _box(guide * guide, radius) - mean * mean
    covariance = _box(guide * values, radius) - mean * value
    slope = covariance / (np.maximum(variance, 0.0) + np.float32(smoothness))
    offset = value - slope * mean
    return _box(slope, radius), _box(offset, radius)


def _gray(pixels: Field) -> Field:
    return _field(cv2.transform(pixels, LUMINANCE.reshape(1, 3)), pixels.shape[:2])


def _box(plane: NDArray[np.floating], radius: int) -> Field:
    sides = (2 * radius + 1, 2 * radius + 1)
    # Unlike REFLECT_101, this border also works for a single row.
    blurred = cv2.boxFilter(plane, -1, sides, borderType=cv2.BORDER_REFLECT)
    return _field(blurred, plane.shape)


def _field(result: MatLike, shape: tuple[int, ...]) -> Field:
    """OpenCV drops axes and types; give them back."""
    return result.reshape(shape).astype(np.float32, copy=False)
