"""Screens in front of a sensor."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.degrade.display import (
    Bend,
    Layout,
    Screen,
    blur_for,
    seen,
    turned,
    viewed,
)
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.mosaic import demosaic

LAYOUTS: tuple[Layout, ...] = ("stripes", "pentile")
SIZES = [(1, 1), (1, 7), (6, 1), (2, 3), (5, 4)]


def beat(signal: np.ndarray) -> tuple[float, float]:
    """Frequency of the strongest wave in cycles per sample, and its amplitude."""
    spectrum = np.abs(np.fft.rfft(signal - signal.mean())) * 2 / len(signal)
    peak = int(np.argmax(spectrum))
    return peak / len(signal), float(spectrum[peak])


def slow(screen: Screen) -> float:
    """How strong bands are that are longer than about 20 px."""
    rgb = demosaic(0.5 * seen(screen, 160, 160))
    soft = cv2.GaussianBlur(rgb, (0, 0), 4.0)[20:-20, 20:-20]
    return float(soft.std(axis=(0, 1)).max())


@pytest.mark.parametrize("detuning", [-0.1, -0.05, 0.0125, 0.025, 0.075])
def test_bands_have_the_frequency_that_lacks_to_one_half(detuning: float):
    screen = Screen("stripes", (0.5 + detuning, 0.0), blur_px=0.3)
    red = seen(screen, 2, 800)[0, ::2]
    frequency, _ = beat(red)
    assert frequency / 2 == pytest.approx(abs(detuning), abs=1e-9)  # sites: every 2 px


def test_green_swings_against_itself_in_the_two_kinds_of_rows():
    screen = Screen("stripes", (0.52, 0.0), blur_px=0.3)
    light = seen(screen, 2, 400)
    one, two = light[0, 1::2], light[1, 0::2]
    assert np.corrcoef(one, two)[0, 1] < -0.9


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("pitch", [0.12, 0.7, 1.3, 1.97, 2.9])
def test_a_grid_takes_no_light_on_average(layout: Layout, pitch: float):
    screen = Screen(layout, turned(1.0 / pitch, 0.3), blur_px=0.3)
    light = seen(screen, 240, 240)
    means = [light[row::2, column::2].mean() for row in (0, 1) for column in (0, 1)]
    np.testing.assert_allclose(means, 1.0, atol=0.01)
    assert light.min() >= 0.0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_moire_vanishes_with_the_pitch(layout: Layout):
    strengths = [
        seen(Screen(layout, turned(1.0 / pitch, 0.4), blur_px=0.3), 64, 64).std()
        for pitch in (3.0, 1.5, 0.8, 0.2)
    ]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] > 0.1
    assert strengths[-1] == 0.0


def test_far_from_resonance_there_are_no_bands():
    near = slow(Screen("stripes", (0.52, 0.01), blur_px=0.45))
    far = slow(Screen("stripes", (0.27, 0.09), blur_px=0.45))
    assert near > 0.03
    assert far < 0.02 * near


def test_a_screen_repeats_to_the_end_of_a_wide_picture():
    screen = Screen("stripes", (0.45, 0.0), phase=(0.3, 0.7), blur_px=0.3)
    light = seen(screen, 4, 6000)  # 9 display pixels on 20 sensor pixels
    np.testing.assert_allclose(light[:, :20], light[:, -20:], atol=1e-3)


def test_bands_stand_still_where_perspective_brings_resonance():
    # At the right border a place moves by 1 / (1 + p)^2 px per px.
    bend = Bend(tilt=(0.05, 0.0))
    screen = Screen("stripes", (0.5 * 1.05**2, 0.0), bend=bend, blur_px=0.3)
    red = seen(screen, 2, 1200)[0, ::2]
    moves = np.abs(np.diff(red))
    assert moves[-8:].max() < 0.05 * moves.max()
    assert moves[250:350].max() > 0.5 * moves.max()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("contrast", [0.05, 0.2, 0.5, 0.8])
def test_the_lens_can_be_chosen_for_a_contrast(layout: Layout, contrast: float):
    screen = Screen(layout, (0.4637, 0.4391))
    blurred = replace(screen, blur_px=blur_for(screen, contrast))
    swing = float(seen(blurred, 200, 200).max()) - 1.0
    assert 0.93 * contrast < swing < 1.001 * contrast


def test_no_lens_shows_what_the_aperture_of_a_pixel_hides():
    assert blur_for(Screen("stripes", (7.0, 0.2)), 0.5) == 0.0


@pytest.mark.parametrize("size", SIZES)
def test_small_sensors_see_a_screen_too(size: tuple[int, int]):
    light = seen(Screen("pentile", (0.5, 0.52), bend=Bend((0.1, 0.0), 0.1)), *size)
    assert light.shape == size
    assert light.dtype == np.float32


def test_looking_straight_changes_nothing():
    pixels = photograph(PHOTOGRAPHS[0], 48).pixels
    np.testing.assert_allclose(viewed(pixels, Bend()), pixels, atol=1e-5)


def test_the_near_side_of_a_tilted_screen_is_larger():
    lines = np.zeros((9, 401), dtype=np.float32)
    lines[:, [50, 100, 200, 300, 350]] = 1.0
    row = viewed(gaussian_blurred(lines, 2.0), Bend((0.1, 0.0)))[4]
    peaks = np.flatnonzero((row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:])) + 1
    left, right = peaks[1] - peaks[0], peaks[-1] - peaks[-2]
    assert right > 1.2 * left


@pytest.mark.parametrize("size", SIZES)
def test_small_pictures_can_be_tilted(size: tuple[int, int]):
    plane = np.full(size, 0.5, dtype=np.float32)
    np.testing.assert_allclose(viewed(plane, Bend((0.1, 0.1), 0.1)), 0.5, atol=1e-6)
