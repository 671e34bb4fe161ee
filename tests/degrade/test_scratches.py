"""Scratches, dust and hairs."""

from itertools import pairwise

import numpy as np
import pytest

from pellucid.degrade.scratches import dust, scratches
from pellucid.degrade.strokes import drawn

BOTH = pytest.mark.parametrize("marks", [scratches, dust])


def planes(marks, seed: int, side: int, density: float, opacity: float = 0.8):
    return [
        drawn(each, side, side) for each in marks(seed, side, side, density, opacity)
    ]


@BOTH
def test_a_denser_picture_has_the_same_marks_and_more(marks):
    for seed in range(5):
        found = [planes(marks, seed, 160, each) for each in (0.0, 0.3, 0.6, 1.0)]
        for some, more in pairwise(found):
            for one, two in zip(some, more, strict=True):
                assert (two >= one).all()
        assert found[0][0].max() == 0
        covers = [sum(int(each.sum()) for each in pair) for pair in found]
        assert covers[0] < covers[1] < covers[3]


@BOTH
def test_deeper_marks_lie_at_the_same_places(marks):
    faint, deep = (planes(marks, 3, 160, 1.0, each)[0] for each in (0.4, 0.8))
    assert (deep >= faint).all()
    assert deep.max() > 1.8 * faint.max()


@BOTH
def test_a_large_picture_has_the_same_marks(marks):
    small, large = (planes(marks, 4, each, 1.0, 1.0)[0] for each in (256, 1024))
    small, large = small.astype(np.float64), large.astype(np.float64)
    shares = [plane.mean() for plane in (small, large)]
    assert 0.6 < shares[0] / shares[1] < 2.5  # lines are whole pixels wide
    blocks = [
        plane.reshape(8, len(plane) // 8, 8, -1).mean((1, 3))
        for plane in (small, large)
    ]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.9


def test_most_scratches_are_light():
    sums = np.zeros(2)
    for seed in range(20):
        sums += [plane.sum() for plane in planes(scratches, seed, 96, 1.0)]
    assert 1.5 < sums[0] / sums[1] < 6.0
