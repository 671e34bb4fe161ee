"""Halftone: a printing press has no gray, only dots that grow and touch.

Model:  a place is bare paper where the tone is above a threshold t in [0, 1] that
        repeats with the screen: t = F((cos u + cos v) / 2), F the distribution of
        what stands in the brackets. So t is even in [0, 1], and the share of paper,
        which is the mean light, is the tone.
Source: A. Murray, "Monochrome Reproduction in Photoengraving", Journal of the Franklin
        Institute, 1936 (light is the share of paper); R. Ulichney, "Digital
        Halftoning", 1987 (rotated clustered dots, and their angles).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, radians, sin

import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field
from pellucid.degrade.light import luminance

ANGLES_DEG = (15.0, 75.0, 0.0)  # of cyan, magenta, yellow: they clash least
BLACK_DEG = 45.0  # one ink alone: where the eye sees dots least

_ENTRIES = 4096
_SOFT = 0.35  # how far ink runs: the width of the border of a dot, as a share of tone


def halftoned(linear: Pixels, period_px: float, turn_deg: float, inks: int) -> Pixels:
    """Print a picture in dots, keeping the light of each place.

    Args:
        linear: (height, width, 3), linear light in [0, 1].
        period_px: From dot to dot.
        turn_deg: Added to the usual angles.
        inks: 1 prints the luminance in black alone; 3 a screen per channel.
    """
    if inks == 1:
        one = screened(luminance(linear), period_px, BLACK_DEG + turn_deg)
        return np.repeat(one[:, :, None], 3, axis=2)
    planes = [
        screened(linear[:, :, channel], period_px, angle + turn_deg)
        for channel, angle in enumerate(ANGLES_DEG)
    ]
    return np.stack(planes, axis=2)


def screened(tone: Field, period_px: float, angle_deg: float) -> Field:
    """Turn the light of one ink into dots.

    Args:
        tone: (height, width) in [0, 1], linear.
        period_px: From dot to dot.
        angle_deg: Of the rows of dots.
    """
    height, width = tone.shape
    limit = thresholds(height, width, period_px, angle_deg)
    # A border narrower near paper and ink alone: so the mean is the tone everywhere.
    border = np.minimum(np.minimum(tone, np.float32(1.0) - tone) * 2, np.float32(_SOFT))
    np.maximum(border, np.float32(1e-3), out=border)
    dots = tone - limit
    dots /= border
    dots += np.float32(0.5)
    return np.clip(dots, 0.0, 1.0, out=dots)


def thresholds(height: int, width: int, period_px: float, angle_deg: float) -> Field:
    """Tone at which each place turns from paper to ink, even in [0, 1]."""
    turn, pitch = radians(angle_deg), 2.0 * pi / period_px
    x = np.arange(width, dtype=np.float32)[None]
    y = np.arange(height, dtype=np.float32)[:, None]
    along = np.float32(pitch * cos(turn)) * x + np.float32(pitch * sin(turn)) * y
    across = np.float32(-pitch * sin(turn)) * x + np.float32(pitch * cos(turn)) * y
    spot = np.cos(along, out=along)
    spot += np.cos(across, out=across)
    spot += np.float32(2.0)
    spot *= np.float32((_ENTRIES - 1) / 4.0)
    return np.take(_distribution(), spot.astype(np.int32), mode="clip")


@lru_cache(maxsize=1)
def _distribution() -> Field:
    angles = (np.arange(1024) + 0.5) * (pi / 1024)
    spots = (np.cos(angles)[:, None] + np.cos(angles)[None]).ravel()
    edges = np.linspace(-2.0, 2.0, _ENTRIES)
    ranks = np.searchsorted(np.sort(spots), edges) / spots.size
    # A little inside, so that pure paper and pure ink have no dot.
    return (0.001 + 0.998 * ranks).astype(np.float32)
