"""Lights of a picture that glare: glow around them, and a copy turned by half."""

import numpy as np
import pytest

from pellucid.degrade.glare import Grid, Lens
from pellucid.degrade.glints import glints

GRID = Grid(rows=120, columns=180, height=1.0, width=1.5)
LENS = Lens(
    bloom=0.02,
    halo=0.15,
    power=1.0,
    rays=6,
    turn=0.0,
    ray_length=0.4,
    ray_light=1.0,
    shimmer=0.0,
    smear=0.0,
    smear_turn=0.0,
    smear_width=0.02,
)


def lamp() -> np.ndarray:
    lamps = np.zeros((120, 180, 3), dtype=np.float32)
    lamps[30, 40] = (1.0, 0.5, 0.2)
    return lamps


def test_a_lamp_glows_in_its_own_colour():
    light = glints(GRID, lamp(), LENS, 0.0, 1)
    assert light[30, 46].min() > light[30, 80].max() > 0.0
    red, green, blue = light[36, 43]
    assert red > green > blue


def test_the_glow_fades_as_a_power_and_not_as_a_bell():
    light = glints(GRID, lamp(), LENS, 0.0, 1)[..., 0].astype(np.float64)
    column = light[30:, 52]  # between rays
    assert column[40] > 1e-3 * column[10] > 0.0


def test_the_sensor_mirrors_a_lamp_at_the_middle():
    plain, mirrored = (glints(GRID, lamp(), LENS, each, 1) for each in (0.0, 5.0))
    row, column, _ = np.unravel_index((mirrored - plain).argmax(), plain.shape)
    assert (row, column) == (119 - 30, 179 - 40)


def test_rays_stand_where_the_aperture_has_them():
    light = glints(GRID, lamp(), LENS, 0.0, 1)[..., 0]
    assert light[30, 50] > 1.2 * light[40, 40]  # a ray to the right, none downwards


def test_no_lamps_no_light():
    assert glints(GRID, np.zeros_like(lamp()), LENS, 1.0, 1).max() == 0.0


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_tiny_grids_are_kept(rows: int):
    grid = Grid(rows=rows, columns=3, height=rows / 3, width=1.0)
    lamps = np.ones((rows, 3, 3), dtype=np.float32)
    assert glints(grid, lamps, LENS, 1.0, 1).shape == lamps.shape
