"""Light that a lens spreads: falls off with distance, red farther than blue."""

from dataclasses import replace

import numpy as np
import pytest

from pellucid.degrade.glare import Grid, Lens, glare

GRID = Grid(rows=200, columns=200, height=1.0, width=1.0)
MIDDLE = (0.5, 0.5)
PLAIN = Lens(
    bloom=0.03,
    halo=0.15,
    power=1.2,
    rays=0,
    turn=0.3,
    ray_length=0.6,
    ray_light=0.0,
    shimmer=0.0,
    smear=0.0,
    smear_turn=0.0,
    smear_width=0.02,
)


def around(light: np.ndarray, radius: int) -> np.ndarray:
    """Light on a circle, by direction: first to the right, then down."""
    turns = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    rows = np.rint(99.5 + radius * np.sin(turns)).astype(int)
    columns = np.rint(99.5 + radius * np.cos(turns)).astype(int)
    return light[rows, columns, 1]


def test_glare_gets_fainter_with_distance():
    row = glare(GRID, MIDDLE, PLAIN, 1)[100, 100:, 1]
    assert (np.diff(row) < 0.0).all()


def test_scattering_is_the_same_in_all_directions():
    circle = around(glare(GRID, MIDDLE, PLAIN, 1), 60)
    assert circle.std() < 0.02 * circle.mean()


def test_red_light_is_spread_farther_than_blue():
    # Diffraction goes with the wavelength.
    far = glare(GRID, MIDDLE, PLAIN, 1)[100, 180]
    assert far[0] > far[1] > far[2] > 0.0


@pytest.mark.parametrize("rays", [6, 10, 14])
def test_the_aperture_gives_so_many_rays(rays: int):
    lens = replace(PLAIN, rays=rays, ray_light=5.0)
    light = glare(GRID, MIDDLE, lens, 2)
    # At the angles of the rays it is brighter than half way between them.
    circle = around(light, 50)
    places = (lens.turn + 2.0 * np.pi * np.arange(rays) / rays) / (2.0 * np.pi) * 720
    half = 360 / rays
    peaks = [circle[np.arange(int(p) - 6, int(p) + 7) % 720].max() for p in places]
    gaps = [circle[int(p + half) % 720] for p in places]
    assert min(peaks) > 1.5 * np.median(gaps)


def test_a_smear_gives_a_band_through_the_lamp():
    lens = replace(PLAIN, smear=5.0, smear_turn=0.0)
    light = glare(GRID, MIDDLE, lens, 1) - glare(GRID, MIDDLE, PLAIN, 1)
    assert light[100, 160].min() > 10.0 * light[160, 100].max()
    np.testing.assert_allclose(light, light[:, ::-1], atol=1e-4)


def test_a_lamp_outside_still_sends_light_in():
    light = glare(GRID, (0.5, -0.2), replace(PLAIN, shimmer=0.5), 1)
    assert light.min() > 0.0
    assert light[0].mean() > light[-1].mean()


def test_a_finer_grid_shows_the_same():
    lens = replace(PLAIN, rays=6, ray_light=1.0, shimmer=0.5, smear=0.5)
    fine = Grid(rows=400, columns=400, height=1.0, width=1.0)
    one, two = glare(GRID, MIDDLE, lens, 3), glare(fine, MIDDLE, lens, 3)
    two = two.reshape(200, 2, 200, 2, 3).mean(axis=(1, 3))
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.97
    assert one.dtype == np.float32
