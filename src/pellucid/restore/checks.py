"""What a result must keep: each check is one number, one limit and one answer.

How far tone and colours may move depends on what is repaired. The limits were measured
with a perfect restorer: clean pictures against all kinds of `degrade`, on six
photographs at 640 and 192 pixels, severity 0.2 to 1, eight draws each, and once more on
42 others, 84 draws of each kind; the largest value met, and a fifth more; for low light
the largest of 588 draws. What fails has moved farther than any clean picture did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pellucid.core.image import Pixels
from pellucid.core.records import Diagnosis
from pellucid.core.settings import JsonValue

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
FLAT = 0.002  # half a level of 255: a spread below it shows nothing
ROWS = 256  # enough to tell a picture from a flat colour
UNSEEN = 0.05  # presence times severity that the diagnosis cannot tell from none


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was measured, and whether it is good enough.

    Attributes:
        name: One word, as in the receipt.
        measured: The number.
        limit: What it must keep to.
        passed: Whether it does.
        failure: What is wrong if it does not, as a part of a sentence.
    """

    name: str
    measured: float
    limit: float
    passed: bool
    failure: str

    def facts(self) -> dict[str, JsonValue]:
        """The check as JSON."""
        return {
            "measured": round(self.measured, 6),
            "limit": round(self.limit, 6),
            "passed": self.passed,
        }


@dataclass(frozen=True, kw_only=True)
class Room:
    """How far a perfect result may move from the input, as seen from far away.

    Attributes:
        tone: Mean change of luminance, in [0, 1] as in the file.
        colour: Mean change of a channel against luminance.
        part: Change of the strongest channel that 5 % of the cells exceed.
    """

    tone: float
    colour: float
    part: float


ROOM: Mapping[str, Room] = MappingProxyType(
    {
        "blur": Room(tone=0.06, colour=0.025, part=0.21),
        "compression": Room(tone=0.05, colour=0.035, part=0.22),
        "flare": Room(tone=0.29, colour=0.11, part=0.82),
        "haze": Room(tone=0.32, colour=0.15, part=0.78),
        "low_light": Room(tone=0.6, colour=0.2, part=0.81),
        "moire": Room(tone=0.1, colour=0.075, part=0.3),
        "noise": Room(tone=0.07, colour=0.065, part=0.28),
        "old_photo": Room(tone=0.19, colour=0.125, part=0.44),
        "rain": Room(tone=0.12, colour=0.1, part=0.48),
        "reflection": Room(tone=0.2, colour=0.06, part=0.82),
        "snow": Room(tone=0.18, colour=0.12, part=0.55),
    }
)
LEAST = Room(tone=0.045, colour=0.025, part=0.14)  # when nothing is known to repair
MOVES_TONE = frozenset({"flare", "haze", "low_light", "old_photo", "reflection"})


def room_for(kinds: Iterable[str]) -> Room:
    """Add up how far the repair of some kinds may move; mixtures move by each."""
    rooms = [ROOM.get(kind, LEAST) for kind in kinds] or [LEAST]
    return Room(
        tone=sum(room.tone for room in rooms),
        colour=sum(room.colour for room in rooms),
        part=sum(room.part for room in rooms),
    )


def numbers(result: Pixels) -> Check:
    """Every value is a number in [0, 1]."""
    low, high = float(result.min()), float(result.max())
    wrong = 0
    if not (low >= 0.0 and high <= 1.0):  # written so that NaN fails too
        wrong = result.size - int(((result >= 0.0) & (result <= 1.0)).sum())
    failure = f"{wrong} of its values are no numbers in [0, 1]"
    return Check(
        name="numbers", measured=wrong, limit=0, passed=wrong == 0, failure=failure
    )


def spread(original: Pixels, result: Pixels) -> Check:
    """A picture that showed something does not become one flat colour."""
    before, after = _spread(original), _spread(result)
    limit = min(FLAT, before)
    return Check(
        name="spread",
        measured=after,
        limit=limit,
        passed=after >= limit,
        failure="it is one flat colour",
    )


def _spread(pixels: Pixels) -> float:
    """Standard deviation of the liveliest channel, over at most 2 x `ROWS` rows."""
    some = pixels[:: max(1, len(pixels) // ROWS)]
    return float(some.reshape(-1, 3).std(axis=0, dtype=np.float64).max())


def tone(before: Pixels, after: Pixels, room: Room) -> Check:
    """Luminance stays where the repair does not have to move it.

    Args:
        before: The input from far away, by `overview`.
        after: The result from far away.
        room: How far it may move.
    """
    moved = np.abs((after - before) @ LUMINANCE).mean()
    return _within("tone", moved, room.tone, "its tone moved")


def colour(before: Pixels, after: Pixels, room: Room) -> Check:
    """Colours keep their distance from gray; arguments as for `tone`."""
    change = after - before
    change = change - (change @ LUMINANCE)[:, :, None]
    return _within("colour", np.abs(change).mean(), room.colour, "its colours moved")


def part(before: Pixels, after: Pixels, room: Room) -> Check:
    """No part of the picture becomes another one; arguments as for `tone`."""
    change = np.abs(after - before).max(axis=2)
    moved = np.percentile(change, 95)
    return _within("part", moved, room.part, "parts of it look altogether different")


def damage(before: Diagnosis, after: Diagnosis, kinds: Iterable[str]) -> Check:
    """What was to be repaired is less than before, or too little to be seen.

    Args:
        before: Of the input.
        after: Of the result.
        kinds: Which damages count; all of them if none is named.
    """
    wanted = frozenset(kinds)
    limit = max(_damage(before, wanted), UNSEEN)
    measured = _damage(after, wanted)
    return Check(
        name="damage",
        measured=measured,
        limit=limit,
        passed=measured < limit,
        failure="the damage did not become less",
    )


def _damage(diagnosis: Diagnosis, kinds: frozenset[str]) -> float:
    return sum(
        each.presence * each.severity
        for each in diagnosis.findings
        if not kinds or each.kind in kinds
    )


def _within(name: str, moved: float | np.floating, limit: float, what: str) -> Check:
    measured = float(moved)
    failure = f"{what} by {measured:.2f}, and {limit:.2f} is allowed"
    return Check(
        name=name,
        measured=measured,
        limit=limit,
        passed=measured <= limit,
        failure=failure,
    )
