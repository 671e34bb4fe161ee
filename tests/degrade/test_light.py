"""Between the numbers in a file and light."""

import numpy as np

from pellucid.core.seeds import stream
from pellucid.degrade.light import (
    LUMINANCE,
    clipped,
    luminance,
    to_linear,
    to_srgb,
)

LEVEL = 1.0 / 65535.0


def exact(pixels: np.ndarray) -> np.ndarray:
    """The curve of IEC 61966-2-1, in double precision."""
    pixels = pixels.astype(np.float64)
    return np.where(
        pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4
    )


def test_light_is_that_of_the_standard():
    pixels = np.linspace(0.0, 1.0, 100_003, dtype=np.float32)
    assert np.abs(to_linear(pixels) - exact(pixels)).max() < 1.3 * LEVEL


def test_middle_gray_is_a_fifth_of_the_light():
    gray = np.array([119.0 / 255.0], dtype=np.float32)
    np.testing.assert_allclose(to_linear(gray), 0.184, atol=1e-3)


def test_there_and_back_is_the_same_picture():
    pixels = np.linspace(0.0, 1.0, 65536, dtype=np.float32)
    assert np.abs(to_srgb(to_linear(pixels)) - pixels).max() < 1.0 * LEVEL


def test_black_and_white_stay_exact():
    ends = np.array([0.0, 1.0], dtype=np.float32)
    np.testing.assert_array_equal(to_linear(ends), ends)
    np.testing.assert_array_equal(to_srgb(ends), ends)


def test_both_curves_rise():
    rising = np.linspace(0.0, 1.0, 20_000, dtype=np.float32)
    assert (np.diff(to_linear(rising)) >= 0.0).all()
    assert (np.diff(to_srgb(rising)) >= 0.0).all()


def test_light_outside_the_range_is_cut_and_not_wrapped():
    beyond = np.array([-1.0, -1e-6, 1.0 + 1e-6, 5.0, 1e9], dtype=np.float32)
    np.testing.assert_array_equal(to_srgb(beyond), [0.0, 0.0, 1.0, 1.0, 1.0])


def test_the_curves_leave_their_input_alone():
    pixels = stream(1).random((5, 7, 3), dtype=np.float32)
    before = pixels.copy()
    for curve in (to_linear, to_srgb):
        result = curve(pixels)
        assert result.shape == pixels.shape
        assert result.dtype == np.float32
    np.testing.assert_array_equal(pixels, before)


def test_pieces_of_a_picture_are_curved_like_the_whole():
    pixels = stream(2).random((300, 400, 3), dtype=np.float32)
    whole = to_linear(pixels)
    rows = np.concatenate([to_linear(pixels[:77]), to_linear(pixels[77:])])
    np.testing.assert_array_equal(rows, whole)
    np.testing.assert_array_equal(to_linear(pixels[:, ::2]), whole[:, ::2])


def test_white_has_luminance_one_and_green_has_most_of_it():
    assert abs(float(LUMINANCE.sum()) - 1.0) < 1e-6
    colours = np.eye(3, dtype=np.float32)[None]
    np.testing.assert_allclose(luminance(colours), [[0.2126, 0.7152, 0.0722]])


def test_clipping_happens_in_place():
    values = np.array([-0.5, 0.5, 1.5], dtype=np.float32)
    assert clipped(values) is values
    np.testing.assert_array_equal(values, [0.0, 0.5, 1.0])
