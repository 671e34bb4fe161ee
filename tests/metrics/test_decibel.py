from __future__ import annotations

import math

import numpy as np
import pytest

from pellucid.metrics.decibel import decibel


def test_an_error_of_a_tenth_of_the_range_is_20_decibel():
    one = np.full((4, 4), 100.0)
    assert decibel(one, one + 25.5) == pytest.approx(20.0)


def test_single_precision_counts_as_exactly_as_double():
    rng = np.random.default_rng(0)
    one, two = rng.integers(0, 256, (2, 500, 400, 3)).astype(np.float32)
    wanted = decibel(one.astype(np.float64), two.astype(np.float64))
    assert decibel(one, two) == pytest.approx(wanted, abs=1e-12)


def test_no_error_is_infinite():
    assert decibel(np.zeros(3), np.zeros(3)) == math.inf
