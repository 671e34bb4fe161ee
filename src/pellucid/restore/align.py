"""How far a result has moved against its input, and putting it back.

Networks that paint a picture anew may move it by some pixels. Both are looked at in a
square from the middle; where their edges fit best, the cross-correlation of phases has
its peak.

Source: C. D. Kuglin, D. C. Hines, "The Phase Correlation Image Alignment Method", 1975.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from pellucid.core.image import Pixels

SIDE = 1024  # px that are looked at
FARTHEST = 24  # px; what seems to have moved farther is another picture
SLIGHT = 0.3  # px that nobody sees
CLEAR = 4.0  # times the next peak; below, the edges do not fit at all
NEAR = 3  # px around a peak that belong to it


def moved_by(before: Pixels, after: Pixels) -> tuple[float, float]:
    """Say how far a picture has moved, (down, right) in pixels.

    Args:
        before: (height, width, 3).
        after: Of the same shape.

    Returns:
        (0, 0) where it has not, or where it cannot be told.
    """
    one, two = (_edges(each) for each in (before, after))
    if min(one.shape) < 2 * NEAR + 3:
        return 0.0, 0.0
    cross = np.fft.rfft2(two) * np.conj(np.fft.rfft2(one))
    cross /= np.abs(cross) + 1e-8 * float(np.abs(cross).max() + 1e-30)
    found = np.fft.irfft2(cross, one.shape)
    row, column = (int(each) for each in np.unravel_index(found.argmax(), found.shape))
    around = np.ix_(*_ring(found.shape, row, column))
    peak, rest = float(found[row, column]), found.copy()
    rest[around] = 0.0
    if peak <= CLEAR * float(rest.max()):
        return 0.0, 0.0
    down = _middle(found[:, column], row)
    right = _middle(found[row], column)
    distance = max(abs(down), abs(right))
    return (down, right) if SLIGHT < distance <= FARTHEST else (0.0, 0.0)


def moved(pixels: Pixels, down: float, right: float) -> Pixels:
    """Move a picture; what comes in at a border is what was there."""
    height, width = pixels.shape[:2]
    edge = 2 + int(max(abs(down), abs(right)))
    padded = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    turned = (1.0, 0.0, -right, 0.0, 1.0, -down)
    planes = [
        Pillow.fromarray(np.ascontiguousarray(padded[:, :, channel])).transform(
            (width + 2 * edge, height + 2 * edge),
            Pillow.Transform.AFFINE,
            turned,
            Pillow.Resampling.BICUBIC,
        )
        for channel in range(3)
    ]
    whole = np.stack([np.asarray(plane, np.float32) for plane in planes], axis=2)
    return np.clip(whole[edge:-edge, edge:-edge], 0.0, 1.0)


def _edges(pixels: Pixels) -> NDArray[np.float64]:
    """Luminance without its slopes, fading out at the borders of the square."""
    height, width = (min(SIDE, each) for each in pixels.shape[:2])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    gray = pixels[top : top + height, left : left + width].mean(
        axis=2, dtype=np.float64
    )
    change = np.zeros_like(gray)
    change[:-1] += np.diff(gray, axis=0) ** 2
    change[:, :-1] += np.diff(gray, axis=1) ** 2
    window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[None, 1:-1]
    edges = np.sqrt(change)
    return (edges - edges.mean()) * window


def _ring(
    shape: tuple[int, ...], row: int, column: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    near = np.arange(-NEAR, NEAR + 1)
    return (row + near) % shape[0], (column + near) % shape[1]


def _middle(line: NDArray[np.float64], place: int) -> float:
    """Place of a peak between its neighbours, counted from 0 both ways."""
    before, here, behind = (
        float(line[(place + each) % len(line)]) for each in (-1, 0, 1)
    )
    curve = before - 2 * here + behind
    part = 0.5 * (before - behind) / curve if curve else 0.0
    whole = place - len(line) if place > len(line) // 2 else place
    return whole + part
