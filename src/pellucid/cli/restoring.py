"""What the command `restore` does: run, and say what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pellucid.cli import messages, reports, restored, streams
from pellucid.cli.escape import json_text
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.progress import meter
from pellucid.cli.restore_order import Order, cores
from pellucid.cli.streams import STREAM
from pellucid.cli.usage import UsageMistake
from pellucid.core.files import format_of

if TYPE_CHECKING:
    from pellucid.core.errors import PellucidError
    from pellucid.restore.batch import Progress
    from pellucid.restore.file import Plan, Restored
    from pellucid.restore.jobs import Job


def run(order: Order, plan: Plan) -> None:
    """Restore, and say what came of it.

    Raises:
        typer.Exit: If a photograph failed.
    """
    if order.is_stream:
        _stream(order, plan)
    elif order.is_single:
        _one(order, plan)
    else:
        _many(order, plan)


def _one(order: Order, plan: Plan) -> None:
    from pellucid.data.folders import find
    from pellucid.restore.file import restore_file

    source = find(order.inputs)[0].path
    target, format = _place(order, source, plan.options.format)
    if order.dry_run:
        restored.show_plan([(str(source), str(target))], as_json=order.as_json)
        return
    with meter("tiles") as shown:
        done = restore_file(
            plan, source, target, format, overwrite=order.overwrite, tell=shown.show
        )
    _tell_one(order, str(source), target, done)


def _place(order: Order, source: Path, wanted: str | None) -> tuple[Path, str]:
    """Find out where the result of one photograph goes, and in which format."""
    from pellucid.restore.targets import beside, format_for, named_after

    path, format = Path(order.output), format_for(source, wanted)
    if not order.output:
        return beside(source, format), format
    if path.is_dir() or order.output.endswith(("/", os.sep)):
        return path / named_after(source.name, format), format
    return path, wanted or format_of(path) or format


def _stream(order: Order, plan: Plan) -> None:
    from pellucid.restore.file import refuse_existing, restore_bytes, save

    name, format = order.inputs[0], plan.options.format
    target = None if order.output in {"", STREAM} else Path(order.output)
    if target is not None:
        refuse_existing(target, overwrite=order.overwrite, receipts=plan.receipts)
        format = format or format_of(target) or None
    if order.dry_run:
        restored.show_plan([(name, str(target))], as_json=order.as_json)
        return
    data = streams.bytes_of(name, plan.limits)
    with meter("tiles") as shown:
        done = restore_bytes(plan, data, format, source=name, tell=shown.show)
    if target is None:
        streams.write_stdout(done.data)
    else:
        save(done, target, overwrite=order.overwrite, receipts=plan.receipts)
    _tell_one(order, name, target, done)


def _tell_one(order: Order, name: str, target: Path | None, done: Restored) -> None:
    """Say what became of one photograph."""
    for warning in done.warnings:
        messages.warning(f"{name}: {warning}")
    facts = restored.facts_of(name, str(target), done.receipt, done.warnings)
    if order.report is not None:
        reports.write(order.report, [facts], {}, overwrite=order.overwrite)
    if target is not None:
        print(json_text(facts) if order.as_json else restored.line_of(facts))


def _many(order: Order, plan: Plan) -> None:
    from pellucid.restore import batch

    folder = Path(order.output)
    jobs = _jobs(order, plan, folder)
    if order.dry_run:
        pairs = [(str(job.source.path), str(folder / job.target.name)) for job in jobs]
        restored.show_plan(pairs, as_json=order.as_json)
        return
    processes = max(1, min(order.processes, len(jobs)))
    if processes > 1:
        threads = max(1, cores() // processes)
        plan = replace(plan, load=replace(plan.load, threads=threads))
    with meter("photographs") as shown:
        done = batch.run(
            plan,
            jobs,
            folder,
            processes=processes,
            timeout_s=order.timeout_s,
            overwrite=order.overwrite,
            tell=lambda now: shown.show(
                now.restored + len(now.failed), now.total - now.kept
            ),
        )
    _tell_many(order, folder, jobs, done)


def _jobs(order: Order, plan: Plan, folder: Path) -> list[Job]:
    from pellucid.data.folders import find
    from pellucid.restore.jobs import apart_from, jobs_of

    sources = find(order.inputs)
    chosen = apart_from(folder, sources)
    if left_out := len(sources) - len(chosen):
        what = f"{folder}: {left_out} pictures in it are results, and are left out."
        messages.warning(what)
    if not chosen:
        raise UsageMistake(f"{folder}: All inputs lie in it.", "Name another folder.")
    return jobs_of(chosen, folder, plan.options.format)


def _tell_many(order: Order, folder: Path, jobs: Sequence[Job], done: Progress) -> None:
    """Say what became of a folder, and why photographs failed."""
    from pellucid.core.records import Receipt, from_json

    names = {job.source.key: str(job.source.path) for job in jobs}
    failed = {names[key]: _reason(names[key], error) for key, error in done.failed}
    for key, error in done.failed:
        messages.error(failed[names[key]], messages.hint_of(error))
    files = [
        restored.facts_of(
            names[key],
            str(folder / facts["output"]),
            from_json(Receipt, facts["receipt"]),
            facts["warnings"],
        )
        for key, facts in sorted(done.done.items())
    ]
    for key in sorted(done.fresh):
        for warning in done.done[key]["warnings"]:
            messages.warning(f"{names[key]}: {warning}")
    if order.report is not None:
        reports.write(order.report, files, failed, overwrite=order.overwrite)
    summary = {
        "output": order.output,
        "restored": done.restored,
        "kept": done.kept,
        "failed": failed,
        "files": [{k: v for k, v in each.items() if k != "receipt"} for each in files],
    }
    print(json_text(summary) if order.as_json else restored.summary_of(summary))
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _reason(name: str, error: PellucidError) -> str:
    """Say what went wrong, and with which photograph."""
    return str(error) if name in str(error) else f"{name}: {error}"
