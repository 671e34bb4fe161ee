"""Several files, one after the other: a bad one does not stop the rest."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from pellucid.cli import messages
from pellucid.cli.escape import json_text
from pellucid.cli.exit_codes import ExitCode
from pellucid.core.errors import EnvironmentFailure, PellucidError

Facts = dict[str, Any]  # what JSON can say

# A disk that cannot be written to ends the run: every other file would fail too.
HOPELESS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def run(
    files: Sequence[Path],
    work: Callable[[Path], Facts],
    show: Callable[[Facts], str],
    *,
    as_json: bool,
) -> None:
    """Work on every file, print what came of it, and report those that failed.

    As JSON, one file gives an object and several give a list; a file that failed
    has ``file``, ``error`` and ``hint``. Failures go to stderr as well.

    Args:
        files: What the user named.
        work: Does one file; raises `PellucidError` if it cannot.
        show: Turns what ``work`` found into text.
        as_json: Print JSON in place of text.

    Raises:
        typer.Exit: If a file failed: with its own code when it was the only one.
        EnvironmentFailure: If the disk is full or read-only.
    """
    done: list[Facts] = []
    failures: list[PellucidError] = []
    try:
        for file in files:
            try:
                facts = _attempt(work, file)
            except PellucidError as error:
                failures.append(error)
                hint = messages.hint_of(error)
                done.append({"file": str(file), "error": str(error), "hint": hint})
                if _is_hopeless(error):
                    raise
                messages.failed(error)
            else:
                done.append(facts)
                if not as_json:
                    print(show(facts))
    finally:  # also after Ctrl-C: what is printed is whole JSON
        if as_json:
            print(json_text(done if len(files) != 1 else done[0] if done else {}))
    if failures:
        alone = len(files) == 1
        raise typer.Exit(failures[0].exit_code if alone else ExitCode.SOME_FAILED)


def _attempt(work: Callable[[Path], Facts], file: Path) -> Facts:
    try:
        return work(file)
    except MemoryError as error:
        what = f"{file}: It needs more memory than there is."
        raise EnvironmentFailure(what, "Close other programs.") from error


def _is_hopeless(error: PellucidError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in HOPELESS
