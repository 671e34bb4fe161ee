"""What is said about restored photographs: lines for people, facts for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pellucid.cli.escape import json_text, printable

if TYPE_CHECKING:
    from pellucid.core.records import Receipt

Facts = dict[str, Any]

IDLE = "nothing_to_repair"  # what the guards say of a clean photograph


def facts_of(
    name: str, output: str, receipt: Receipt, warnings: Sequence[str]
) -> Facts:
    """Collect what is known about one result.

    Returns:
        ``file``, ``output``, ``repaired`` (kinds of damage), ``decision`` (of the
        guards), ``applied_strength``, ``warnings`` and ``receipt``.
    """
    from pellucid.core.records import Diagnosis
    from pellucid.core.settings import plain
    from pellucid.restore.tasks import kinds

    tasks = receipt.request.task
    repaired = kinds(tasks, receipt.before or Diagnosis())
    return {
        "file": name,
        "output": output,
        "repaired": list(repaired or [task for task in tasks if task != "auto"]),
        "decision": receipt.guards.get("decision", "accepted"),
        "applied_strength": receipt.applied_strength,
        "warnings": list(warnings),
        "receipt": plain(receipt),
    }


def line_of(facts: Facts) -> str:
    """Say in one line what became of a photograph."""
    what = ", ".join(facts["repaired"])
    if facts["decision"] == IDLE:
        what = "nothing to repair"
    elif facts["applied_strength"] == 0.0:
        what = f"{what}: kept as it was" if what else "kept as it was"
    return printable(f"{facts['file']} -> {facts['output']} ({what})")


def summary_of(facts: Facts) -> str:
    """Say in one line what became of a folder."""
    count = facts["restored"] + facts["kept"]
    unchanged = sum(each["decision"] == IDLE for each in facts["files"])
    notes = [
        f"{number} {words}"
        for number, words in (
            (facts["kept"], "were there"),
            (unchanged, "had nothing to repair"),
            (len(facts["failed"]), "failed"),
        )
        if number
    ]
    line = f"{count} photographs in {facts['output']}"
    return printable(f"{line} ({', '.join(notes)})" if notes else line)


def show_plan(pairs: Sequence[tuple[str, str]], *, as_json: bool) -> None:
    """Print what would be written."""
    if as_json:
        print(json_text([{"file": file, "output": to} for file, to in pairs]))
        return
    for file, to in pairs:
        print(printable(f"{file} -> {to}"))
