"""The command `pellucid`: finds the commands, runs one, and never crashes in public.

A command is a file in the folder `commands`; adding one is adding a file.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from pellucid.cli import commands
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.failures import report
from pellucid.cli.signals import Terminated, terminable
from pellucid.cli.usage import Commands
from pellucid.core.version import __version__

HELP = "Restore photographs without losing what their files carry."
EPILOG = "A file whose name starts with a dash: write ./-name, or put -- before it."


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        words: Arguments without the name of the program; those of the process when
            None.

    Returns:
        The exit code, one of `ExitCode`.
    """
    words = list(sys.argv[1:] if words is None else words)
    _prepare_streams()
    with terminable():
        code = _guarded(_run, words)
        return _guarded(_flush, words) or code


def build() -> typer.Typer:
    """Make the application from the files in the folder `commands`."""
    app = typer.Typer(
        name="pellucid",
        cls=Commands,
        help=HELP,
        epilog=EPILOG,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,  # plain text: `[red].png` is a file, not a colour
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_start)
    for name, function in _commands():
        app.command(name)(function)
    return app


def _start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop")
    ] = False,
) -> None:
    if version:
        print(f"pellucid {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(ExitCode.USAGE)


def _commands() -> list[tuple[str, Callable[..., Any]]]:
    found: list[tuple[str, Callable[..., Any]]] = []
    for file in pkgutil.iter_modules(commands.__path__):
        module = import_module(f"{commands.__name__}.{file.name}")
        function = getattr(module, file.name, None) or getattr(module, f"{file.name}_")
        found.append((file.name.replace("_", "-"), function))
    return found


def _guarded(step: Callable[[list[str]], None], words: list[str]) -> int:
    try:
        step(words)
    except (Exception, KeyboardInterrupt, Terminated) as error:
        return report(error, words)
    return ExitCode.DONE


def _run(words: list[str]) -> None:
    """Parse and call, as typer does, but without its own handling of errors."""
    command = typer.main.get_command(app)
    with command.make_context("pellucid", words) as context:
        command.invoke(context)


def _flush(words: list[str]) -> None:
    """Write what waits for stdout now, while a full disk can still be reported."""
    del words
    if sys.stdout is not None:
        sys.stdout.flush()


def _prepare_streams() -> None:
    """Show what the terminal cannot encode as escapes, rather than fail."""
    if sys.stderr is None:  # closed by `2>&-`: messages must not land on stdout
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  (until the end)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


app = build()
