from __future__ import annotations

import numpy as np
import pytest

from pellucid.metrics.similarity import similarity


def planes(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    one = rng.random((height, width)) * 255
    return one, np.clip(one + rng.normal(0, 20, one.shape), 0, 255)


def test_equal_planes_are_entirely_similar():
    one, _ = planes(90, 40)
    assert similarity(one, one) == (pytest.approx(1.0), pytest.approx(1.0))


def test_brightness_changes_the_whole_and_not_the_structure():
    one, _ = planes(30, 30)
    whole, structure = similarity(one * 0.5, one * 0.5 + 100)
    assert structure == pytest.approx(1.0)
    assert whole < 0.8


def test_strips_of_rows_make_no_difference():
    """Two halves that overlap by a window, 64 rows of the map each."""
    one, two = planes(138, 50)
    upper, lower = similarity(one[:74], two[:74]), similarity(one[64:], two[64:])
    wanted = [(a + b) / 2 for a, b in zip(upper, lower, strict=True)]
    assert similarity(one, two) == pytest.approx(wanted, abs=1e-12)


def test_the_smallest_plane_is_one_window():
    one, two = planes(11, 11)
    whole, structure = similarity(one, two)
    assert 0.0 < whole <= structure < 1.0
