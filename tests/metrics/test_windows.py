from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from pellucid.metrics.windows import gaussian, moved


def test_weights_are_symmetric_and_add_up_to_one():
    weights = gaussian(11, 1.5)
    assert sum(weights) == pytest.approx(1.0, abs=1e-15)
    assert weights == weights[::-1]
    assert weights[4] / weights[5] == pytest.approx(np.exp(-0.5 / 1.5**2))


def test_a_window_moves_where_all_of_it_fits():
    planes = np.random.default_rng(0).random((2, 20, 31))
    weights = gaussian(7, 2.0)
    wanted = correlate1d(correlate1d(planes, weights, 1), weights, 2)[:, 3:-3, 3:-3]
    found = moved(planes, weights)
    assert found.shape == (2, 14, 25)
    np.testing.assert_allclose(found, wanted, atol=1e-14)
