"""Dyes that fade."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.degrade.dyes import BLACKEST, Fading, faded
from pellucid.degrade.light import luminance, to_linear


def densities(pixels: np.ndarray) -> np.ndarray:
    return -np.log10(np.maximum(to_linear(pixels), 1e-4))


def grays(count: int = 200) -> np.ndarray:
    levels = np.linspace(0.1, 1.0, count, dtype=np.float32)
    return np.repeat(levels[None, :, None], 3, axis=2)


def test_each_channel_loses_a_share_of_its_density_and_gains_the_stain():
    fading = Fading((0.5, 0.8, 0.9), (0.02, 0.1, 0.25))
    wedge = grays()
    before, after = densities(wedge), densities(faded(wedge, fading))
    for channel in range(3):
        wanted = fading.kept[channel] * before + fading.stain[channel]
        np.testing.assert_allclose(
            after[:, :, channel], wanted[:, :, channel], atol=4e-3
        )


def test_gray_turns_red_where_cyan_is_lost():
    pixels = faded(grays(), Fading(kept=(0.5, 0.9, 0.9)))
    assert (pixels[:, :-1, 0] > pixels[:, :-1, 1]).all()


def test_white_stays_white_without_a_stain_and_turns_yellow_with_one():
    white = np.ones((1, 1, 3), dtype=np.float32)
    np.testing.assert_allclose(faded(white, Fading((0.3, 0.3, 0.3))), 1.0, atol=1e-4)
    red, green, blue = faded(white, Fading(stain=(0.02, 0.1, 0.3))).ravel().tolist()
    assert red > green > blue


def test_black_becomes_a_gray_that_the_kept_dye_decides():
    black = np.zeros((2, 2, 3), dtype=np.float32)
    light = to_linear(faded(black, Fading(kept=(0.5, 0.5, 0.5))))
    np.testing.assert_allclose(light, 10 ** (-0.5 * BLACKEST), rtol=2e-3)


def test_a_monochrome_print_has_the_luminance_alone():
    pixels = photograph(PHOTOGRAPHS[4], 32).pixels
    gray = faded(pixels, Fading(gray=1.0))
    assert np.ptp(gray, axis=2).max() == 0.0
    lit = luminance(pixels) > 0.1  # below is blacker than a print
    np.testing.assert_allclose(gray[lit, 0], luminance(pixels)[lit], atol=2e-3)


def test_a_new_print_is_not_touched():
    pixels = photograph(PHOTOGRAPHS[0], 16).pixels
    assert faded(pixels, Fading()) is pixels


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 1)])
def test_prints_have_any_size(size: tuple[int, int]):
    plane = np.full((*size, 3), 0.5, dtype=np.float32)
    assert faded(plane, Fading(gray=0.5)).shape == plane.shape
