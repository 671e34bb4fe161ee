"""Drops refract what surrounds them (Garg, Nayar 2007)."""

import numpy as np

from pellucid.degrade.surroundings import surroundings


def test_an_even_scene_surrounds_itself():
    scene = np.full((40, 60, 3), 0.3, dtype=np.float32)
    shown, mist = surroundings(scene, 1.0)
    np.testing.assert_allclose(shown, 0.3, atol=1e-4)
    np.testing.assert_allclose(mist, 0.3, atol=1e-4)


def test_a_drop_before_a_dark_half_shows_the_bright_half():
    scene = np.full((60, 60, 3), 0.02, dtype=np.float32)
    scene[:20] = 0.8
    shown, mist = surroundings(scene, 1.0)
    assert shown.min() > 0.3  # also far down, where the scene is dark
    assert shown[0].mean() > shown[-1].mean()  # but most where light is near
    assert 0.02 < mist.min() < shown.max()


def test_the_sky_above_may_be_brighter_than_the_picture():
    scene = np.full((30, 30, 3), 0.3, dtype=np.float32)
    np.testing.assert_allclose(surroundings(scene, 2.0)[0], 0.6, atol=1e-4)


def test_a_black_scene_has_black_surroundings():
    shown, mist = surroundings(np.zeros((9, 1, 3), dtype=np.float32), 2.0)
    assert np.abs(shown).max() == 0.0
    assert np.abs(mist).max() == 0.0
