import json

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Pixels
from pellucid.core.records import Diagnosis, Finding
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.restore import checks
from pellucid.restore.overview import overview

GRAY = np.full((8, 8, 3), 0.5, np.float32)


def random(height: int = 40, width: int = 40) -> Pixels:
    return stream(1, "checks").random((height, width, 3), dtype=np.float32)


def diagnosis(**damages: float) -> Diagnosis:
    return Diagnosis(
        findings=tuple(
            Finding(kind=kind, presence=1.0, severity=severity, confidence=1.0)
            for kind, severity in damages.items()
        )
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.01, 1.01])
def test_values_that_are_no_numbers_in_range_are_counted(value: float):
    pixels = random()
    assert checks.numbers(pixels).passed
    pixels[3, 3] = value
    found = checks.numbers(pixels)
    assert (found.passed, found.measured) == (False, 3)


def test_a_flat_result_fails_where_the_input_was_not_flat():
    assert not checks.spread(random(), np.zeros((40, 40, 3), np.float32)).passed
    assert checks.spread(GRAY, GRAY).passed
    assert checks.spread(random(), (random() * 0.1).astype(np.float32)).passed
    dot = random(1, 1)
    assert checks.spread(dot, dot * np.float32(0.5)).passed


def test_tone_is_luminance_and_colour_is_the_rest():
    brighter = (GRAY + 0.1).astype(np.float32)
    redder = (GRAY + np.array([0.1, -0.1 * 0.2126 / 0.7152, 0])).astype(np.float32)
    room = checks.LEAST
    assert not checks.tone(GRAY, brighter, room).passed
    assert checks.colour(GRAY, brighter, room).passed
    assert checks.tone(GRAY, redder, room).passed
    assert not checks.colour(GRAY, redder, room).passed


def test_one_part_that_became_another_is_found():
    changed = GRAY.copy()
    changed[:2, :4] = 0.0
    assert not checks.part(GRAY, changed, checks.LEAST).passed
    assert checks.part(GRAY, GRAY, checks.LEAST).passed


def test_a_mixture_may_move_by_the_room_of_each():
    rooms = checks.room_for(("haze", "noise"))
    assert rooms.tone == pytest.approx(0.39)
    assert checks.room_for(()) == checks.LEAST
    assert checks.room_for(("sepia",)) == checks.LEAST


def test_damage_must_become_less_where_it_could_be_seen():
    assert checks.damage(diagnosis(haze=0.8), diagnosis(haze=0.2), ()).passed
    assert not checks.damage(diagnosis(haze=0.8), diagnosis(haze=0.8), ()).passed
    assert checks.damage(diagnosis(haze=0.02), diagnosis(haze=0.03), ()).passed


def test_only_the_damage_that_was_named_counts():
    before, after = diagnosis(haze=0.8, noise=0.1), diagnosis(haze=0.2, noise=0.9)
    assert checks.damage(before, after, ("haze",)).passed
    assert not checks.damage(before, after, ()).passed


def test_facts_are_json():
    found = checks.tone(GRAY, GRAY, checks.LEAST).facts()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == {"measured": 0.0, "limit": 0.045, "passed": True}


@pytest.mark.parametrize("kind", checks.ROOM)
def test_a_perfect_repair_has_room_enough(kind: str):
    """The clean picture itself must pass, however bad the damage was."""
    clean = photograph(PHOTOGRAPHS[1], 160)
    damage = DEGRADATIONS.get(kind)()
    for severity in (0.3, 1.0):
        params = damage.sample(stream(5, kind), severity)
        hurt = damage.apply(clean, params)
        move = getattr(damage, "target", None)
        target = move(clean, params) if move else clean
        views = overview(hurt.pixels), overview(target.pixels)
        room = checks.room_for((kind,))
        for look in (checks.tone, checks.colour, checks.part):
            assert look(*views, room).passed, look(*views, room)
