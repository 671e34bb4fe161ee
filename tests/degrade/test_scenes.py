from itertools import pairwise

import cv2
import numpy as np
import pytest

from pellucid.degrade.light import luminance
from pellucid.degrade.scenes import LAMP, scene

SEEDS = range(12)


def slope(plane: np.ndarray) -> float:
    """Of the power over the frequency, both as logarithms."""
    side = len(plane)
    window = np.hanning(side)
    waves = np.fft.fft2((plane - plane.mean()) * window * window[:, None])
    across = np.fft.fftfreq(side)
    frequency = np.hypot(across[None], across[:, None])
    edges = np.geomspace(3 / side, 0.25, 10)
    power = [
        np.mean(np.abs(waves[(frequency >= low) & (frequency < high)]) ** 2)
        for low, high in pairwise(edges)
    ]
    middles = np.sqrt(edges[1:] * edges[:-1])
    return float(np.polyfit(np.log(middles), np.log(power), 1)[0])


def test_power_falls_about_with_the_square_of_the_frequency_as_in_photographs():
    slopes = [slope(np.log(luminance(scene(seed, 192, 192)) + 0.02)) for seed in SEEDS]
    assert -3.1 < np.mean(slopes) < -1.6, slopes


def test_a_seed_is_a_scene():
    np.testing.assert_array_equal(scene(3, 64, 80), scene(3, 64, 80))
    means = {round(float(scene(seed, 48, 48).mean()), 5) for seed in SEEDS}
    assert len(means) == len(SEEDS)


def test_a_scene_looks_the_same_at_any_size():
    for seed in SEEDS:
        small, large = scene(seed, 96, 128), scene(seed, 288, 384)
        shrunk = cv2.resize(large, (128, 96), interpolation=cv2.INTER_AREA)
        one, other = (
            cv2.blur(np.minimum(each, 1.0), (9, 9)) for each in (small, shrunk)
        )
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97


def test_light_is_linear_and_its_lamps_outshine_white():
    brightest = [float(scene(seed, 128, 128).max()) for seed in range(24)]
    assert max(brightest) > 2.0
    assert max(brightest) <= LAMP


def test_there_are_dark_scenes_and_bright_ones():
    means = [float(np.median(scene(seed, 64, 64))) for seed in range(24)]
    assert min(means) < 0.06
    assert max(means) > 0.3


def test_daylight_comes_from_above():
    scenes = [np.minimum(luminance(scene(seed, 64, 64)), 1.0) for seed in range(24)]
    upper = np.mean([each[:20].mean() for each in scenes])
    lower = np.mean([each[-20:].mean() for each in scenes])
    assert upper > 1.5 * lower


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 3), (3, 1200)])
def test_any_size_can_be_painted(size):
    for seed in SEEDS:
        painted = scene(seed, *size)
        assert painted.shape == (*size, 3)
        assert painted.dtype == np.float32
        assert painted.min() >= 0.0
        assert np.isfinite(painted).all()
