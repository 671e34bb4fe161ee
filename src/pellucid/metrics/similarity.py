"""Structural similarity of two planes.

SSIM = luminance * contrast-structure, averaged over all places of an 11 x 11 window
that lie inside the picture.

Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image Quality Assessment: From
        Error Visibility to Structural Similarity", IEEE TIP 13(4), 2004, eq. 6, 13.
"""

from __future__ import annotations

import numpy as np

from pellucid.metrics.levels import Plane
from pellucid.metrics.windows import gaussian, moved

WINDOW_PX = 11
_WEIGHTS = gaussian(WINDOW_PX, sigma=1.5)
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_ROWS = 64  # of the map at once: stays in the cache, and memory does not grow


def similarity(one: Plane, two: Plane) -> tuple[float, float]:
    """Compare two planes of 0 to 255, at least 11 x 11.

    Variances are those of the window itself (divided by its weight, not by one
    less), and the border is left out: what the authors and BasicSR compute.

    Returns:
        The mean of SSIM, and that of its contrast-structure part alone.
    """
    height, width = one.shape[0] - WINDOW_PX + 1, one.shape[1] - WINDOW_PX + 1
    whole, part = 0.0, 0.0
    for start in range(0, height, _ROWS):
        rows = np.s_[start : start + _ROWS + WINDOW_PX - 1]
        similar, structure = _maps(one[rows], two[rows])
        whole += float(similar.sum())
        part += float(structure.sum())
    return whole / (height * width), part / (height * width)


def _maps(one: Plane, two: Plane) -> tuple[Plane, Plane]:
    products = np.stack([one, two, one * one, two * two, one * two])
    mean_one, mean_two, square_one, square_two, product = moved(products, _WEIGHTS)
    both = mean_one * mean_two
    squares = mean_one * mean_one + mean_two * mean_two
    variances = square_one + square_two - squares
    structure = (2.0 * (product - both) + _C2) / (variances + _C2)
    return (2.0 * both + _C1) / (squares + _C1) * structure, structure
