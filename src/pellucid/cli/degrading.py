"""What the command `degrade` does: find, plan, run, and say what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from pellucid.cli import messages
from pellucid.cli.escape import json_text
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.progress import meter
from pellucid.cli.usage import UsageMistake
from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    InputMissing,
    MissingDependency,
    OutputExists,
    PellucidError,
)
from pellucid.core.files import format_of, write
from pellucid.core.options import Limits
from pellucid.core.records import Damage, from_json, to_json


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the command line says about files.

    Attributes:
        inputs: Photographs, folders and globs.
        output: A picture, a folder, or a name ending in ``.tar``.
        fields: Settings for every kind that has them.
        limits: How much may be read.
        count: Pairs from each photograph.
        workers: Processes; 0 is one for each core.
        frames: The inputs are clips, whose frames are averaged.
        overwrite: Files that are there may be replaced.
        as_json: Print JSON in place of text.
    """

    inputs: Sequence[str]
    output: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    limits: Limits = field(default_factory=Limits)
    count: int = 1
    workers: int = 0
    frames: bool = False
    overwrite: bool = False
    as_json: bool = False

    @property
    def is_single(self) -> bool:
        """One photograph to one picture: the output has the name of a picture."""
        return len(self.inputs) <= 1 and bool(format_of(Path(self.output)))


def plan(
    order: Order,
    kinds: Sequence[str],
    recipe: Path | None,
    assignments: Sequence[str],
    severity: float | None,
    seed: int,
) -> Any:
    """Settle what is to be done, before any photograph is read.

    Raises:
        UsageMistake: If the options contradict each other.
        UnknownName: If there is no such degradation.
        SettingsError: If a recipe or a setting is wrong.
        MissingDependency: If the extra `degrade` is not installed.
    """
    _need_extra()
    from pellucid.degrade.pairs import Plan
    from pellucid.degrade.recipe import load_recipe, of_kinds

    if bool(kinds) == (recipe is not None):
        what = "Say what is to be done: either `--kind NAME` or `--recipe FILE`."
        raise UsageMistake(what, "`pellucid list degradations` lists the kinds.")
    if recipe is not None:
        chosen = load_recipe(recipe, assignments)
    else:
        chosen = of_kinds(kinds, assignments)
    made = Plan(
        recipe=chosen,
        seed=seed,
        severity=severity,
        fields=order.fields,
        limits=order.limits,
    )
    made.chain  # noqa: B018  # built now: a mistake in it is heard before the work
    return made


def run(order: Order, plan: Any) -> None:
    """Make the pairs and say what came of it.

    Raises:
        typer.Exit: If a photograph failed.
    """
    if not order.inputs:
        raise UsageMistake("No photograph is named.", "Name files, folders or globs.")
    if not order.output:
        raise UsageMistake("Say where to write: `-o PATH`.")
    _refuse_videos(order)
    if order.is_single and order.count == 1:
        _one(order, plan)
    elif format_of(Path(order.output)):
        what = f"{order.output}: It is one picture, but there will be several."
        raise UsageMistake(what, "Name a folder, or NAME.tar.")
    else:
        _many(order, plan)


def replay(order: Order, record_file: Path) -> None:
    """Make the picture of a record again, and say whether it is the same.

    Raises:
        UsageMistake: If the output is not one picture.
        Incomplete: If the photograph is another one.
        typer.Exit: If the pixels differ.
    """
    _need_extra()
    from pellucid.degrade.pairs import replay as again

    if not order.is_single:
        what = "A record makes one picture: name it with `-o picture.png`."
        raise UsageMistake(what, "At most one photograph goes with it.")
    record = _record(record_file)
    source = _source(order, record, record_file)
    damaged, differences = again(record, source, order.fields, order.limits)
    facts = _write(order, source, damaged, record)
    for difference in differences:
        messages.warning(difference)
    _print(order, facts | {"same": not differences, "differences": differences})
    if differences:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _one(order: Order, plan: Any) -> None:
    from pellucid.degrade.batch import jobs_of_clips
    from pellucid.degrade.clips import find_clips
    from pellucid.degrade.pairs import make_pair

    source, window = Path(order.inputs[0]), None
    if order.frames:
        jobs, failed = jobs_of_clips(plan, find_clips(order.inputs)[:1], 1)
        for _, error in failed:
            raise error
        window = jobs[0].window
    folder = Path(order.output).parent
    damaged, record = make_pair(plan, source, source.name, window=window, folder=folder)
    _print(order, _write(order, source, damaged, record))


