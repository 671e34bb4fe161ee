"""Do no harm: what a restorer made is looked at before anybody gets it.

A result that fails is tried with half its strength, then the original is kept. Where
only tone or colour moved although the repair moves neither, they are brought back to
the input instead. What was measured and decided is written down, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.core.image import Image, Pixels
from pellucid.core.records import Diagnosis
from pellucid.core.settings import JsonValue
from pellucid.restore import checks
from pellucid.restore.checks import MOVES_TONE, Check, Room
from pellucid.restore.overview import anchored, overview

Diagnose = Callable[[Image], Diagnosis]
Facts = dict[str, JsonValue]

LADDER = (1.0, 0.5)  # shares of the wanted strength; then the original is kept
CORRECTABLE = 3.0  # times the room; what moved farther is another picture
ROWS = 256


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """What may be handed out.

    Attributes:
        image: The result, or the very input where nothing was good enough.
        after: What it suffers from.
        strength: How much of the restored picture is in it.
        facts: JSON: ``decision`` is ``accepted``, ``lowered`` or ``kept``; each of the
            ``attempts`` has its ``strength``, what was ``corrected``, and the checks
            by name, with what was ``measured``, the ``limit``, and if it ``passed``.
        warnings: What the user should know, in whole sentences.
    """

    image: Image
    after: Diagnosis
    strength: float
    facts: Facts
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """What all attempts are measured against.

    Attributes:
        image: The input.
        view: The input from far away.
        before: What the input suffers from.
        kinds: What was to be repaired.
        room: How far that may move tone and colours.
        diagnose: Finds out what a picture suffers from.
    """

    image: Image
    view: Pixels
    before: Diagnosis
    kinds: tuple[str, ...]
    room: Room
    diagnose: Diagnose


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A picture that could be handed out, and what the checks say about it."""

    image: Image
    after: Diagnosis
    strength: float
    checks: tuple[Check, ...]
    corrected: tuple[str, ...] = ()

    @property
    def failures(self) -> list[str]:
        """What is wrong with it, as parts of a sentence."""
        return [each.failure for each in self.checks if not each.passed]

    def facts(self) -> Facts:
        """The attempt as JSON."""
        about: Facts = {"strength": self.strength, "corrected": list(self.corrected)}
        return {**about, **{each.name: each.facts() for each in self.checks}}


def guard(
    image: Image,
    restored: Pixels,
    *,
    strength: float,
    kinds: tuple[str, ...],
    before: Diagnosis,
    diagnose: Diagnose,
) -> Guarded:
    """Accept a result, lower its strength, or keep the original.

    Args:
        image: The input.
        restored: What the restorer made of it, at full strength; the same shape.
        strength: How much of it is wanted.
        kinds: What was to be repaired; none means whatever there is.
        before: What the input suffers from.
        diagnose: Finds out what a picture suffers from.
    """
    sound = _sound(image.pixels, restored)
    if broken := [each for each in sound if not each.passed]:
        facts: Facts = {each.name: each.facts() for each in sound}
        attempts: list[JsonValue] = [{"strength": strength, "corrected": [], **facts}]
        return _kept(image, before, attempts, broken[0].failure)
    case = Case(
        image=image,
        view=overview(image.pixels),
        before=before,
        kinds=kinds,
        room=checks.room_for(kinds),
        diagnose=diagnose,
    )
    attempts, reason = [], ""
    for share in LADDER:
        attempt = _attempt(case, restored, strength * share)
        attempt_facts = attempt.facts()
        attempt_facts |= {each.name: each.facts() for each in sound}
        attempts.append(attempt_facts)
        if not attempt.failures:
            return _accepted(attempt, attempts, reason)
        reason = reason or attempt.failures[0]
    return _kept(image, before, attempts, reason)


def kept_without_result(image: Image, before: Diagnosis, reason: str) -> Guarded:
    """Keep the original because a restorer gave nothing that could be looked at.

    Args:
        image: The input.
        before: What it suffers from.
        reason: A part of a sentence that goes on "of the result, ...".
    """
    return _kept(image, before, [], reason)


def blended(original: Pixels, restored: Pixels, strength: float) -> Pixels:
    """Mix two pictures: 0 is the original, 1 the restored one, the same arrays."""
    if strength in (0.0, 1.0):
        return restored if strength else original
    result = np.empty_like(restored)
    for top in range(0, len(result), ROWS):  # in pieces: temporaries stay small
        rows = slice(top, top + ROWS)
        mixed = restored[rows] - original[rows]
        mixed *= np.float32(strength)
        mixed += original[rows]
        np.clip(mixed, 0.0, 1.0, out=result[rows])
    return result


def _sound(original: Pixels, restored: Pixels) -> tuple[Check, ...]:
    """What no lower strength would mend."""
    numbers = checks.numbers(restored)
    if not numbers.passed:
        return (numbers,)
    return (numbers, checks.spread(original, restored))


def _attempt(case: Case, restored: Pixels, strength: float) -> Attempt:
    """Blend, look from far away, bring tone back if need be, and diagnose."""
    pixels = blended(case.image.pixels, restored, strength)
    seen = _seen(case, pixels)
    moved = [each for each in seen if not each.passed]
    may_correct = not MOVES_TONE.intersection(case.kinds) and all(
        each.measured <= CORRECTABLE * each.limit * strength for each in moved
    )
    if moved and may_correct:
        pixels = anchored(pixels, case.image.pixels)
        seen = _seen(case, pixels)
    image = case.image.with_pixels(pixels)
    after = case.diagnose(image)
    return Attempt(
        image=image,
        after=after,
        strength=strength,
        checks=(*seen, checks.damage(case.before, after, case.kinds)),
        corrected=tuple(each.name for each in moved) if may_correct else (),
    )


def _seen(case: Case, pixels: Pixels) -> tuple[Check, ...]:
    view = overview(pixels)
    looks = (checks.tone, checks.colour, checks.part)
    return tuple(look(case.view, view, case.room) for look in looks)


def _accepted(attempt: Attempt, attempts: list[JsonValue], reason: str) -> Guarded:
    warnings: list[str] = []
    if reason:
        now = f"The strength was lowered to {attempt.strength:g}:"
        warnings.append(f"{now} of the first result, {reason}.")
    if attempt.corrected:
        what = "Tone and colours had moved although the repair moves neither;"
        warnings.append(f"{what} they were brought back to those of the input.")
    decision = "lowered" if reason else "accepted"
    return Guarded(
        image=attempt.image,
        after=attempt.after,
        strength=attempt.strength,
        facts={"decision": decision, "attempts": attempts},
        warnings=tuple(warnings),
    )


def _kept(
    image: Image, before: Diagnosis, attempts: list[JsonValue], reason: str
) -> Guarded:
    return Guarded(
        image=image,
        after=before,
        strength=0.0,
        facts={"decision": "kept", "reason": reason, "attempts": attempts},
        warnings=(f"The original was kept: of the result, {reason}.",),
    )
