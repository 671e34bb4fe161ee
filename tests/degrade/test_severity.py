"""How strong a damage is."""

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.severity import between, between_log, draw_severity


def test_a_wanted_severity_is_taken_as_it_is():
    for wanted in (0.0, 0.3, 1.0):
        assert draw_severity(stream(1), wanted) == wanted


def test_without_a_wish_every_severity_is_as_likely():
    rng = stream(2)
    drawn = np.array([draw_severity(rng, None) for _ in range(4000)])
    shares = np.histogram(drawn, bins=10, range=(0.0, 1.0))[0] / len(drawn)
    np.testing.assert_allclose(shares, 0.1, atol=0.02)


def test_a_wish_does_not_change_what_is_drawn_next():
    following: set[float] = set()
    for wanted in (None, 0.0, 0.7):
        rng = stream(3)
        draw_severity(rng, wanted)
        following.add(float(rng.random()))
    assert len(following) == 1


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_severity_is_refused_with_its_value(wrong: float):
    with pytest.raises(ValueError, match=str(wrong)):
        draw_severity(stream(4), wrong)


@pytest.mark.parametrize("walk", [between, between_log])
def test_a_walk_goes_from_the_mildest_to_the_strongest(walk):
    assert walk((0.5, 8.0), 0.0) == 0.5
    assert walk((0.5, 8.0), 1.0) == 8.0
    assert walk((8.0, 0.5), 1.0) == 0.5  # where less is stronger: quality, contrast


def test_an_even_walk_has_equal_steps_and_the_other_has_equal_factors():
    places = (0.0, 0.25, 0.5, 0.75, 1.0)
    even = np.array([between((1.0, 16.0), each) for each in places])
    steep = np.array([between_log((1.0, 16.0), each) for each in places])
    np.testing.assert_allclose(np.diff(even), 3.75)
    np.testing.assert_allclose(steep[1:] / steep[:-1], 2.0)