def _write(order: Order, source: Path, damaged: Any, record: Damage) -> dict[str, Any]:
    """Write the picture, its record and what else belongs to it, side by side."""
    from pellucid.degrade.store import mask_picture

    target = Path(order.output)
    beside = target.with_suffix(".json")
    if beside.exists() and not order.overwrite:
        what = f"{beside}: It is there already."
        raise OutputExists(what, "Choose another name, or say `--overwrite`.")
    written = [write(damaged.image, target, overwrite=order.overwrite)]
    if damaged.is_moved:
        path = target.with_suffix(f".clean{target.suffix}")
        written.append(write(damaged.clean, path, overwrite=order.overwrite))
    for kind, mask in damaged.masks.items():
        path = target.with_suffix(f".{kind}.png")
        written.append(write(mask_picture(mask), path, overwrite=order.overwrite))
    write_atomically(beside, (to_json(record) + "\n").encode(), replace=order.overwrite)
    for each in written:
        for warning in each.warnings:
            messages.warning(f"{each.path}: {warning}")
    return {
        "source": str(source),
        "output": str(target),
        "files": [str(each.path) for each in written],
        "record": str(beside),
        "kinds": [step.kind for step in record.steps],
    }


def _many(order: Order, plan: Any) -> None:
    from pellucid.data.folders import find
    from pellucid.degrade.batch import jobs_of, jobs_of_clips, run
    from pellucid.degrade.clips import find_clips

    failed: list[tuple[str, PellucidError]] = []
    if order.frames:
        jobs, failed = jobs_of_clips(plan, find_clips(order.inputs), order.count)
    else:
        jobs = jobs_of(find(order.inputs), order.count)
    processes = max(1, min(order.workers or os.cpu_count() or 1, len(jobs)))
    with meter("pairs") as shown:
        done = run(
            plan,
            jobs,
            Path(order.output),
            processes=processes,
            overwrite=order.overwrite,
            tell=lambda now: shown.show(now.made + now.kept, now.total),
        )
    failed += done.failed
    for _, error in failed:
        messages.failed(error)
    facts = {
        "output": order.output,
        "manifest": str(done.file),
        "pairs": done.made + done.kept,
        "made": done.made,
        "kept": done.kept,
        "failed": {key: str(error) for key, error in failed},
    }
    _print(order, facts)
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _print(order: Order, facts: dict[str, Any]) -> None:
    if order.as_json:
        print(json_text(facts))
    elif "pairs" in facts:
        kept = f" ({facts['kept']} were there)" if facts["kept"] else ""
        print(f"{facts['pairs']} pairs in {facts['output']}{kept}")
    else:
        kinds = ", ".join(facts["kinds"]) or "nothing"
        print(f"{facts['source']} -> {facts['output']} ({kinds})")


def _refuse_videos(order: Order) -> None:
    from pellucid.degrade.frames import is_clip

    for name in order.inputs:
        if not order.frames and is_clip(Path(name)):
            what = f"{name}: It is a video, not a photograph."
            raise UsageMistake(what, "Say `--frames` to average its frames.")


def _record(path: Path) -> Damage:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"{path}: It cannot be read as a record: {error}."
        raise InputMissing(
            what, "Name the `.json` that lies beside the picture."
        ) from (error)
    return from_json(Damage, text)


def _source(order: Order, record: Damage, record_file: Path) -> Path:
    """Find the photograph: as named, or as recorded, from a folder of the record."""
    if order.inputs:
        return Path(order.inputs[0])
    for folder in record_file.absolute().parents:
        place = Path(os.path.normpath(folder / record.source))
        if place.exists():
            return place
    what = f"The photograph {record.source} of the record is not there."
    raise InputMissing(what, "Name it: `pellucid degrade PHOTO --replay RECORD`.")


def _need_extra() -> None:
    """Look for the packages of the extra before any work."""
    from importlib.util import find_spec

    missing = [name for name in ("cv2", "scipy", "pyarrow") if find_spec(name) is None]
    if missing:
        what = f"Damaging pictures needs packages that are not here: {missing[0]}."
        raise MissingDependency(
            what, 'They come with `pip install "pellucid[degrade]"`.'
        )
