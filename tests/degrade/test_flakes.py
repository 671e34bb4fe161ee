"""Where flakes fall, how large they are, and how much they hide."""

from typing import Any

import cv2
import numpy as np

from pellucid.degrade import flakes
from pellucid.degrade.flakes import Flurry, cover

SKY = np.ones((240, 240), dtype=np.float32)
CALM: dict[str, Any] = {
    "density": 1.0,
    "opacity": 1.0,
    "size": 0.015,
    "motion": 0.0,
    "angle_deg": 0.0,
    "flutter_deg": 0.0,
    "defocus": 1.0,
}


def snowed(far: np.ndarray = SKY, seed: int = 1, **changes: Any) -> np.ndarray:
    height, width = far.shape
    return cover(height, width, Flurry(**{**CALM, **changes}), far, seed)


def lumps(covered: np.ndarray, above: float = 0.15) -> np.ndarray:
    """Areas in px of the single spots."""
    spots = (covered > above).astype(np.uint8)
    return cv2.connectedComponentsWithStats(spots)[2][1:, cv2.CC_STAT_AREA]


def alone(
    monkeypatch: Any, layers: tuple[tuple[float, float], ...], *pen: float
) -> None:
    """Let flakes fall at some distances only."""
    monkeypatch.setattr(flakes, "_CANVASES", ((layers, *pen),))


def slant(covered: np.ndarray) -> float:
    """Angle that lines run in, in degrees from straight down."""
    down, across = np.gradient(covered.astype(np.float64))
    turn = np.arctan2(2 * (down * across).mean(), (across**2 - down**2).mean())
    return float(-np.rad2deg(turn) / 2)


def test_cover_is_a_share():
    for seed in range(5):
        covered = snowed(seed=seed)
        assert covered.dtype == np.float32
        assert covered.min() >= -1e-6
        assert 0.5 < covered.max() <= 1.0


def test_without_density_or_opacity_nothing_falls():
    assert np.abs(snowed(density=0.0)).max() < 1e-6
    assert np.abs(snowed(opacity=0.0)).max() < 1e-6


def test_more_snow_adds_to_the_flakes_that_are_there():
    few, many = snowed(density=0.3), snowed(density=0.8)
    assert many.mean() > 2 * few.mean()
    # A new flake that is fainter may cut the edge of one, so hardly, and rarely.
    assert np.quantile(few - many, 0.999) < 0.1


def test_flakes_are_small_far_away_and_large_nearby(monkeypatch):
    sizes: list[float] = []
    for distance in (3.0, 1.5, 0.75):
        alone(monkeypatch, ((distance, 0.0),), 4.0, 0.2, 0.0)
        areas = lumps(snowed(np.ones((600, 600), dtype=np.float32), density=0.2))
        sizes.append(float(np.sqrt(np.median(areas))))
    assert 1.5 < sizes[1] / sizes[0] < 2.6
    assert 1.5 < sizes[2] / sizes[1] < 2.6


def test_most_flakes_are_far(monkeypatch):
    counts: list[int] = []
    for distance in (4.0, 2.0, 1.0):
        alone(monkeypatch, ((distance, 0.0),), 3.0, 0.2, 0.0)
        counts.append(len(lumps(snowed(np.ones((900, 900), np.float32), density=0.15))))
    assert counts[0] > 2 * counts[1] > 4 * counts[2]


def test_flakes_out_of_focus_are_larger_and_translucent(monkeypatch):
    alone(monkeypatch, ((0.5, 0.0),), 4.0, 0.2, 0.45)
    sharp, soft = snowed(defocus=0.0, density=0.3), snowed(defocus=2.0, density=0.3)
    assert soft.max() < 0.8 * sharp.max()
    assert (soft > 0.02).sum() > 1.3 * (sharp > 0.02).sum()
    assert 0.8 < soft.mean() / sharp.mean() < 1.25  # the light is spread, not lost


def test_a_long_exposure_draws_faint_lines_along_the_wind(monkeypatch):
    alone(monkeypatch, ((1.2, 0.0),), 4.0, 0.25, 0.0)
    still = snowed(density=0.4)
    for angle in (-40.0, 0.0, 30.0):
        moved = snowed(density=0.4, motion=0.06, angle_deg=angle)
        assert abs(slant(moved) - angle) < 12.0
        assert np.quantile(moved, 0.995) < 0.75 * np.quantile(still, 0.995)


def test_flakes_are_no_discs(monkeypatch):
    """A disc fills 79 % of its square and is as wide as high; lumps vary."""
    alone(monkeypatch, ((1.0, 0.0),), 4.0, 0.0, 0.0)
    covered = snowed(np.ones((900, 900), np.float32), density=0.2)
    stats = cv2.connectedComponentsWithStats((covered > 0.3).astype(np.uint8))[2][1:]
    ratio = stats[:, cv2.CC_STAT_WIDTH] / stats[:, cv2.CC_STAT_HEIGHT]
    assert np.std(np.log(ratio)) > 0.1


def test_near_things_hide_the_flakes_behind_them():
    far = SKY.copy()
    far[:, 120:] = 0.0  # a wall close to the camera
    covered = snowed(far)
    assert 0.1 * covered[:, :120].mean() < covered[:, 120:].mean()
    assert covered[:, 120:].mean() < 0.8 * covered[:, :120].mean()


def test_flakes_grow_with_the_picture():
    small = snowed(np.ones((200, 200), np.float32))
    large = snowed(np.ones((600, 600), np.float32))
    shrunk = cv2.resize(large, (200, 200), interpolation=cv2.INTER_AREA)
    assert abs(shrunk.mean() / small.mean() - 1.0) < 0.25
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.8


def test_a_strip_has_an_end():
    """One row of 4000 px is not snowed in by ten million flakes."""
    covered = snowed(np.ones((1, 4000), np.float32))
    assert covered.shape == (1, 4000)
    assert 0.0 < covered.mean() < 0.5
