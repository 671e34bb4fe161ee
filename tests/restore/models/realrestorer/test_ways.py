"""What each way takes."""

import pytest

from pellucid.core.errors import EnvironmentFailure
from pellucid.restore.models.realrestorer.ways import (
    Numbers,
    passes_of,
    ways,
)
from pellucid.restore.plan import Machine, choose

CARD = Machine(card="NVIDIA GeForce RTX 4090", card_gib=23.4, host_gib=60.0)


def test_the_parts_of_the_published_model_add_up():
    numbers = Numbers()
    transformer = numbers.painting + numbers.tabled + numbers.connector
    assert transformer == 12_427_800_384


def test_a_card_of_24_gib_holds_the_transformer_in_full_precision():
    found = {way.name: way for way in ways(1024, 1024, CARD)}
    assert 18.0 < found["turns"].card_gib < 22.0
    assert found["streamed"].card_gib < 8.0
    assert found["fp8"].card_gib == found["int8"].card_gib < 12.0
    assert found["nf4"].card_gib < 8.0
    assert choose(tuple(found.values()), CARD).name == "turns"


def test_a_megapixel_takes_as_long_as_was_measured_elsewhere():
    (resident, *_) = ways(1024, 1024, CARD)
    assert resident.seconds == pytest.approx(88.0, rel=0.02)
    (unknown, *_) = ways(1024, 1024, Machine(card="Some card", card_gib=99.0))
    assert unknown.seconds is None


def test_a_large_picture_has_a_copy_and_tiles():
    assert passes_of(1024, 1024) == (1024 * 1024, 1)
    pixels, passes = passes_of(4000, 3000)
    assert pixels == 1024 * 1024
    assert passes == 1 + 5 * 4
    small, large = ways(1024, 1024, CARD)[0], ways(4000, 3000, CARD)[0]
    assert large.card_gib == small.card_gib
    assert large.seconds is not None
    assert small.seconds is not None
    assert large.seconds == pytest.approx(21 * small.seconds, rel=0.01)


def test_several_cards_are_used_only_where_they_are_there_and_asked_for():
    four = Machine(card="NVIDIA H100", card_gib=79.0, cards=4, host_gib=400.0)
    found = {way.name: way for way in ways(1024, 1024, four)}
    assert choose(tuple(found.values()), four).name == "resident"
    assert (found["branches"].cards, found["split"].cards) == (2, 4)
    seconds = [found[name].seconds for name in ("resident", "branches", "split")]
    assert seconds == sorted(seconds, key=lambda each: -(each or 0.0))
    assert choose(tuple(found.values()), four, "branches").name == "branches"
    one = Machine(card="NVIDIA H100", card_gib=79.0, cards=1, host_gib=400.0)
    assert ways(1024, 1024, one)[-2].lacks(one) == "takes 2 graphics cards"
    with pytest.raises(EnvironmentFailure, match="takes 2 graphics cards"):
        choose(ways(1024, 1024, one), one, "split")
