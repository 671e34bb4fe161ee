"""Layers of rain: perspective, exposure, and what hides what."""

from dataclasses import replace

import numpy as np
import pytest

from pellucid.degrade.resample import resize
from pellucid.degrade.streaks import Shower, cover, streaks

CALM = Shower(
    density=1.0,
    opacity=0.5,
    length=0.1,
    width=0.004,
    angle_deg=0.0,
    spread_deg=0.0,
    gust_deg=0.0,
    defocus=0.0,
)
FAR, NEAR = 0, 4


def reach(layer: np.ndarray, axis: int) -> float:
    """Lag at which a layer is no longer like itself, as a share of its side."""
    plain = layer - layer.mean()
    power = np.abs(np.fft.rfft2(plain)) ** 2
    likeness = np.fft.irfft2(power, s=plain.shape)
    line = likeness[:, 0] if axis == 0 else likeness[0]
    half = line / line[0] < 0.3
    return float(np.argmax(half)) / layer.shape[axis]


@pytest.mark.parametrize("angle", [-40.0, -12.0, 0.0, 25.0])
def test_streaks_point_where_the_rain_falls(angle: float):
    shower = replace(CALM, angle_deg=angle, defocus=1.0)  # gradients need soft lines
    layer = streaks(500, 500, shower, NEAR, 5)
    down, across = np.gradient(layer.astype(np.float64))
    # The structure tensor: light changes least along a streak.
    along = 0.5 * np.arctan2(2 * (across * down).mean(), (across**2 - down**2).mean())
    found = np.degrees(along) + 90.0  # from across to along, counted from the x axis
    wanted = 90.0 - angle
    assert abs((found - wanted + 90.0) % 180.0 - 90.0) < 2.0


def test_far_rain_is_finer_and_shorter_and_there_is_more_of_it():
    # Perspective: sizes go with 1 / distance.
    far, near = (streaks(800, 800, CALM, place, 3) for place in (FAR, NEAR))
    assert reach(near, 0) > 3.0 * reach(far, 0)
    assert reach(near, 1) > 2.0 * reach(far, 1)
    assert (far > 0.0).mean() > 2.0 * (near > 0.0).mean() * (0.5 / 5.5)


def test_twice_the_picture_has_streaks_twice_as_long_in_the_same_places():
    small, large = (streaks(side, side, CALM, NEAR, 1) for side in (300, 600))
    assert abs(reach(small, 0) - reach(large, 0)) < 0.01  # shares of the side
    shrunk = resize(large, small.shape[0], small.shape[1], "area")
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.8


def test_a_wide_picture_has_more_streaks_and_not_longer_ones():
    square, wide = streaks(200, 200, CALM, NEAR, 2), streaks(200, 600, CALM, NEAR, 2)
    assert 2.0 < (wide > 0.1).sum() / (square > 0.1).sum() < 4.5
    assert abs(reach(square, 0) - reach(wide, 0)) < 0.025


def test_more_rain_adds_streaks_to_the_ones_that_fall():
    light, heavy = (
        streaks(256, 256, replace(CALM, density=each), NEAR, 9) for each in (0.2, 0.9)
    )
    assert heavy.sum() > 2.0 * light.sum()
    assert (heavy - light).min() > -0.05  # none is taken away


def test_a_scene_that_is_near_hides_far_rain_but_not_near_rain():
    size = (256, 256)
    open_, closed = (np.full(size, each, dtype=np.float32) for each in (1.0, 0.0))
    seen, left = cover(*size, CALM, open_, 4), cover(*size, CALM, closed, 4)
    assert (seen - left).min() > -1e-4
    assert 0.05 < left.sum() / seen.sum() < 0.8


def test_streaks_out_of_focus_are_fainter_and_wider_but_not_brighter_in_all():
    sharp = streaks(400, 400, CALM, NEAR, 6)
    soft = streaks(400, 400, replace(CALM, defocus=1.5), NEAR, 6)
    assert soft.max() < 0.8 * sharp.max()
    assert reach(soft, 1) > reach(sharp, 1)
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 2)])
def test_tiny_pictures_are_covered_too(size: tuple[int, int]):
    covered = cover(*size, CALM, np.ones(size, dtype=np.float32), 1)
    assert covered.shape == size
    assert covered.dtype == np.float32
    assert 0.0 <= covered.min() <= covered.max() <= 1.0
