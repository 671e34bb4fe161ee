"""Files that are there whole or not at all.

A temporary file in the same folder is filled, flushed to the disk and renamed; then
the folder is flushed, so that the name survives a power cut as well.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

PREFIX, SUFFIX = ".pellucid-", ".tmp"  # short: names of 255 bytes leave no room


def write_atomically(path: Path, data: bytes, *, replace: bool) -> None:
    """Write a file so that nobody ever sees a part of it.

    Args:
        path: Where to; a link there is replaced, not what it points to.
        replace: Whether a file that is there may be replaced. Its permissions are
            kept then.

    Raises:
        FileExistsError: If a file is there and may not be replaced.
        OSError: What the machine says; nothing is left behind.
    """
    temporary = path.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    mode = _mode_of(path) if replace else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                temporary.chmod(mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            _rename_to_new(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(path.parent)


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        return None


def _rename_to_new(temporary: Path, path: Path) -> None:
    """Rename, but fail if the name is taken, also at the last moment."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # some file systems have no hard links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        temporary.replace(path)
    else:
        temporary.unlink()


def _flush_folder(folder: Path) -> None:
    """Make the new name last; file systems that cannot are left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
