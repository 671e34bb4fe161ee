"""The report of a run: one JSON file with the receipts of all its results."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pellucid.cli.escape import json_text
from pellucid.core.atomic import write_atomically
from pellucid.core.errors import EnvironmentFailure, OutputExists

MARK = "pellucid_report"
VERSION = 1


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace a file, unless it is the report of an earlier run.

    Raises:
        OutputExists: If it is something else, or cannot be read.
        EnvironmentFailure: If there is no folder for it.
    """
    if not path.parent.is_dir():
        what = f"{path}: It cannot be written: there is no folder {path.parent}."
        raise EnvironmentFailure(what, "Make the folder first.")
    if overwrite or not os.path.lexists(path) or _is_report(path):
        return
    what = f"{path}: It is there already, and no report."
    raise OutputExists(what, "Name another file, or say `--overwrite`.")


def write(
    path: Path,
    files: Sequence[Mapping[str, Any]],
    failed: Mapping[str, str],
    *,
    overwrite: bool,
) -> None:
    """Write a report.

    Args:
        path: Where to.
        files: Of every result: ``file``, ``output``, ``receipt`` and what was said.
        failed: Photograph to reason.
        overwrite: What is there may be replaced, also if it is no report.

    Raises:
        OutputExists: If something else is there.
        EnvironmentFailure: If the machine refuses.
    """
    refuse_existing(path, overwrite=overwrite)
    facts = {MARK: VERSION, "files": [*files], "failed": dict(failed)}
    try:
        write_atomically(path, (json_text(facts) + "\n").encode(), replace=True)
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Name another file.") from error


def _is_report(path: Path) -> bool:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and MARK in cast("dict[str, Any]", found)
