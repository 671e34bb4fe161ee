"""Batches come in their order, whatever the processes do."""

from pathlib import Path

import numpy as np

from pellucid.train.compact import drawings
from pellucid.train.feed import fed
from pellucid.train.settings import Run


def test_two_processes_give_the_same_as_none(run: Run, home: Path):
    here = [each.draw().damaged for each in drawings(run, home, 0)]
    there = [batch.damaged for batch in fed(drawings(run, home, 0), workers=2)]
    assert len(there) == len(here) == 6
    for one, two in zip(here, there, strict=True):
        np.testing.assert_array_equal(one, two)


def test_nothing_to_draw_is_no_mistake():
    assert list(fed([], workers=1)) == []
