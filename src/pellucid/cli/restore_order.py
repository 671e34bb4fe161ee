"""What a command line of `restore` means, settled before any work."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pellucid.cli import reports
from pellucid.cli.streams import STREAM
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import CannotWrite
from pellucid.core.files import format_of
from pellucid.core.options import Limits, WriteOptions

if TYPE_CHECKING:
    from pellucid.core.records import LoadOptions, ModelCard, Request
    from pellucid.restore.file import Plan


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the command line says about files.

    Attributes:
        inputs: Photographs, folders and globs; ``-`` alone is stdin.
        output: A picture or a folder; ``-`` is stdout; empty is beside the input.
        report: Where all receipts go, as JSON.
        workers: Processes; 0 is one for every four cores.
        timeout_s: How long one of many photographs may take; None is for ever.
        dry_run: Only say what would be written.
        overwrite: Files that are there may be replaced.
        as_json: Print JSON in place of text.
    """

    inputs: Sequence[str]
    output: str = ""
    report: Path | None = None
    workers: int = 0
    timeout_s: float | None = None
    dry_run: bool = False
    overwrite: bool = False
    as_json: bool = False

    @property
    def is_stream(self) -> bool:
        """Bytes come in or go out through a pipe."""
        return STREAM in (*self.inputs, self.output)

    @property
    def is_single(self) -> bool:
        """It is about one file, not about what a folder holds."""
        return len(self.inputs) == 1 and not _is_many(self.inputs[0])

    @property
    def processes(self) -> int:
        """How many photographs are worked on at the same time."""
        return self.workers or max(1, cores() // 4)


def plan(
    order: Order,
    *,
    wanted: Request,
    model: str,
    recipe: Path | None = None,
    load: LoadOptions,
    options: WriteOptions,
    limits: Limits,
    receipt: Literal["beside", "xmp", "none"],
) -> Plan:
    """Settle what is to be done, before any photograph is read.

    Raises:
        UsageMistake: If the options contradict each other.
        UnknownName: If there is no such task, restorer or format.
        CannotWrite: If the format is only read.
        SettingsError: If the recipe is wrong.
    """
    from pellucid.core.registry import RESTORERS
    from pellucid.restore import diagnose
    from pellucid.restore.file import Plan
    from pellucid.restore.gate import check_speed_ups
    from pellucid.restore.recipe import Recipe, load_recipe
    from pellucid.restore.tasks import check

    _refuse_contradictions(order)
    if receipt == "xmp" and options.metadata == "none":
        what = (
            "A receipt in the picture is metadata, and `--metadata none` leaves none."
        )
        raise UsageMistake(what, "Say `--receipt beside`, or `--metadata safe`.")
    if order.report is not None:
        reports.refuse_existing(order.report, overwrite=order.overwrite)
    if recipe is not None:
        said = Recipe(model=model, request=wanted, load=load)
        settled = load_recipe(recipe).with_said(said)
        model, wanted, load = settled.model, settled.request, settled.load
    check(wanted.task)
    kind = RESTORERS.get(model)  # a mistake in its name is heard before the work
    _refuse_ignored(kind.card, wanted, load)
    check_speed_ups(kind, wanted.speed_ups)
    return Plan(
        diagnose=diagnose.diagnose,
        model=model,
        request=wanted,
        load=load,
        options=replace(options, format=_format(options.format)),
        limits=limits,
        receipts=receipt != "none",
        packet=receipt == "xmp",
    )


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _format(wanted: str | None) -> str | None:
    """Find the wanted format, and refuse one that is only read."""
    from pellucid.core.registry import FORMATS
    from pellucid.core.writing import format_name

    if wanted is None:
        return None
    name = format_name(wanted)
    kind = FORMATS.get(name)
    if not kind.sample_types:
        what = f"{kind.title} is read, but not written."
        raise CannotWrite(what, "Choose another format: `--format png`.")
    return name


def _refuse_ignored(card: ModelCard, wanted: Request, load: LoadOptions) -> None:
    """Refuse what only large models hear: nothing is ignored without a word."""
    if card.weights:
        return
    said = {
        "--steps": wanted.steps is not None,
        "--guidance-scale": wanted.guidance is not None,
        "--seed": wanted.seed != 0,
        "--prompt": bool(wanted.prompt),
        "--language": wanted.language != "en",
        "--speed-up": bool(wanted.speed_ups),
        "--weights": load.weights_folder is not None,
        "--memory": load.memory != "auto",
    }
    for option, is_said in said.items():
        if is_said:
            what = f"The restorer `{card.name}` does not hear `{option}`."
            raise UsageMistake(what, "It is for large models: `--model realrestorer`.")


def _refuse_contradictions(order: Order) -> None:
    if not order.inputs:
        raise UsageMistake("No photograph is named.", "Name files, folders or globs.")
    if order.is_stream:
        if len(order.inputs) > 1 or (order.output == STREAM and not order.is_single):
            what = "A pipe holds one photograph, but there may be several."
            raise UsageMistake(what, "Name a folder after `-o`.")
        if order.output in {"", STREAM}:
            _refuse_stdout(order)
    elif not order.is_single:
        if not order.output:
            what = "Say where the results go: `-o FOLDER`."
            raise UsageMistake(what, "Only a single photograph needs no `-o`.")
        if format_of(Path(order.output)) and not Path(order.output).is_dir():
            what = f"{order.output}: It is one picture, but there may be several."
            raise UsageMistake(what, "Name a folder.")


def _refuse_stdout(order: Order) -> None:
    if order.as_json or order.dry_run:
        what = "The picture goes to stdout, so nothing else can be printed there."
        raise UsageMistake(what, "Name a file with `-o`, or say `--report FILE`.")
    if sys.stdout is None or sys.stdout.isatty():
        what = "The picture would be written to the terminal."
        raise UsageMistake(what, "Name a file with `-o`, or pipe it: `| other`.")


def _is_many(value: str) -> bool:
    from pellucid.data.folders import MAGIC

    if os.path.lexists(value):
        return Path(value).is_dir()
    return not MAGIC.isdisjoint(value)
