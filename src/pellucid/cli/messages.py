"""What is said to the user, on stderr: errors, hints and warnings. Never data."""

from __future__ import annotations

import os
import sys

import typer

from pellucid.cli.escape import printable
from pellucid.core.errors import PellucidError, TooLarge


def error(what: str, hint: str = "") -> None:
    """Say what is wrong, and on its own line what to do."""
    _say("error", what, "red")
    if hint:
        print(file=sys.stderr)
        _say("hint", hint, "cyan")


def failed(failure: PellucidError) -> None:
    """Say what an error says."""
    error(str(failure), hint_of(failure))


def warning(what: str) -> None:
    """Say something that a careful reader should know."""
    _say("warning", what, "yellow")


def hint_of(failure: PellucidError) -> str:
    """Add to a hint what only the command line knows: the name of the option."""
    if isinstance(failure, TooLarge):
        return f"{failure.hint} The option is `--max-pixels`.".strip()
    return failure.hint


def _say(label: str, text: str, colour: str) -> None:
    label = f"{label}:"
    if _is_coloured():
        label = typer.style(label, fg=colour, bold=True)
    print(label, printable(text), file=sys.stderr)


def _is_coloured() -> bool:
    """Colours are for people who look and have not declined (https://no-color.org)."""
    declined = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not declined and sys.stderr is not None and sys.stderr.isatty()
