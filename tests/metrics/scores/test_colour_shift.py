from __future__ import annotations

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.metrics.lab import difference, lab, linear
from pellucid.metrics.scores.colour_shift import ColourShift


def flat(colour: tuple[float, float, float], side: int = 40) -> Image:
    return Image(np.tile(np.array(colour, np.float32), (side, side, 1)))


def test_flat_pictures_are_as_far_apart_as_their_colours():
    one, two = (0.8, 0.3, 0.3), (0.7, 0.3, 0.35)
    wanted = difference(
        *(lab(linear(np.array(each, np.float32))) for each in (one, two))
    )
    found = ColourShift().score(flat(one), flat(two))
    assert found == pytest.approx(float(wanted), rel=1e-6)
    assert found > 3.0


def test_noise_and_sharpness_move_it_little_and_a_tint_moves_it_much():
    clean = photograph(PHOTOGRAPHS[0], 256)
    rng = np.random.default_rng(4)
    grain = rng.normal(0.0, 0.05, clean.pixels.shape).astype(np.float32)
    noisy = clean.with_pixels(np.clip(clean.pixels + grain, 0.0, 1.0))
    tinted = clean.with_pixels(clean.pixels * np.array([1.0, 0.95, 0.85], np.float32))
    assert ColourShift().score(noisy, clean) < 1.0
    assert ColourShift().score(tinted, clean) > 3.0


def test_half_a_picture_counts_by_half():
    pixels = np.full((64, 64, 3), 0.5, np.float32)
    changed = pixels.copy()
    changed[:, 32:, 0] = 0.6
    whole = ColourShift().score(flat((0.6, 0.5, 0.5), 64), Image(pixels))
    half = ColourShift().score(Image(changed), Image(pixels))
    assert half == pytest.approx(whole / 2)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (17, 5), (100, 33)])
def test_any_size_is_cut_into_cells(size: tuple[int, int]):
    rng = np.random.default_rng(5)
    picture = Image(rng.random((*size, 3), dtype=np.float32))
    assert ColourShift().score(picture, picture) == 0.0
    assert ColourShift().score(picture, Image(1 - picture.pixels)) > 0.0


def test_one_cell_compares_the_average_light():
    ramp = np.repeat(np.linspace(0, 1, 50, dtype=np.float32), 3).reshape(1, 50, 3)
    turned = Image(np.ascontiguousarray(ramp[:, ::-1]))
    assert ColourShift(cells=1).score(Image(ramp), turned) < 1e-6
    assert ColourShift().score(Image(ramp), turned) > 20.0
