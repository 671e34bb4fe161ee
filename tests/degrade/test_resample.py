import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.resample import MODES, Mode, resize, scaled

ALL: tuple[Mode, ...] = ("nearest", *MODES, "lanczos")


def cubic_weights(place: float, a: float = -0.75) -> np.ndarray:
    """Keys' weights of the four neighbours of a place between the middle two."""
    near = np.array([1 + place, place, 1 - place, 2 - place])
    inner = (a + 2) * near**3 - (a + 3) * near**2 + 1
    outer = a * near**3 - 5 * a * near**2 + 8 * a * near - 4 * a
    return np.where(near <= 1, inner, outer)


@pytest.mark.parametrize("mode", ALL)
@pytest.mark.parametrize("shape", [(1, 1), (1, 7, 3), (5, 1), (6, 9, 3)])
def test_a_flat_picture_stays_flat_at_any_size(mode: Mode, shape: tuple[int, ...]):
    flat = np.full(shape, 0.25, dtype=np.float32)
    for size in ((1, 1), (4, 11), (13, 2)):
        found = resize(flat, *size, mode)
        assert found.shape == (*size, *shape[2:])
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, 0.25, atol=1e-6)


def test_area_is_the_mean_of_what_it_covers():
    plane = stream(1, "plane").random((12, 8), dtype=np.float32)
    expected = plane.reshape(4, 3, 4, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(plane, 4, 4, "area"), expected, atol=1e-6)


def test_a_ramp_stays_a_ramp_because_centers_of_pixels_are_kept():
    ramp = np.tile(np.arange(8, dtype=np.float32), (4, 1))
    wide = resize(ramp, 4, 32, "bilinear")[0]
    expected = (np.arange(32) + 0.5) / 4 - 0.5
    np.testing.assert_allclose(wide[2:-2], expected[2:-2], atol=1e-5)


def test_bicubic_has_the_weights_of_keys_with_minus_three_quarters():
    row = stream(2, "row").random(8, dtype=np.float32)
    large = resize(np.tile(row, (3, 1)), 3, 32, "bicubic")[1]
    for at in range(8, 24):
        place = (at + 0.5) / 4 - 0.5
        left = int(np.floor(place))
        expected = row[left - 1 : left + 3] @ cubic_weights(place - left)
        assert large[at] == pytest.approx(float(expected), abs=1e-5)


@pytest.mark.parametrize("mode", ["bicubic", "lanczos"])
def test_sharp_filters_overshoot_at_an_edge_and_are_not_cut(mode: Mode):
    edge = np.zeros((8, 16), dtype=np.float32)
    edge[:, 8:] = 1.0
    large = resize(edge, 8, 64, mode)
    assert large.min() < -0.02
    assert large.max() > 1.02


def test_the_same_size_is_the_same_picture():
    plane = stream(3, "plane").random((5, 4, 3), dtype=np.float32)
    for mode in ALL:
        np.testing.assert_array_equal(resize(plane, 5, 4, mode), plane)


def test_a_factor_scales_both_sides_and_leaves_at_least_one_pixel():
    plane = np.zeros((30, 20, 3), dtype=np.float32)
    assert scaled(plane, 0.5, "area").shape == (15, 10, 3)
    assert scaled(plane, 1.5, "bilinear").shape == (45, 30, 3)
    assert scaled(plane, 0.001, "bicubic").shape == (1, 1, 3)
