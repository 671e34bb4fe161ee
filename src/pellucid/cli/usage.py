"""Mistakes in the command line, said the way all our errors are said."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from pellucid.core.errors import PellucidError, UnknownName, did_you_mean


class UsageMistake(PellucidError):
    """A command line that cannot be carried out as it stands."""

    exit_code = 2


class Commands(TyperGroup):
    """The commands, with help for those who miss the name of one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first word names.

        Raises:
            UnknownName: If there is none of this name.
        """
        name = args[0]
        if self.get_command(ctx, name) is None:
            hint = did_you_mean(name, self.list_commands(ctx))
            if os.path.lexists(name):
                hint = (
                    f"To see what a file carries: `pellucid info {shlex.quote(name)}`."
                )
            raise UnknownName(f"There is no command called `{name}`.", hint)
        return super().resolve_command(ctx, args)


def mistake(error: typer.TyperException, words: Sequence[str]) -> UsageMistake:
    """Turn what the parser says into one sentence and one hint.

    Args:
        error: What the parser raised.
        words: The command line, without the name of the program.
    """
    what = " ".join(error.format_message().split())
    hint = _see_help(error)
    if option := getattr(error, "option_name", ""):
        known: Sequence[str] = getattr(error, "possibilities", None) or ()
        if error.__class__.__name__ == "NoSuchOption":
            what = f"There is no option called `{option}`."
        hint = did_you_mean(option, known) if known else hint
    if name := _dashed_file(words):
        path = shlex.quote(f"./{name}")
        hint = f"If `{name}` is a file, write `{path}`, or put `--` before the files."
    return UsageMistake(what, hint)


def _see_help(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path} --help`." if context else ""


def _dashed_file(words: Sequence[str]) -> str:
    """Find a file whose name was taken for an option."""
    options = words[: words.index("--")] if "--" in words else words
    dashed = (word for word in options if word.startswith("-") and word != "-")
    return next(filter(os.path.lexists, dashed), "")
