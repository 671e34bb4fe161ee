"""Which way to go."""

import pytest
import torch

from pellucid.flow.guidance import Guidance, early_at
from pellucid.flow.times import Shift, times


def test_a_scale_of_one_is_the_wanted_way():
    wanted, other = torch.randn(1, 5, 8), torch.randn(1, 5, 8)
    torch.testing.assert_close(Guidance(scale=1.0)(wanted, other, 0.5), wanted)


def test_a_difference_is_trebled():
    wanted, other = torch.ones(1, 2, 4), torch.zeros(1, 2, 4)
    torch.testing.assert_close(Guidance(scale=3.0)(wanted, other, 0.5), 3 * wanted)


def test_early_on_long_differences_are_held_back_and_short_ones_are_not():
    other = torch.zeros(1, 2, 4)
    wanted = torch.tensor([[[4.0, 0, 0, 0], [0.5, 0, 0, 0]]])
    found = Guidance(scale=1.0)(wanted, other, 0.95)
    assert found[0, 0, 0] == pytest.approx(4.0**0.6)
    assert found[0, 1, 0] == 0.5


def test_equal_ways_make_no_nan():
    same = torch.zeros(1, 2, 4)
    assert torch.equal(Guidance()(same, same, 0.99), same)


def test_as_many_steps_are_early_at_every_size():
    endless = Shift(is_bounded=False)
    for tokens in (1024, 4096, 16384):
        early = early_at(0.93, tokens, endless)
        found = times(28, tokens, endless)
        assert sum(time > early for time in found) == 6


def test_never_stays_never():
    assert early_at(1.0, 1024, Shift()) == 1.0
