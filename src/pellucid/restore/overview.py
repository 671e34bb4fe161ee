"""A picture seen from far away: at most 32 x 32 cells, each the light of its part.

What blur, noise or blocks do is gone there; what is left is tone and colour. Cells are
at least 16 pixels wide, or all there is: half of a blurred edge is detail, not tone.
Light is taken as the square of the numbers in the file, close to the sRGB curve (its
exponent is 2.2 overall) and far cheaper; both pictures of a comparison get the same
treatment.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels

CELLS = 32
LEAST_PX = 16
ROWS = 64  # worked on at a time, so that temporaries stay small


def overview(pixels: Pixels) -> Pixels:
    """Mean light of each cell, written as in the file: (rows, columns, 3)."""
    return np.sqrt(_means(pixels, squared=True))


def anchored(pixels: Pixels, reference: Pixels) -> Pixels:
    """Give a picture the tone and colours that another has from far away.

    What differs between the means of the cells, smoothly interpolated, is added.

    Args:
        pixels: (height, width, 3), float32, in [0, 1].
        reference: Of the same shape.

    Returns:
        A new array, in [0, 1].
    """
    missing = _means(reference, squared=False) - _means(pixels, squared=False)
    height, width = pixels.shape[:2]
    left, right, to_right = _between(width, missing.shape[1])
    wide = missing[:, left] + to_right[:, None] * (missing[:, right] - missing[:, left])
    above, below, down = _between(height, missing.shape[0])
    result = np.empty(pixels.shape, np.float32)
    for top in range(0, height, ROWS):
        rows = slice(top, top + ROWS)
        first, second = wide[above[rows]], wide[below[rows]]
        first += down[rows, None, None] * (second - first)
        first += pixels[rows]
        np.clip(first, 0.0, 1.0, out=result[rows])
    return result


def _means(pixels: Pixels, *, squared: bool) -> Pixels:
    """Mean of each cell: (rows, columns, 3)."""
    height, width = pixels.shape[:2]
    rows, columns = _borders(height, height, width), _borders(width, height, width)
    result = np.empty((len(rows) - 1, len(columns) - 1, 3), np.float32)
    for number, (top, bottom) in enumerate(pairwise(rows)):
        total = np.zeros((width, 3), np.float64)
        for part in _parts(pixels[top:bottom]):
            total += (part * part if squared else part).sum(axis=0)
        sums = np.add.reduceat(total, columns[:-1], axis=0)
        areas = (bottom - top) * np.diff(columns)
        result[number] = sums / areas[:, None]
    return result


def _parts(rows: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(rows), ROWS):
        yield rows[top : top + ROWS]


def _borders(length: int, height: int, width: int) -> NDArray[np.intp]:
    """Where the cells of an axis begin, and its end; cells are about square."""
    side = max(LEAST_PX, max(height, width) / CELLS)
    count = max(1, round(length / side))
    return np.arange(count + 1) * length // count


def _between(
    length: int, cells: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each pixel: the middles of cells around it, and how far it is between."""
    place = (np.arange(length) + 0.5) * cells / length - 0.5
    place = np.clip(place, 0.0, cells - 1.0)
    first = np.minimum(place.astype(np.intp), cells - 1)
    second = np.minimum(first + 1, cells - 1)
    return first, second, (place - first).astype(np.float32)
