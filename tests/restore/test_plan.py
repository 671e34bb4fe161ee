"""Whether a model fits a machine."""

import pytest

from pellucid.core.errors import EnvironmentFailure, UnknownName
from pellucid.restore.plan import Machine, Way, choose, smaller


def way(name: str, card: float, host: float = 1.0, *, exact: bool = True) -> Way:
    return Way(
        name=name,
        about=name,
        card_gib=card,
        host_gib=host,
        seconds=None,
        is_exact=exact,
    )


WAYS = (way("all", 30), way("half", 15), way("rough", 6, exact=False), way("drip", 4))


def test_the_first_exact_way_that_fits_is_taken():
    card = Machine(card="x", card_gib=20.0, host_gib=8.0)
    assert choose(WAYS, card).name == "half"
    assert choose(WAYS, Machine(card="x", card_gib=7.0)).name == "drip"


def test_one_that_is_named_is_taken_even_if_it_may_not_fit():
    assert choose(WAYS, Machine(), "rough").name == "rough"
    with pytest.raises(UnknownName, match="no way `hlf`") as caught:
        choose(WAYS, Machine(), "hlf")
    assert "half" in caught.value.hint


def test_what_is_lacking_is_said():
    machine = Machine(card="x", card_gib=10.0, host_gib=2.0)
    assert way("a", 12).lacks(machine) == "the card has 10.0 GiB free"
    assert way("a", 8, host=3).lacks(machine) == "the machine has 2.0 GiB free"
    assert way("a", 8).lacks(Machine()) == "no graphics card"
    assert way("a", 8).lacks(machine) == ""
    assert way("a", 0, host=99).lacks(Machine()) == ""  # nobody knows


def test_nothing_fits():
    with pytest.raises(EnvironmentFailure, match="`drip`, which takes least") as caught:
        choose(WAYS, Machine(card="x", card_gib=2.0))
    assert caught.value.hint == "Close what else uses memory."


def test_another_picture_is_never_chosen_without_a_word():
    with pytest.raises(EnvironmentFailure) as caught:
        choose(WAYS[:3], Machine(card="x", card_gib=7.0))
    assert "--memory rough" in caught.value.hint


def test_what_takes_less_is_tried_in_order():
    assert smaller(WAYS, WAYS[0]) == WAYS[1]
    assert smaller(WAYS, WAYS[1]) == WAYS[3]
    assert smaller(WAYS, WAYS[3]) is None


def test_this_machine_is_seen():
    machine = Machine.here()
    assert machine.cores >= 1
    assert machine.host_gib is None or machine.host_gib > 0.0
