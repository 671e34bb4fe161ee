"""A drop on the lens is a small lens itself: geometric optics."""

from dataclasses import replace

import numpy as np
import pytest

from pellucid.degrade.drops import Wetting, lay_drops

WET = Wetting(share=1.0, smallest=0.05, largest=0.06, defocus=0.3, rim=0.0)


def slope(side: int) -> np.ndarray:
    """Bright at the top, dark at the foot, the same from left to right."""
    rows = np.linspace(1.0, 0.0, side, dtype=np.float32)
    return np.repeat(np.repeat(rows[:, None, None], side, axis=1), 3, axis=2)


def wetted(scene: np.ndarray, wetting: Wetting, seed: int = 3) -> np.ndarray:
    result = scene.copy()
    lay_drops(result, wetting, seed)
    return result


def test_a_drop_shows_the_scene_upside_down():
    scene = slope(400)
    result = wetted(scene, replace(WET, share=0.1))
    inside = np.abs(result - scene).max(axis=2) > 1e-4
    assert 0.0 < inside.mean() < 0.4
    # Within a drop it gets brighter downwards, against the scene.
    steps = np.diff(result[..., 0], axis=0)[inside[1:] & inside[:-1]]
    assert np.median(steps) > 3.0 * (1.0 / 400.0)  # and much smaller, so steeper


def test_what_is_not_under_a_drop_is_untouched():
    scene = slope(300)
    result = wetted(scene, replace(WET, share=0.1))
    assert (result == scene).all(axis=2).mean() > 0.5


def test_a_dry_lens_changes_nothing():
    scene = slope(64)
    np.testing.assert_array_equal(wetted(scene, replace(WET, share=0.0)), scene)


def test_the_rim_of_a_drop_is_dark():
    even = np.full((300, 300, 3), 0.5, dtype=np.float32)
    few = replace(WET, share=0.08)
    # Without a rim a drop before an even scene cannot be seen.
    np.testing.assert_allclose(wetted(even, few), even, atol=1e-5)
    rim = wetted(even, replace(few, rim=0.7))
    assert rim.min() < 0.35
    assert rim.max() <= 0.5 + 1e-5


def test_more_water_adds_drops_to_those_there_are():
    scene = slope(200)
    few, many = (
        np.abs(wetted(scene, replace(WET, share=each)) - scene).max(axis=2) > 1e-4
        for each in (0.2, 0.7)
    )
    assert few.any()
    assert many[few].mean() > 0.95
    assert many.sum() > 1.5 * few.sum()


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (5, 4)])
def test_tiny_pictures_stay_in_range(size: tuple[int, int]):
    scene = np.full((*size, 3), 0.5, dtype=np.float32)
    result = wetted(scene, WET)
    assert 0.0 <= result.min() <= result.max() <= 1.0
