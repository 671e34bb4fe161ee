"""Faster ways, each by its name."""

import pytest

from pellucid.core.errors import SettingsError, UnknownName
from pellucid.restore.models.realrestorer.engine import Manner
from pellucid.restore.models.realrestorer.speedups import SPEEDUPS, hastened


def test_none_is_used_unless_it_is_named():
    assert hastened(Manner(), (), keep_steps=False) == Manner()


@pytest.mark.parametrize("name", SPEEDUPS)
def test_each_changes_the_manner(name: str):
    assert hastened(Manner(), (name,), keep_steps=False) != Manner()


def test_steps_that_were_asked_for_stay():
    found = hastened(Manner(steps=20), ("second-order",), keep_steps=True)
    assert (found.steps, found.order) == (20, 2)


def test_two_go_together_unless_they_change_the_same():
    both = hastened(Manner(), ("guidance-interval", "taylor-cache"), keep_steps=False)
    assert both.cache == "taylor"
    assert both.guided_until > 0.0
    with pytest.raises(SettingsError, match="both change cache"):
        hastened(Manner(), ("first-block-cache", "taylor-cache"), keep_steps=False)


def test_a_name_that_is_none():
    with pytest.raises(UnknownName, match="`taylor`") as caught:
        hastened(Manner(), ("taylor",), keep_steps=False)
    assert "taylor-cache" in caught.value.hint
