"""Pictures of moire alone."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.seeds import stream
from pellucid.degrade.display import Bend
from pellucid.degrade.patterns import Gratings, blended, loaded, made

STRAIGHT = Gratings((0.05, 0.0), (0.3, 0.0), 0.1, (0.1, -0.1), Bend())


def test_bands_are_what_two_gratings_differ_by():
    green = made(STRAIGHT, 4, 400)[0, :, 1]
    assert np.argmax(np.abs(np.fft.rfft(green))) == 0.05 * 400


def test_colours_lie_beside_each_other():
    pattern = made(STRAIGHT, 4, 400)[0]
    spectrum = np.fft.rfft(pattern, axis=0)[20]
    turns = np.angle(spectrum / spectrum[1]) / (2 * np.pi)
    np.testing.assert_allclose(turns, [0.1, 0.0, -0.1], atol=1e-3)


def test_gratings_of_one_colour_are_gray():
    pattern = made(Gratings((0.04, 0.01), (0.3, 0.1), 0.0, (0.0, 0.0), Bend()), 30, 40)
    np.testing.assert_allclose(pattern[:, :, 0], pattern[:, :, 2], atol=1e-5)


def test_a_bend_that_is_small_to_lines_is_large_to_bands():
    bent = Gratings((0.02, 0.0), (0.4, 0.0), 0.0, (0.0, 0.0), Bend((0.0, 0.05)))
    pattern = made(bent, 300, 300)[:, :, 1]
    straight = np.abs(np.fft.rfft(pattern, axis=1))[:, 6]
    top, middle = straight[:40].mean(), straight[130:170].mean()
    assert top < 0.7 * middle


def test_a_pattern_has_mean_0_and_one_strength():
    for pattern in (
        made(STRAIGHT, 90, 70),
        loaded(photograph(PHOTOGRAPHS[1], 64).pixels, 90, 70, (0.0, 0.0)),
    ):
        np.testing.assert_allclose(pattern.mean(axis=(0, 1)), 0.0, atol=1e-4)
        assert np.sqrt(np.mean(pattern**2)) == pytest.approx(0.35, rel=0.01)


def test_a_loaded_pattern_is_cut_and_not_squashed():
    picture = photograph(PHOTOGRAPHS[3], 100).pixels
    cut = loaded(picture, 40, 30, (1.0, 0.0))
    wanted = picture[60:, :30] - picture[60:, :30].mean(axis=(0, 1))
    ratio = cut / np.where(np.abs(wanted) < 1e-3, np.nan, wanted)
    assert np.nanstd(ratio) < 0.01 * np.nanmean(ratio)


def test_a_small_pattern_goes_on_mirrored():
    picture = stream(1, "pattern").random((5, 4, 3), dtype=np.float32)
    pattern = loaded(picture, 20, 16, (0.5, 0.5))
    np.testing.assert_array_equal(pattern[:5], pattern[5:10][::-1])
    np.testing.assert_array_equal(pattern[:, :4], pattern[:, 8:12])


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 1)])
def test_patterns_have_any_size(size: tuple[int, int]):
    assert made(STRAIGHT, *size).shape == (*size, 3)
    assert np.isfinite(loaded(np.ones((1, 1, 3), np.float32), *size, (0.2, 1.0))).all()


def test_blending_keeps_the_brightness_of_a_plain_picture():
    gray = np.full((100, 100, 3), 0.5, dtype=np.float32)
    strength = np.full((100, 100), 0.4, dtype=np.float32)
    damaged = blended(gray, made(STRAIGHT, 100, 100), strength, 0.7)
    assert damaged.mean() == pytest.approx(0.5, abs=1e-4)
    assert damaged.std() > 0.05


def test_multiplied_patterns_leave_black_alone_and_merged_ones_do_not():
    black = np.zeros((20, 20, 3), dtype=np.float32)
    strength = np.ones((20, 20), dtype=np.float32)
    pattern = made(STRAIGHT, 20, 20)
    assert np.abs(blended(black, pattern, strength, 1.0)).max() == 0.0
    merged = blended(black, pattern, strength, 0.0)
    np.testing.assert_allclose(merged, 0.8 * pattern, atol=1e-6)
