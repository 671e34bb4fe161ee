import math

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph
from scipy.ndimage import correlate
from scipy.special import j0

from pellucid.core.seeds import stream
from pellucid.degrade.kernels import (
    Kernel,
    circular_lowpass,
    filtered,
    filtered_nearly,
    gaussian,
    gaussian_blurred,
    generalized_gaussian,
    plateau,
)

SIZES = (7, 13, 21)
SIGMA, ANGLE = (2.6, 0.9), 0.7

KERNELS = [
    gaussian(21, (3.0, 3.0)),
    gaussian(21, (3.0, 0.4), 0.6),
    gaussian(7, (0.2, 0.2)),
    generalized_gaussian(15, (2.0, 1.0), -1.0, 3.5),
    plateau(21, (3.0, 1.0), 0.3, 1.0),
    circular_lowpass(21, math.pi / 5),
    circular_lowpass(7, math.pi),
]


def by_hand(size: int, profile) -> np.ndarray:
    """Evaluate a profile of x^T S^-1 x pixel by pixel, with S = R diag(s^2) R^T."""
    turn = np.array(
        [[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]]
    )
    inverse = np.linalg.inv(turn @ np.diag(np.square(SIGMA)) @ turn.T)
    values = np.zeros((size, size))
    for row in range(size):
        for column in range(size):
            at = np.array([column - size // 2, row - size // 2])
            values[row, column] = profile(at @ inverse @ at)
    return values / values.sum()


@pytest.mark.parametrize("size", SIZES)
def test_families_are_their_formulas(size: int):
    bell = by_hand(size, lambda d: math.exp(-0.5 * d))
    np.testing.assert_allclose(gaussian(size, SIGMA, ANGLE), bell, atol=1e-7)
    for beta in (0.5, 1.0, 4.0):
        expected = by_hand(size, lambda d, beta=beta: math.exp(-0.5 * d**beta))
        found = generalized_gaussian(size, SIGMA, ANGLE, beta)
        np.testing.assert_allclose(found, expected, atol=1e-7)
    for beta in (1.0, 2.0):
        expected = by_hand(size, lambda d, beta=beta: 1.0 / (1.0 + d**beta))
        np.testing.assert_allclose(
            plateau(size, SIGMA, ANGLE, beta), expected, atol=1e-7
        )


@pytest.mark.parametrize("cutoff", [math.pi / 5, math.pi / 3, math.pi])
def test_the_low_pass_is_the_transform_of_a_disk(cutoff: float):
    # The inverse Hankel transform of a disk, as an integral over its frequencies.
    axis = np.arange(13) - 6
    radius = np.hypot(axis[:, None], axis[None, :])
    edges = np.linspace(0.0, cutoff, 4001)
    middle = (edges[1:] + edges[:-1]) / 2
    waves = j0(radius[..., None] * middle) * middle
    expected = waves.sum(axis=-1) * (edges[1] - edges[0]) / (2 * math.pi)
    expected /= expected.sum()
    np.testing.assert_allclose(circular_lowpass(13, cutoff), expected, atol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_have_mass_one_and_a_middle_that_is_their_center(kernel: Kernel):
    assert kernel.dtype == np.float32
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-7)


def test_the_angle_turns_from_right_towards_down():
    long = gaussian(21, (4.0, 0.8), math.pi / 4)
    assert long[10 + 4, 10 + 4] > 100 * long[10 - 4, 10 + 4]


def test_a_small_low_pass_rings_and_a_gaussian_does_not():
    assert circular_lowpass(21, math.pi / 3).min() < 0.0
    assert gaussian(21, (3.0, 3.0)).min() >= 0.0


@pytest.mark.parametrize("side", [24, 25])
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_quick_way_is_convolution_within_half_a_level(kernel: Kernel, side: int):
    pixels = photograph(PHOTOGRAPHS[4], side).pixels
    expected = np.stack(
        [
            correlate(pixels[..., c].astype(float), kernel[::-1, ::-1], mode="mirror")
            for c in range(3)
        ],
        axis=-1,
    )
    np.testing.assert_allclose(filtered(pixels, kernel), expected, atol=2e-5)
    error = np.abs(filtered_nearly(pixels, kernel) - expected)
    assert error.max() < 0.5 / 255


def test_the_quick_way_also_turns_kernels_around():
    lopsided = np.zeros((7, 7), dtype=np.float32)
    lopsided[1, 2], lopsided[5, 6] = 0.75, 0.25
    spot = np.zeros((15, 15), dtype=np.float32)
    spot[7, 7] = 1.0
    for blur in (filtered, filtered_nearly):
        found = blur(spot, lopsided)
        np.testing.assert_allclose(found[4:11, 4:11], lopsided, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (6, 1), (9, 8, 3), (3, 1, 3)])
def test_any_shape_is_kept_and_flat_stays_flat(shape: tuple[int, ...]):
    flat = np.full(shape, 0.375, dtype=np.float32)
    for kernel in KERNELS:
        for found in (filtered(flat, kernel), filtered_nearly(flat, kernel)):
            assert found.shape == shape
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, 0.375, atol=1e-5)
    assert gaussian_blurred(flat, 2.0).shape == shape


def test_the_variance_of_a_blurred_spot_is_sigma_squared():
    spot = np.zeros((61, 61), dtype=np.float32)
    spot[30, 30] = 1.0
    blurred = gaussian_blurred(spot, 3.0)
    axis = np.arange(61) - 30.0
    assert float((blurred.sum(axis=0) * axis**2).sum()) == pytest.approx(9.0, rel=0.02)
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-5)


def test_no_sigma_is_no_blur():
    plane = stream(1, "plane").random((5, 5), dtype=np.float32)
    np.testing.assert_array_equal(gaussian_blurred(plane, 0.0), plane)
