"""Dots of a printing press."""

import cv2
import numpy as np
import pytest

from pellucid.degrade.halftone import halftoned, screened, thresholds


@pytest.mark.parametrize("tone", [0.02, 0.1, 0.3, 0.5, 0.75, 0.97])
@pytest.mark.parametrize("angle", [0.0, 15.0, 45.0])
def test_dots_keep_the_light(tone: float, angle: float):
    plane = np.full((200, 200), tone, dtype=np.float32)
    assert screened(plane, 5.3, angle).mean() == pytest.approx(tone, abs=0.01)


def test_a_slope_keeps_its_light_everywhere():
    slope = np.tile(np.linspace(0.0, 1.0, 300, dtype=np.float32), (120, 1))
    error = cv2.GaussianBlur(screened(slope, 4.0, 20.0) - slope, (0, 0), 8.0)
    assert np.abs(error[20:-20, 20:-20]).max() < 0.03


@pytest.mark.parametrize("tone", [0.0, 1.0])
def test_solid_ink_and_bare_paper_have_no_dots(tone: float):
    plane = np.full((40, 40), tone, dtype=np.float32)
    np.testing.assert_allclose(screened(plane, 4.0, 45.0), tone, atol=0.02)


def test_a_gray_is_made_of_ink_and_paper():
    dots = screened(np.full((100, 100), 0.5, dtype=np.float32), 12.0, 45.0)
    assert ((dots < 0.05) | (dots > 0.95)).mean() > 0.6


def test_thresholds_are_even():
    counts, _ = np.histogram(thresholds(300, 300, 7.1, 15.0), bins=10, range=(0, 1))
    np.testing.assert_allclose(counts / 90000, 0.1, atol=0.012)


def test_dots_stand_at_their_period_and_angle():
    field = thresholds(256, 256, 8.0, 30.0)
    spectrum = np.abs(np.fft.fft2(field - field.mean()))
    row, column = np.unravel_index(np.argmax(spectrum[:128]), (128, 256))
    column = column if column < 128 else column - 256
    assert np.hypot(row, column) / 256 == pytest.approx(1 / 8, abs=0.004)
    turn = np.degrees(np.arctan2(row, column)) % 90
    assert turn == pytest.approx(30.0, abs=2.0)


def test_one_ink_prints_gray_and_three_inks_have_three_screens():
    gray = np.full((60, 60, 3), 0.4, dtype=np.float32)
    assert np.ptp(halftoned(gray, 5.0, 10.0, 1), axis=2).max() == 0.0
    coloured = halftoned(gray, 5.0, 10.0, 3)
    assert np.ptp(coloured, axis=2).mean() > 0.2
    np.testing.assert_allclose(coloured.mean(axis=(0, 1)), 0.4, atol=0.015)
