"""Where a sampler stops."""

import math
from itertools import pairwise

import pytest

from pellucid.flow.times import Shift, shifted, times, unshifted


def test_they_fall_from_one_to_zero():
    found = times(28, 4096)
    assert found[0] == 1.0
    assert found[-1] == 0.0
    assert all(here > there for here, there in pairwise(found))
    assert len(found) == 29


def test_one_megapixel_is_shifted_by_what_flux_was_trained_with():
    assert times(28, 4096)[1:4] == pytest.approx((0.9884, 0.9762, 0.9634), abs=1e-4)


def test_a_large_picture_is_shifted_no_farther():
    assert times(28, 16384) == times(28, 4096)
    endless = times(28, 16384, Shift(is_bounded=False))
    assert endless[-2] > 0.45  # the last step would do half of the work


def test_shifting_can_be_turned_round():
    factor = math.exp(1.15)
    for time in (0.01, 0.3, 0.93, 1.0):
        assert unshifted(shifted(time, factor), factor) == pytest.approx(time)


@pytest.mark.parametrize(("steps", "tokens"), [(0, 16), (4, 0), (-1, 16)])
def test_nothing_to_do_is_an_error(steps: int, tokens: int):
    with pytest.raises(ValueError, match="1 or more"):
        times(steps, tokens)
