"""Creases, worn borders and torn corners."""

from itertools import pairwise

import numpy as np
import pytest

from pellucid.degrade.creases import (
    cracks,
    creases,
    shading,
    torn_corners,
    worn_borders,
)
from pellucid.degrade.strokes import drawn

SIDE = 240


def test_a_fold_goes_from_border_to_border():
    for seed in range(10):
        for crease in creases(seed, SIDE, SIDE, 1.0):
            for end in (crease.line[0], crease.line[-1]):
                inside = min(*end, *(SIDE - end))
                assert inside < 0.02 * SIDE


def test_a_fold_is_nearly_straight():
    for crease in creases(3, SIDE, SIDE, 1.0):
        aside = (crease.line - crease.line[0]) @ crease.normal
        assert 0.0 < np.abs(aside).max() < 0.05 * SIDE


def test_more_folds_keep_those_that_were_there():
    few, many = creases(2, SIDE, SIDE, 0.5), creases(2, SIDE, SIDE, 1.0)
    assert 0 < len(few) < len(many) == 4
    kept = [each.line for each in many if each.number in {one.number for one in few}]
    for one, two in zip(few, kept, strict=True):
        np.testing.assert_array_equal(one.line, two)


def test_the_emulsion_breaks_along_the_fold_and_more_of_it_when_harder():
    crease = creases(5, SIDE, SIDE, 1.0)[0]
    soft, hard = (
        drawn(cracks(5, crease, SIDE, each), SIDE, SIDE) for each in (0.3, 0.9)
    )
    assert (hard >= soft).all()
    y, x = np.nonzero(hard)
    away = (np.stack([x, y], axis=1) - crease.line[0]) @ crease.normal
    assert np.percentile(np.abs(away), 80) < 0.03 * SIDE
    assert hard.max() > 2 * soft.max()


def test_one_side_of_a_fold_is_in_the_light_and_the_other_in_shadow():
    crease = creases(5, SIDE, SIDE, 1.0)[0]
    across = np.arange(SIDE, dtype=np.float32)[None]
    field = shading([crease], across, across.T, 6.0)
    middle = crease.line[len(crease.line) // 2]
    (x, y), (dx, dy) = middle, crease.normal * 8.0
    one, two = field[round(y + dy), round(x + dx)], field[round(y - dy), round(x - dx)]
    assert one > 0.05
    assert two == pytest.approx(-one, rel=0.5)
    assert abs(field[0, 0]) < 0.05 or abs(field[-1, -1]) < 0.05  # far away, nothing


@pytest.mark.parametrize(
    "torn",
    [
        lambda much: worn_borders(7, SIDE, SIDE, 0.03 * much),
        lambda much: torn_corners(7, SIDE, SIDE, 1.0, much),
    ],
)
def test_wear_grows_from_the_outside(torn):
    planes = [drawn(torn(each), SIDE, SIDE) for each in (0.3, 0.6, 1.0)]
    for some, more in pairwise(planes):
        less = some.astype(int) - more.astype(int)
        assert less.max() < 40  # antialiased borders cross within one pixel
        assert (less > 2).mean() < 2e-4
    assert 0 < planes[0].sum() < planes[1].sum() < planes[2].sum()
    assert planes[2][80:160, 80:160].max() == 0


def test_borders_are_worn_in_places():
    plane = drawn(worn_borders(7, SIDE, SIDE, 0.03), SIDE, SIDE)
    frame = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
    assert 0.05 < (frame > 0).mean() < 0.8
