"""The one place where exceptions become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import typer

from pellucid.cli import messages
from pellucid.cli.escape import printable
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.signals import Terminated
from pellucid.cli.usage import mistake
from pellucid.core.errors import PellucidError

# What the machine, and not the program, is to blame for.
ENVIRONMENT = frozenset(
    {
        errno.EACCES,
        errno.EBUSY,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.EMFILE,
        errno.ENAMETOOLONG,
        errno.ENFILE,
        errno.ENODEV,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.ENXIO,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
    }
)


def report(error: BaseException, words: Sequence[str]) -> int:
    """Tell the user why a command ended, and find its exit code.

    Args:
        error: What ended it.
        words: The command line, without the name of the program.
    """
    match error:
        case typer.Exit():
            return error.exit_code
        case PellucidError():
            messages.failed(error)
            return error.exit_code
        case typer.TyperException():
            messages.failed(mistake(error, words))
            return ExitCode.USAGE
        case KeyboardInterrupt() | typer.Abort():
            print("interrupted", file=sys.stderr)
            return ExitCode.INTERRUPTED
        case Terminated():
            print("terminated", file=sys.stderr)
            return ExitCode.TERMINATED
        case BrokenPipeError():
            forget_output()
            return ExitCode.PIPE_CLOSED
        case MemoryError():
            hint = "Close other programs, or work on a smaller picture."
            messages.error("There is not enough memory.", hint)
            return ExitCode.ENVIRONMENT
        case OSError(errno=number) if number in ENVIRONMENT:
            forget_output()
            messages.error(_said_by_machine(error))
            return ExitCode.ENVIRONMENT
        case _:
            return _bug(error)


def forget_output() -> None:
    """Send what is still waiting for stdout nowhere.

    Python flushes stdout when it ends, and would complain about it a second time.
    """
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _said_by_machine(error: OSError) -> str:
    name = error.filename
    where = f"`{os.fsdecode(name)}`: " if isinstance(name, str | bytes) else ""
    return f"{where}{error.strerror or error}."


def _bug(error: BaseException) -> ExitCode:
    for line in "".join(traceback.format_exception(error)).splitlines():
        print(printable(line), file=sys.stderr)
    hint = "Please report it with the lines above and what `pellucid doctor` prints."
    messages.error("This is a bug in pellucid, not a mistake of yours.", hint)
    return ExitCode.BUG
