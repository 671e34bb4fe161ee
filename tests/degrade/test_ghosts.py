"""Ghosts: two reflections in a lens that is round about its axis."""

from dataclasses import replace

import numpy as np
import pytest

from pellucid.degrade.ghosts import Reflections, ghosts
from pellucid.degrade.glare import Grid

GRID = Grid(rows=160, columns=240, height=1.0, width=1.5)
SMALL = Reflections(count=8, blades=0, turn=0.2, largest=0.03, coating=0, other=3)


def light_off_the_line(light: np.ndarray, place: tuple[float, float]) -> float:
    """Mean distance of light from the line through lamp and middle."""
    across, down = GRID.from_point((0.75, 0.5))
    way = np.array(place) - (0.75, 0.5)
    way /= np.hypot(*way)
    off = np.abs(across[None, :] * way[1] - down[:, None] * way[0])
    weights = light.sum(axis=2)
    return float((off * weights).sum() / weights.sum())


@pytest.mark.parametrize("place", [(0.3, 0.2), (1.3, 0.1), (0.75, -0.1), (0.1, 0.9)])
def test_ghosts_lie_on_the_line_through_the_middle(place: tuple[float, float]):
    for seed in range(5):
        light = ghosts(GRID, place, SMALL, seed)
        assert light.max() > 0.05
        assert light_off_the_line(light, place) < 0.02


def test_a_mirrored_lamp_has_mirrored_ghosts():
    one = ghosts(GRID, (0.3, 0.2), SMALL, 1)
    other = ghosts(GRID, (1.5 - 0.3, 1.0 - 0.2), SMALL, 1)
    np.testing.assert_allclose(one, other[::-1, ::-1], atol=0.03)


def test_large_ghosts_are_faint_since_they_spread_the_same_light():
    small = ghosts(GRID, (0.3, 0.2), replace(SMALL, count=1), 1)
    large = ghosts(GRID, (0.3, 0.2), replace(SMALL, count=1, largest=0.4), 1)
    assert 0.0 < large.max() < 0.7 * small.max()
    assert (large > 0.0).sum() > 2 * (small > 0.0).sum()


def test_ghosts_have_the_colour_of_the_coating():
    green = ghosts(GRID, (0.3, 0.2), replace(SMALL, coating=0, other=0), 1)
    amber = ghosts(GRID, (0.3, 0.2), replace(SMALL, coating=2, other=2), 1)
    assert green[..., 1].sum() > green[..., 0].sum()
    assert amber[..., 0].sum() > amber[..., 2].sum()


def test_a_lens_without_reflections_has_no_ghosts():
    assert ghosts(GRID, (0.3, 0.2), replace(SMALL, count=0), 1).max() == 0.0


def test_a_stopped_down_aperture_makes_polygons():
    # A hexagon touches the circle of its corners and lies within it.
    one = replace(SMALL, count=1, largest=0.3)
    disc, hexagon = (
        ghosts(GRID, (0.3, 0.2), replace(one, blades=each), 1) for each in (0, 6)
    )
    assert hexagon.sum() != pytest.approx(disc.sum(), rel=0.01)
