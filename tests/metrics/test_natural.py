from __future__ import annotations

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph
from scipy.ndimage import gaussian_filter
from scipy.special import gamma

from pellucid.metrics.levels import levels, studio_luma
from pellucid.metrics.natural import features


def luma(side: int) -> np.ndarray:
    return np.rint(studio_luma(levels(photograph(PHOTOGRAPHS[0], side))))


def test_every_whole_block_has_36_features():
    found, sharpness = features(luma(300))
    assert found.shape == (9, 36)
    assert sharpness.shape == (9,)
    assert np.isfinite(found).all()


def test_noise_of_a_bell_curve_has_shape_two():
    noise = np.random.default_rng(1).normal(128, 20, (480, 480))
    found, _ = features(noise)
    assert found[:, 0].mean() > 2.0  # dividing by the local spread cuts the tails
    assert found[:, 3] == pytest.approx(np.zeros(len(found)), abs=0.2)


def test_an_asymmetric_distribution_is_fitted_as_in_the_paper():
    """One block by the formulas of Lasmar et al., with scipy's gamma function."""
    plane = luma(96)
    found, _ = features(plane)
    window = np.exp(-0.5 * (np.arange(-3, 4) / (7 / 6)) ** 2)
    window = np.outer(window, window) / window.sum() ** 2
    padded = np.pad(plane, 3, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (7, 7))
    mean = (views * window).sum(axis=(2, 3))
    spread = np.sqrt(np.abs((views**2 * window).sum(axis=(2, 3)) - mean**2))
    block = (plane - mean) / (spread + 1)
    block = block * np.roll(block, (1, -1), axis=(0, 1))  # the last neighbour
    left = np.sqrt(np.mean(block[block < 0] ** 2))
    right = np.sqrt(np.mean(block[block > 0] ** 2))
    g = left / right
    moment = np.mean(np.abs(block)) ** 2 / np.mean(block**2)
    wanted = moment * (g**3 + 1) * (g + 1) / (g**2 + 1) ** 2
    shapes = np.arange(0.2, 10.001, 0.001)
    ratios = gamma(2 / shapes) ** 2 / (gamma(1 / shapes) * gamma(3 / shapes))
    shape = shapes[np.argmin((ratios - wanted) ** 2)]
    widths = np.array([left, right]) * np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    center = (widths[1] - widths[0]) * gamma(2 / shape) / gamma(1 / shape)
    np.testing.assert_allclose(found[0, 14:18], [shape, center, *widths], rtol=1e-9)


def test_half_the_size_is_made_as_matlab_does():
    """Its weights are those of the cubic, at distances of 0.25, 0.75, 1.25, 1.75."""
    distance = np.abs(np.arange(-3.5, 4.0) / 2)
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance <= 1, near, far)
    from pellucid.metrics.natural import _HALVING

    np.testing.assert_allclose(
        np.array(_HALVING) / 256, weights / weights.sum(), atol=1e-12
    )


def test_blur_lowers_the_sharpness():
    plane = luma(192)
    soft = features(gaussian_filter(plane, 2.0))[1]
    assert (soft < features(plane)[1]).all()


def test_a_block_without_structure_has_no_features():
    plane = luma(192)
    plane[:100, :100] = 77.0
    found, _ = features(plane)
    assert np.isfinite(found).all(axis=1).tolist() == [False, True, True, True]
