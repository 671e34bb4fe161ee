"""CIE L*a*b* from sRGB, and how far apart two colours look.

Source: IEC 61966-2-1, 1999 (the curve and the primaries); CIE 15, 2004 (L*a*b*,
        white D65); G. Sharma, W. Wu, E. Dalal, "The CIEDE2000 Color-Difference
        Formula: Implementation Notes, Supplementary Test Data, and Mathematical
        Observations", Color Research and Application 30(1), 2005, eq. 2 to 22.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels

Colours = NDArray[np.float64]  # (..., 3)
Values = NDArray[np.float64]  # (...)

_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _XYZ.sum(axis=1)  # so that equal channels are exactly gray
_KNEE = 6.0 / 29.0
_POWER = 25.0**7


def linear(pixels: Pixels) -> Colours:
    """Undo the curve of sRGB: amounts of light, which may be averaged."""
    values = pixels.astype(np.float64)
    return np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )


def lab(light: Colours) -> Colours:
    """Turn linear sRGB in [0, 1] into L* in [0, 100], a* and b*."""
    ratio: Colours = light @ _XYZ.T / _WHITE
    flat: Colours = ratio / (3.0 * _KNEE**2) + 4.0 / 29.0
    bent: Colours = np.where(ratio > _KNEE**3, ratio ** (1.0 / 3.0), flat)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-1)


def difference(one: Colours, two: Colours) -> Values:
    """Compute CIEDE2000 of L*a*b* colours, all weights 1; about 1 can just be seen."""
    chroma_one, chroma_two = (np.hypot(c[..., 1], c[..., 2]) for c in (one, two))
    mean7 = (0.5 * (chroma_one + chroma_two)) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean7 / (mean7 + _POWER))
    c1, h1 = _polar(one, stretch)
    c2, h2 = _polar(two, stretch)
    is_gray = c1 * c2 == 0.0
    turn = np.where(is_gray, 0.0, (h2 - h1 + 180.0) % 360.0 - 180.0)
    hue = _middle(h1, h2, is_gray)
    light, chroma = 0.5 * (one[..., 0] + two[..., 0]), 0.5 * (c1 + c2)
    spread = np.square(light - 50.0)
    d_light = (two[..., 0] - one[..., 0]) / (
        1.0 + 0.015 * spread / np.sqrt(20.0 + spread)
    )
    d_chroma = (c2 - c1) / (1.0 + 0.045 * chroma)
    d_hue = 2.0 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2.0)
    d_hue /= 1.0 + 0.015 * chroma * _hue_weight(hue)
    turned = _rotation(chroma, hue) * d_chroma * d_hue
    return np.sqrt(np.maximum(0.0, d_light**2 + d_chroma**2 + d_hue**2 + turned))


def _polar(colours: Colours, stretch: Values) -> tuple[Values, Values]:
    """Chroma and hue in degrees, [0, 360), with a* stretched near gray."""
    a, b = stretch * colours[..., 1], colours[..., 2]
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360.0


def _middle(h1: Values, h2: Values, is_gray: NDArray[np.bool_]) -> Values:
    """Mean hue on the shorter way round; the sum where one colour has no hue."""
    total = h1 + h2
    far = np.abs(h1 - h2) > 180.0
    round_the_back = np.where(total < 360.0, total + 360.0, total - 360.0)
    middle = 0.5 * np.where(far, round_the_back, total)
    return np.where(is_gray, total, middle)


def _hue_weight(hue: Values) -> Values:
    angle = np.radians(hue)
    return (
        1.0
        - 0.17 * np.cos(angle - np.radians(30.0))
        + 0.24 * np.cos(2.0 * angle)
        + 0.32 * np.cos(3.0 * angle + np.radians(6.0))
        - 0.20 * np.cos(4.0 * angle - np.radians(63.0))
    )


def _rotation(chroma: Values, hue: Values) -> Values:
    """Blue differs: there, a change of chroma looks like one of hue."""
    angle = np.radians(60.0 * np.exp(-np.square((hue - 275.0) / 25.0)))
    chroma7 = chroma**7
    return -2.0 * np.sqrt(chroma7 / (chroma7 + _POWER)) * np.sin(angle)
