"""One picture: diagnose, restore, guard, and keep what the file carried.

Files are read upright already, and a restorer tiles by itself, so neither is here.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np

from pellucid.core.errors import ImageError, PluginError, SettingsError, did_you_mean
from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Restorer
from pellucid.core.records import Diagnosis, ModelCard, Request
from pellucid.core.settings import JsonValue
from pellucid.restore import tasks
from pellucid.restore.gamut import other_colours
from pellucid.restore.guard import (
    Diagnose,
    Guarded,
    blended,
    guard,
    kept_without_result,
)
from pellucid.restore.tiles import NotNumbers, Tell


@runtime_checkable
class Telling(Protocol):
    """A restorer that can say how far it is."""

    def restore_telling(self, image: Image, request: Request, tell: Tell) -> Image:
        """Do what `Restorer.restore` does; call ``tell(done, total)`` meanwhile."""
        ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A picture that is done, and what a receipt needs to know of it.

    Attributes:
        image: The result; the very input where nothing was to be changed.
        before: What the input suffers from.
        after: What the result suffers from; None if the guards were off.
        guards: What they measured and decided, see `Guarded.facts`; empty if off.
        warnings: What the user should know, in whole sentences.
        timings_s: Seconds of ``diagnose``, ``restore``, ``guard`` and ``total``.
        strength: How much of the restored picture is in the result.
    """

    image: Image
    before: Diagnosis
    after: Diagnosis | None
    guards: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    warnings: tuple[str, ...] = ()
    timings_s: dict[str, float] = field(default_factory=dict[str, float])
    strength: float = 1.0


def restore_picture(
    image: Image,
    restorer: Restorer,
    request: Request,
    *,
    diagnose: Diagnose,
    guards: bool = True,
    tell: Tell | None = None,
) -> Outcome:
    """Restore a picture, and make sure that it did not become worse.

    Args:
        image: The picture, upright.
        restorer: The model, loaded.
        request: What is wanted.
        diagnose: Finds out what a picture suffers from.
        guards: Look at the result before it is handed out.
        tell: Called with how much is done, of how much.

    Raises:
        UnknownName: If a task is none.
        SettingsError: If the restorer does not do it.
        PluginError: If the restorer breaks its promise; with guards, a result of
            values that are no numbers is left out instead, and said.
    """
    tasks.check(request.task)
    timings: dict[str, float] = {}
    with _timed(timings, "total"):
        with _timed(timings, "diagnose"):
            before = diagnose(image)
        work = _Work(
            image=image,
            restorer=restorer,
            request=_understood(request, before, restorer.card),
            kinds=tasks.kinds(request.task, before),
            before=before,
            tell=tell,
        )
        if decision := _idle(work, request):
            result = _left(work, decision)
        elif guards:
            result = _guarded(work, diagnose, timings)
        else:
            result = _unguarded(work, timings)
    doubt = "" if result.image is image else other_colours(image.carried.icc)
    return Outcome(
        image=result.image,
        before=before,
        after=result.after if guards else None,
        guards=result.facts if guards else {},
        warnings=(*result.warnings, doubt) if doubt else result.warnings,
        timings_s=timings,
        strength=result.strength,
    )


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What is to be done to a picture.

    Attributes:
        image: The picture.
        restorer: Who does it.
        request: What is asked of the restorer; no task where it can do nothing.
        kinds: Which damages are to become less.
        before: What the picture suffers from.
        tell: Called with how much is done.
    """

    image: Image
    restorer: Restorer
    request: Request | None
    kinds: tuple[str, ...]
    before: Diagnosis
    tell: Tell | None


def _understood(request: Request, before: Diagnosis, card: ModelCard) -> Request | None:
    """Say a request in words that a restorer knows; None if it has none for it.

    A restorer without a diagnosis of its own is told what was found.
    """
    named: list[str] = []
    for task in request.task:
        if task in card.tasks:
            named.append(task)
        elif tasks.TASKS[task] is None:
            found = tasks.words(tasks.kinds((task,), before))
            named += [word for word in found if word in card.tasks]
        else:
            what = f"The restorer `{card.name}` does not know the task `{task}`."
            raise SettingsError(what, did_you_mean(task, card.tasks))
    unique = tuple(dict.fromkeys(named))
    return replace(request, task=unique) if unique else None


def _idle(work: _Work, request: Request) -> str:
    """Say why there is nothing to do; empty if there is something."""
    if request.strength == 0.0:
        return "strength_is_zero"
    if set(request.task) == {"auto"} and work.before.nothing_to_repair:
        return "nothing_to_repair"
    return "" if work.request else "no_fitting_task"


def _left(work: _Work, decision: str) -> Guarded:
    """Hand back the very picture that came in."""
    warnings: tuple[str, ...] = ()
    if decision == "no_fitting_task":
        found = ", ".join(f"`{kind}`" for kind in work.kinds) or "nothing"
        what = f"The picture was left as it is: {found} was found,"
        warnings = (f"{what} which `{work.restorer.card.name}` does not repair.",)
    return Guarded(
        image=work.image,
        after=work.before,
        strength=0.0,
        facts={"decision": decision, "attempts": []},
        warnings=warnings,
    )


def _guarded(work: _Work, diagnose: Diagnose, timings: dict[str, float]) -> Guarded:
    try:
        with _timed(timings, "restore"):
            restored = _restored(work)
    except (NotNumbers, ImageError) as error:  # an `Image` refuses NaN, too
        reason = f"nothing can be used: {str(error).rstrip('.')}"
        return kept_without_result(work.image, work.before, reason)
    with _timed(timings, "guard"):
        return guard(
            work.image,
            restored,
            strength=_strength(work),
            kinds=work.kinds,
            before=work.before,
            diagnose=diagnose,
        )


def _unguarded(work: _Work, timings: dict[str, float]) -> Guarded:
    with _timed(timings, "restore"):
        restored = _restored(work)
        pixels = blended(work.image.pixels, restored, _strength(work))
        image = work.image.with_pixels(pixels)
    return Guarded(image=image, after=work.before, strength=_strength(work), facts={})


def _strength(work: _Work) -> float:
    return work.request.strength if work.request else 0.0


def _restored(work: _Work) -> Pixels:
    """Ask the restorer for its full result; what the file needs is kept.

    Gray pictures stay gray, and premultiplied colours stay below alpha. Strength is
    not its business: the guards may want to lower it.
    """
    assert work.request is not None  # `_idle` has seen to it
    image, request = work.image, replace(work.request, strength=1.0)
    if work.tell is not None and isinstance(work.restorer, Telling):
        restored = work.restorer.restore_telling(image, request, work.tell)
    else:
        restored = work.restorer.restore(image, request)
        if work.tell is not None:
            work.tell(1, 1)
    pixels = restored.pixels
    if pixels.shape != image.pixels.shape:
        name, size = work.restorer.card.name, f"{restored.width} x {restored.height}"
        what = f"The restorer `{name}` gave {size} pixels for"
        raise PluginError(f"{what} {image.width} x {image.height}.")
    if image.carried.is_gray:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    if image.carried.is_premultiplied and image.alpha is not None:
        pixels = np.minimum(pixels, image.alpha[:, :, None])
    return pixels


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Generator[None]:
    start = perf_counter()
    try:
        yield
    finally:
        timings[stage] = round(perf_counter() - start, 4)
