"""Statistics of natural pictures: 36 numbers for each block of 96 x 96 pixels.

Neighbouring pixels of a photograph, less the local mean and over the local spread,
follow one family of distributions. Blur, noise and compression change its shape.

Source: A. Mittal, R. Soundararajan, A. Bovik, "Making a 'Completely Blind' Image
        Quality Analyzer", IEEE Signal Processing Letters 20(3), 2013, section II;
        N. Lasmar, Y. Stitou, Y. Berthoumieu, "Multiscale Skewed Heavy Tailed Model
        for Texture Analysis", ICIP 2009 (how a distribution is fitted).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pellucid.metrics.levels import Plane
from pellucid.metrics.windows import gaussian, moved

BLOCK_PX = 96
Features = NDArray[np.float64]  # (blocks, 36)
Values = NDArray[np.float64]  # (blocks,)

# Levels. One pixel that differs by one makes 0.001; rounding errors make 0.00001.
_FLAT = 0.0001
_WINDOW = gaussian(7, sigma=7.0 / 6.0)
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
# MATLAB's cubic, stretched by two against aliasing: what its imresize uses for 1/2.
_HALVING = (-3.0, -9.0, 29.0, 111.0, 111.0, 29.0, -9.0, -3.0)


def features(luma: Plane) -> tuple[Features, Values]:
    """Describe every whole block, from the upper left corner on.

    Args:
        luma: Whole levels, 0 to 255; at least one block.

    Returns:
        Features, 18 from the picture and 18 from half its size, NaN for a block
        without any structure; and the mean local spread of each block, in levels.
    """
    height, width = (length // BLOCK_PX * BLOCK_PX for length in luma.shape)
    plane = luma[:height, :width]
    fine, spread = _normalised(plane)
    coarse, _ = _normalised(_halved(plane))
    both = [_described(fine, BLOCK_PX), _described(coarse, BLOCK_PX // 2)]
    found, sharpness = np.concatenate(both, axis=1), _blocks(spread, BLOCK_PX)
    sharpness = sharpness.mean(axis=(1, 2))
    found[sharpness < _FLAT] = np.nan
    return found, sharpness


def _normalised(plane: Plane) -> tuple[Plane, Plane]:
    """Take the local mean away and divide by the local spread, which comes second."""
    padded = np.pad(plane, len(_WINDOW) // 2, mode="edge")
    mean = moved(padded, _WINDOW)
    spread = np.sqrt(np.abs(moved(padded * padded, _WINDOW) - mean * mean))
    return (plane - mean) / (spread + 1.0), spread


def _halved(plane: Plane) -> Plane:
    for _ in range(2):  # rows, then columns
        padded = np.pad(plane, [(3, 3), (0, 0)], mode="symmetric")
        count = plane.shape[0] // 2
        parts = (
            weight / 256.0 * padded[start : start + 2 * count : 2]
            for start, weight in enumerate(_HALVING)
        )
        plane = sum(parts, np.zeros((count, plane.shape[1]))).T
    return plane


def _blocks(plane: Plane, side: int) -> NDArray[np.float64]:
    """Cut into (blocks, side, side)."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    cut = plane.reshape(rows, side, columns, side).swapaxes(1, 2)
    return cut.reshape(rows * columns, side, side)


def _described(plane: Plane, side: int) -> Features:
    """Fit the pixels themselves, then their products with four neighbours."""
    blocks = _blocks(plane, side)
    shape, _, left, right = _fitted(blocks)
    found = [shape, 0.5 * (left + right)]
    for shift in _NEIGHBOURS:
        found += _fitted(blocks * np.roll(blocks, shift, axis=(1, 2)))
    return np.stack(found, axis=1)


def _fitted(blocks: NDArray[np.float64]) -> tuple[Values, Values, Values, Values]:
    """Fit an asymmetric generalised Gaussian: shape, mean, left and right width.

    NaN where one side is empty.
    """
    squares = np.square(blocks)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.sqrt(_mean_where(squares, blocks < 0.0))
        right = np.sqrt(_mean_where(squares, blocks > 0.0))
        ratio = left / right
        moment = np.abs(blocks).mean(axis=(1, 2)) ** 2 / squares.mean(axis=(1, 2))
        wanted: Values = (
            moment * (ratio**3 + 1.0) * (ratio + 1.0) / (ratio**2 + 1.0) ** 2
        )
    shapes, ratios, widths, means = _table()
    nearest = np.interp(np.nan_to_num(wanted), ratios, np.arange(float(len(ratios))))
    place = np.rint(nearest).astype(np.intp)
    shape = np.where(np.isfinite(wanted), shapes[place], np.nan)
    left, right = left * widths[place], right * widths[place]
    return shape, (right - left) * means[place], left, right


def _mean_where(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Values:
    return np.where(chosen, values, 0.0).sum(axis=(1, 2)) / chosen.sum(axis=(1, 2))


@lru_cache(maxsize=1)
def _table() -> tuple[Values, Values, Values, Values]:
    """Shapes from 0.2 to 10, and functions of them.

    Returns:
        The shape; its moment ratio, which rises; width over standard deviation;
        mean over the difference of the widths.
    """
    shapes = 0.2 + 0.001 * np.arange(9801, dtype=np.float64)
    one, two, three = (
        np.array([math.gamma(each / shape) for shape in shapes.tolist()])
        for each in (1.0, 2.0, 3.0)
    )
    return shapes, two**2 / (one * three), np.sqrt(one / three), two / one
