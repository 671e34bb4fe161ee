from __future__ import annotations

import numpy as np
import pytest

from pellucid.metrics.lab import difference, lab, linear

# G. Sharma, W. Wu, E. Dalal 2005, table 1: two colours, and how far they are apart.
# The first ones try the blue corner, the middle ones gray and the turn of hue.
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, 2.8361, -74.0200), (50.0, 0.0, -82.7485), 3.4412),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, -0.0010, 2.4900), (50.0, 0.0009, -2.4900), 4.8045),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "two", "wanted"), SHARMA)
def test_colours_are_as_far_apart_as_the_authors_say(
    one: tuple[float, ...], two: tuple[float, ...], wanted: float
):
    first, second = np.array(one), np.array(two)
    assert difference(first, second) == pytest.approx(wanted, abs=5e-5)
    assert difference(second, first) == pytest.approx(wanted, abs=5e-5)


def test_white_black_and_gray_have_no_colour():
    grays = np.repeat(np.array([[0.0], [0.2], [1.0]], np.float32), 3, axis=1)
    found = lab(linear(grays))
    np.testing.assert_allclose(found[:, 1:], 0.0, atol=1e-10)
    np.testing.assert_allclose(found[[0, 2], 0], [0.0, 100.0], atol=1e-10)


def test_known_colours_have_their_known_place():
    """Red and blue of sRGB under D65, as in Lindbloom's tables, to two digits."""
    found = lab(linear(np.array([[1, 0, 0], [0, 0, 1]], np.float32)))
    wanted = [[53.24, 80.09, 67.20], [32.30, 79.19, -107.86]]
    np.testing.assert_allclose(found, wanted, atol=0.01)


def test_the_curve_of_srgb_is_undone():
    found = linear(np.array([0.0, 0.04, 0.5, 1.0], np.float32))
    np.testing.assert_allclose(found, [0, 0.04 / 12.92, 0.21404114, 1], atol=1e-7)
