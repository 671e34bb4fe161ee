"""Pictures that come in or go out through a pipe."""

from __future__ import annotations

import sys
from pathlib import Path

from pellucid.core.errors import EnvironmentFailure, InputMissing, TooLarge
from pellucid.core.options import Limits

STREAM = "-"


def bytes_of(name: str, limits: Limits) -> bytes:
    """Read all that comes, from stdin if the name is ``-``.

    Raises:
        InputMissing: If there is no such file, or stdin is closed.
        TooLarge: If there is more than any picture within the limits needs.
        EnvironmentFailure: If it cannot be read.
    """
    try:
        if name != STREAM:
            with Path(name).open("rb") as file:
                data = file.read(limits.max_bytes + 1)
        elif sys.stdin is None:
            raise InputMissing("Nothing comes from stdin: it is closed.")
        else:
            data = sys.stdin.buffer.read(limits.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        what = f"There is no file or folder `{name}`."
        raise InputMissing(what, "Look at the path once more.") from None
    except OSError as error:
        what = f"{name}: It cannot be read: {error.strerror or error}."
        raise EnvironmentFailure(what, "Look at its permissions.") from error
    if len(data) > limits.max_bytes:
        what = f"{name}: There is more than {limits.max_bytes / 1e6:.0f} MB."
        raise TooLarge(what, "If you trust it, allow more.")
    return data


def write_stdout(data: bytes) -> None:
    """Write a file to stdout."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
