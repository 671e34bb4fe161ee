"""Gaussian windows, moved over a plane without scipy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float64]  # (..., height, width)


def gaussian(length: int, sigma: float) -> tuple[float, ...]:
    """Sample a Gaussian at whole distances; the sum is 1.

    Args:
        length: How many samples, an odd number.
        sigma: Standard deviation in pixels.
    """
    distance = np.arange(length) - length // 2
    weights = np.exp(-0.5 * np.square(distance / sigma))
    return tuple(float(each) for each in weights / weights.sum())


def moved(planes: Planes, weights: tuple[float, ...]) -> Planes:
    """Average under a window that is the product of two equal ones.

    Returns:
        Where the whole window lies inside: (..., height - n + 1, width - n + 1).
    """
    height = planes.shape[-2] - len(weights) + 1
    width = planes.shape[-1] - len(weights) + 1
    tall = np.zeros((*planes.shape[:-2], height, planes.shape[-1]))
    for start, weight in enumerate(weights):
        tall += weight * planes[..., start : start + height, :]
    result = np.zeros((*planes.shape[:-2], height, width))
    for start, weight in enumerate(weights):
        result += weight * tall[..., start : start + width]
    return result
