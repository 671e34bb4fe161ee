"""Paths of a point of light while the shutter is open."""

import numpy as np
import pytest

from pellucid.degrade.kernels import Kernel
from pellucid.degrade.motion import arc, drawn, linear, shake, splatted

LENGTHS = (0.3, 1.5, 7.3, 36.0)


def places(kernel: Kernel) -> tuple[np.ndarray, np.ndarray]:
    """How far each pixel is to the right of and below the middle."""
    half = len(kernel) // 2
    below, right = np.mgrid[-half : half + 1, -half : half + 1]
    return right.astype(np.float64), below.astype(np.float64)


def direction_deg(kernel: Kernel) -> float:
    """Against the clock, in [0, 180): the axis along which light is spread most."""
    right, below = places(kernel)
    across = (kernel * right * -below).sum()
    spread = (kernel * (right**2 - below**2)).sum()
    return float(np.degrees(0.5 * np.arctan2(2.0 * across, spread)) % 180.0)


def spread_px(kernel: Kernel) -> float:
    right, below = places(kernel)
    return float(np.sqrt((kernel * (right**2 + below**2)).sum()))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_path_neither_moves_a_picture_nor_changes_its_brightness(length: float):
    paths = [shake(seed) for seed in range(40)]
    paths += [linear(angle) for angle in (0.0, 17.0, 90.0, 233.0)]
    paths += [arc(angle, bend) for angle in (0.0, 61.0) for bend in (0.0, 90.0, 360.0)]
    for path in paths:
        kernel = drawn(path, length)
        right, below = places(kernel)
        assert kernel.dtype == np.float32
        assert kernel.shape[0] == kernel.shape[1]
        assert kernel.shape[0] % 2 == 1
        assert kernel.min() >= 0.0
        assert abs(kernel.sum(dtype=np.float64) - 1.0) < 1e-5
        assert abs((kernel * right).sum(dtype=np.float64)) < 0.001
        assert abs((kernel * below).sum(dtype=np.float64)) < 0.001


@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 90.0, 110.0, 179.0])
def test_a_straight_path_points_where_its_angle_says(angle: float):
    kernel = drawn(linear(angle), 25.0)
    assert abs((direction_deg(kernel) - angle + 90.0) % 180.0 - 90.0) < 0.5


def test_an_angle_is_counted_against_the_clock():
    kernel = drawn(linear(45.0), 20.0)
    half = len(kernel) // 2
    assert kernel[half - 5, half + 5] > 0.0  # up and to the right
    assert kernel[half + 5, half + 5] == 0.0


def test_even_speed_spreads_light_evenly():
    row = drawn(linear(0.0), 20.0)
    inner = row[len(row) // 2, 3:-3]
    np.testing.assert_allclose(inner, 1 / 20, rtol=0.02)


def test_the_same_path_at_twice_the_length_is_twice_as_wide():
    for path in (shake(1), shake(2), linear(30.0), arc(30.0, 100.0)):
        # One pixel of the drawing itself is added, and is small beside these.
        assert spread_px(drawn(path, 60.0)) == pytest.approx(
            2.0 * spread_px(drawn(path, 30.0)), rel=0.01
        )


def test_no_path_is_longer_than_its_extent():
    for seed in range(30):
        kernel = drawn(shake(seed), 30.0)
        rows, columns = np.nonzero(kernel)
        reach = np.hypot(np.ptp(rows), np.ptp(columns))
        assert reach <= 30.0 * np.sqrt(2.0) + 3.0
        assert max(np.ptp(rows), np.ptp(columns)) <= 32
        assert reach >= 20.0


def test_an_arc_is_bent_as_far_as_it_says():
    for bend in (30.0, 90.0, 180.0):
        steps = np.diff(arc(0.0, bend), axis=0)
        headings = np.degrees(np.unwrap(np.arctan2(-steps[:, 1], steps[:, 0])))
        assert headings[-1] - headings[0] == pytest.approx(bend, rel=0.01)
    np.testing.assert_allclose(arc(25.0, 0.0), linear(25.0), atol=1e-3)


def test_hands_differ_and_each_shakes_the_same_way_again():
    np.testing.assert_array_equal(shake(5), shake(5))
    assert np.abs(shake(5) - shake(6)).max() > 0.1


def test_a_hand_dwells_where_it_turns():
    speeds = [np.hypot(*np.diff(shake(seed), axis=0).T) for seed in range(30)]
    uneven = [float(each.std() / each.mean()) for each in speeds]
    assert np.median(uneven) > 0.1
    assert np.hypot(*np.diff(linear(3.0), axis=0).T).std() < 1e-9


def test_a_hand_makes_no_corners():
    for seed in range(30):
        steps = np.diff(shake(seed), axis=0)
        jumps = np.hypot(*np.diff(steps, axis=0).T)
        assert jumps.max() < 0.5 * np.hypot(*steps.T).max()


def test_points_share_their_light_with_the_nearest_pixels():
    kernel = splatted(np.array([[0.25, 0.0], [-0.25, 0.0]]), np.ones(2))
    np.testing.assert_allclose(kernel[1], [0.125, 0.75, 0.125])
    np.testing.assert_array_equal(kernel[[0, 2]], 0.0)


def test_heavy_points_draw_the_middle_to_them():
    kernel = splatted(np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([3.0, 1.0]))
    half = len(kernel) // 2
    assert kernel[half, half - 1] == 0.75
    assert kernel[half, half + 3] == 0.25
