"""What may be asked for, in words of people, and the damage that each word means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pellucid.core.errors import UnknownName, did_you_mean
from pellucid.core.records import Diagnosis

# None: no damage is named. `auto` lets the diagnosis choose and leaves clean pictures
# alone; `general` repairs whatever is there and leaves none alone.
TASKS: Mapping[str, str | None] = MappingProxyType(
    {
        "auto": None,
        "deblur": "blur",
        "dejpeg": "compression",
        "demoire": "moire",
        "low-light": "low_light",
        "denoise": "noise",
        "deflare": "flare",
        "dereflection": "reflection",
        "dehaze": "haze",
        "derain": "rain",
        "desnow": "snow",
        "old-photo": "old_photo",
        "general": None,
    }
)


def check(tasks: Iterable[str]) -> None:
    """Refuse words that are no task.

    Raises:
        UnknownName: If there is no such task.
    """
    for task in tasks:
        if task not in TASKS:
            what = f"There is no task called `{task}`."
            raise UnknownName(what, did_you_mean(task, TASKS))


def kinds(tasks: Iterable[str], diagnosis: Diagnosis) -> tuple[str, ...]:
    """Name the damages that are to be repaired, each once.

    Args:
        tasks: Words of `TASKS`, as in `Request.task`.
        diagnosis: Of the picture; `auto` and `general` take what it found.
    """
    named: list[str] = []
    for task in tasks:
        kind = TASKS[task]
        named += diagnosis.found if kind is None else [kind]
    return tuple(dict.fromkeys(named))


def words(kinds: Iterable[str]) -> tuple[str, ...]:
    """Name the tasks that repair some kinds of damage."""
    task_of = {kind: task for task, kind in TASKS.items() if kind is not None}
    return tuple(task_of[kind] for kind in kinds if kind in task_of)
