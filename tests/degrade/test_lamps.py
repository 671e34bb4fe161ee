"""Lights: Planck's law, saturation, and finding lamps."""

import numpy as np
import pytest

from pellucid.degrade.lamps import add_lamp, colour_of_heat, lamps_in


def test_what_is_cool_glows_red_and_what_is_hot_glows_blue():
    # Wien's displacement law.
    red, green, blue = colour_of_heat(2000.0)
    assert red == 1.0 > green > blue
    red, green, blue = colour_of_heat(15000.0)
    assert blue == 1.0 > green > red


def test_daylight_is_white():
    np.testing.assert_allclose(colour_of_heat(6504.0), 1.0, atol=1e-6)


def test_a_lamp_saturates_and_its_glow_ends():
    scene = np.zeros((201, 201, 3), dtype=np.float32)
    add_lamp(scene, (0.5, 0.5), 0.02, np.full(3, 25.0, dtype=np.float32))
    assert scene[100, 100].min() > 1.0
    assert scene[:, 0].max() == 0.0
    row = scene[100, 100:, 0]
    assert (np.diff(row) <= 0.0).all()
    assert row[28] > 0.0  # seven radii of four pixels, the last of the glow


def test_a_lamp_grows_with_the_picture():
    lit: list[float] = []
    for side in (200, 400):
        scene = np.zeros((side, side, 3), dtype=np.float32)
        add_lamp(scene, (0.3, 0.6), 0.03, np.full(3, 25.0, dtype=np.float32))
        lit.append(float((scene[..., 0] >= 1.0).mean()))
    assert lit[0] == pytest.approx(lit[1], rel=0.05)


def test_a_lamp_outside_of_the_picture_is_not_seen():
    scene = np.zeros((50, 80, 3), dtype=np.float32)
    add_lamp(scene, (0.5, -0.5), 0.02, np.full(3, 25.0, dtype=np.float32))
    assert scene.max() == 0.0


def test_a_small_light_is_a_lamp_and_a_bright_sky_is_none():
    night = np.full((100, 100, 3), 0.02, dtype=np.float32)
    night[40:43, 70:73] = (1.0, 0.6, 0.3)
    found = lamps_in(night)
    assert found[41, 71].max() > 0.5
    assert found[:30].max() == 0.0
    assert lamps_in(np.full((100, 100, 3), 0.9, dtype=np.float32)).max() == 0.0
