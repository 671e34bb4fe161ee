import numpy as np
import pytest

from pellucid.degrade.glass import INDEX, cosines, reflectance, second_surface


def at(degrees: float, polarisation: float = 0.0) -> float:
    cosine = np.array([np.cos(np.radians(degrees))], dtype=np.float32)
    return float(reflectance(cosine, polarisation)[0])


def test_a_surface_seen_straight_on_reflects_four_percent():
    assert at(0.0) == pytest.approx(0.0426, abs=1e-4)
    assert at(0.0) == pytest.approx(((INDEX - 1) / (INDEX + 1)) ** 2, rel=1e-4)


def test_at_grazing_angles_glass_is_a_mirror():
    assert at(90.0) == pytest.approx(1.0, abs=1e-5)
    assert at(89.0) > 0.9


def test_glass_reflects_more_the_flatter_one_looks():
    shares = [at(angle) for angle in range(0, 91, 5)]
    assert shares == sorted(shares)
    assert at(60.0) == pytest.approx(0.0923, abs=2e-3)  # twice as much as straight on


def test_at_the_angle_of_brewster_light_across_the_pane_goes_through():
    brewster = np.degrees(np.arctan(INDEX))
    assert at(brewster, -1.0) < 1e-6 < 0.1 < at(brewster, 1.0)


def test_common_light_is_half_along_and_half_across():
    for angle in (0.0, 30.0, 60.0, 80.0):
        halves = 0.5 * (at(angle, 1.0) + at(angle, -1.0))
        assert at(angle) == pytest.approx(halves, rel=1e-5)


def test_what_the_far_surface_reflects_passes_the_near_one_twice():
    first = np.array([0.0, 0.0426, 0.5, 1.0], dtype=np.float32)
    second = second_surface(first)
    np.testing.assert_allclose(second, first * (1.0 - first) ** 2)
    assert second[1] < first[1]
    assert second[3] == 0.0  # nothing comes through a mirror
    assert (first + second).max() <= 1.0


def test_a_pane_across_the_axis_is_seen_straight_on_in_the_middle():
    field = cosines(41, 61, 0.0, 0.0, 50.0)
    assert field[20, 30] == pytest.approx(1.0, abs=1e-6)
    assert field[0, 30] == pytest.approx(np.cos(np.radians(24.5)), abs=0.005)
    np.testing.assert_allclose(field, field[::-1, ::-1], atol=1e-6)


def test_a_tilted_pane_reflects_most_on_the_side_where_one_looks_flattest():
    right = reflectance(cosines(40, 40, 50.0, 0.0, 50.0))
    assert right[20, 0] > 1.5 * right[20, -1]
    down = reflectance(cosines(40, 40, 50.0, 90.0, 50.0))
    np.testing.assert_allclose(down, right.T, atol=1e-6)


def test_angles_do_not_depend_on_how_many_pixels_see_them():
    small, large = (cosines(side, side, 40.0, 30.0, 50.0) for side in (16, 160))
    coarse = large.reshape(16, 10, 16, 10).mean(axis=(1, 3))
    np.testing.assert_allclose(small, coarse, atol=2e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1)])
def test_cosines_of_any_size_stay_between_zero_and_one(size):
    height, width = size
    field = cosines(height, width, 85.0, 200.0, 60.0)
    assert field.shape == size
    assert field.dtype == np.float32
    assert field.min() >= 0.0
    assert field.max() <= 1.0
