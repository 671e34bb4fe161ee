"""The colour filter array."""

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.seeds import stream
from pellucid.degrade.mosaic import demosaic, mosaic

SIZES = [(1, 1), (1, 2), (1, 9), (7, 1), (2, 2), (2, 3), (3, 3), (5, 8), (17, 31)]


def one_colour(channel: int, level: float = 0.8) -> np.ndarray:
    rgb = np.zeros((12, 14, 3), dtype=np.float32)
    rgb[:, :, channel] = level
    return rgb


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_picture_of_one_colour_keeps_it(channel: int):
    rgb = one_colour(channel)
    np.testing.assert_allclose(demosaic(mosaic(rgb)), rgb, atol=1 / 65535)


def test_half_of_the_places_are_green_and_red_comes_first():
    seen = [mosaic(one_colour(channel, 1.0)) for channel in range(3)]
    assert [float(each.mean()) for each in seen] == [0.25, 0.5, 0.25]
    assert seen[0][0, 0] == seen[1][0, 1] == seen[1][1, 0] == seen[2][1, 1] == 1.0


@pytest.mark.parametrize("size", SIZES)
def test_a_gray_picture_stays_gray_at_every_size(size: tuple[int, int]):
    gray = np.full((*size, 3), 0.4, dtype=np.float32)
    gray.flags.writeable = False  # a view of one channel would be written to
    np.testing.assert_allclose(demosaic(mosaic(gray)), gray, atol=1 / 65535)


def test_what_the_sensor_has_seen_is_kept_to_the_last_row():
    raw = stream(1, "raw").random((9, 10), dtype=np.float32)
    np.testing.assert_allclose(mosaic(demosaic(raw)), raw, atol=1 / 65535)


def test_a_slope_of_light_goes_on_to_the_border():
    ramp = np.linspace(0.1, 0.9, 32, dtype=np.float32)
    gray = np.repeat(np.tile(ramp, (8, 1))[:, :, None], 3, axis=2)
    error = np.abs(demosaic(mosaic(gray)) - gray)
    assert error[:, 1:-1].max() < 1e-4
    assert error.max() < 1.05 * (ramp[1] - ramp[0])


def test_two_signals_go_through_as_their_sum():
    rng = stream(2, "raw")
    one, two = (np.float32(0.5) * each for each in rng.random((2, 16, 16), np.float32))
    both = demosaic(one + two)
    np.testing.assert_allclose(both, demosaic(one) + demosaic(two), atol=3 / 65535)


def test_light_beyond_the_range_is_cut():
    raw = np.array([[-1.0, 2.0], [2.0, -1.0]], dtype=np.float32)
    assert set(mosaic(demosaic(raw)).ravel()) == {0.0, 1.0}


def test_a_photograph_is_close_to_itself_but_not_equal():
    pixels = photograph(PHOTOGRAPHS[0], 128).pixels
    error = float(np.mean((demosaic(mosaic(pixels)) - pixels) ** 2))
    assert 20.0 < 10.0 * np.log10(1.0 / error) < 45.0


def test_fine_stripes_become_iridescent():
    stripes = np.zeros((16, 32, 3), dtype=np.float32)
    stripes[:, ::2] = 1.0
    inner = demosaic(mosaic(stripes))[4:-4, 4:-4]
    assert float(np.abs(inner[:, :, 0] - inner[:, :, 2]).mean()) > 0.5


def test_the_number_of_threads_does_not_matter():
    raw = stream(3, "raw").random((301, 402), dtype=np.float32)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = demosaic(raw)
    finally:
        cv2.setNumThreads(threads)
    np.testing.assert_array_equal(alone, demosaic(raw))
