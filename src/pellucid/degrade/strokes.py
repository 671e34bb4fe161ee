"""Lines, specks and torn places, drawn so that more of them never means less.

Every stroke has a cover, and the faint ones are drawn first: what is drawn later
covers more, so a picture with a stroke more is covered at least as much everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import cv2
import numpy as np
from numpy.typing import NDArray

Cover = NDArray[np.uint8]
Points = NDArray[np.float32]

_FRACTION_BITS = 4
_FAINTEST = 4  # of 255
_THINNEST = 0.3  # what is thinner than a pixel is drawn fainter, down to this


@dataclass(frozen=True, eq=False)
class Stroke:
    """One thing that is drawn.

    Attributes:
        points: (count, 2), x and y in px, along a line or around an area.
        cover: How much it hides, in [0, 1].
        width_px: Of the line, or of an area that may be small.
        is_area: The points go around an area that is filled.
    """

    points: Points
    cover: float
    width_px: float = inf
    is_area: bool = False


def drawn(strokes: Iterable[Stroke], height: int, width: int) -> Cover:
    """Draw strokes, antialiased.

    Returns:
        (height, width), 255 is fully covered.
    """
    plane = np.zeros((height, width), dtype=np.uint8)
    graded = [(_level(stroke), stroke) for stroke in strokes]
    for level, stroke in sorted(graded, key=lambda pair: pair[0]):
        if level >= _FAINTEST:
            _draw(plane, stroke, level)
    return plane


def walk(
    start: Points, heading: float, steps: NDArray[np.float32], stride: float
) -> Points:
    """Walk with a heading that changes at every step.

    Args:
        start: (2,), x and y.
        heading: First direction, in radians.
        steps: (count,), change of the direction at every step, in radians.
        stride: Length of a step.

    Returns:
        (count + 1, 2).
    """
    angles = np.float32(heading) + np.cumsum(steps, dtype=np.float32)
    moves = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.float32(stride)
    return np.concatenate([start[None], start + np.cumsum(moves, axis=0)])


def _level(stroke: Stroke) -> int:
    # Antialiasing adds half a pixel on every side of an area.
    width_px = stroke.width_px / (3.0 if stroke.is_area else 1.0)
    thinness = min(1.0, max(width_px, _THINNEST))
    return round(255.0 * min(1.0, max(0.0, stroke.cover)) * thinness)


def _draw(plane: Cover, stroke: Stroke, level: int) -> None:
    scale = 1 << _FRACTION_BITS
    points = np.rint(stroke.points * np.float32(scale)).astype(np.int32)
    if stroke.is_area:
        cv2.fillPoly(plane, [points], (level,), cv2.LINE_AA, _FRACTION_BITS)
    else:
        thickness = max(1, round(stroke.width_px))
        cv2.polylines(
            plane, [points], False, (level,), thickness, cv2.LINE_AA, _FRACTION_BITS
        )
