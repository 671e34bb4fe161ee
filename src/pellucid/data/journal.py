"""What a run over many files remembers, so that it can go on after any end.

A file ``journal.jsonl`` in the folder of the outputs. Its first line says what makes
the bytes of this run; one line follows for every key that is done. A line counts when
it is on the disk with its line end, so after kill -9 or a power cut the last one may
be torn: it is cut off, and that key is done again.

Lines are ASCII: names of files that are not UTF-8 survive, and a tear cannot split a
letter.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from pellucid.core.atomic import PREFIX, SUFFIX, write_atomically
from pellucid.core.errors import EnvironmentFailure, OutputExists, PellucidError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME, LOCK = "journal.jsonl", ".pellucid-lock"
SCHEMA_VERSION = 1
BUSY = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
LEFT_OVER = re.compile(re.escape(PREFIX) + "[0-9a-f]{16}" + re.escape(SUFFIX))

Facts = dict[str, Any]  # what JSON can say


class BadJournal(PellucidError):
    """A journal that is damaged, or that pellucid has not written."""


class Journal:
    """The journal of a folder, locked while it is open. Made by `Journal.open`."""

    def __init__(self, path: Path, file: int, lock: int, done: dict[str, Facts]):
        self._path = path
        self._file = file
        self._lock = lock
        self._done = done

    @classmethod
    def open(
        cls, folder: Path, run: Mapping[str, Any], *, restart: bool = False
    ) -> Journal:
        """Lock a folder, make it where it is missing, and read what was done in it.

        What a killed run left half-written there is removed.

        Args:
            folder: Where the outputs go.
            run: All that decides which bytes are written, as JSON: settings, seed,
                versions. Only a run that says the same may go on.
            restart: Forget what was done.

        Raises:
            OutputExists: If the folder belongs to another run.
            BadJournal: If its journal is damaged or not ours.
            EnvironmentFailure: If another process works there (what was asked for is
                right, and will be possible later), or the machine refuses.
        """
        path = folder / NAME
        with contextlib.ExitStack() as held:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                lock = _locked(folder)
                held.callback(os.close, lock)
                _sweep(folder)
                if restart or not os.path.lexists(path):
                    head = _line({"pellucid_journal": SCHEMA_VERSION, "run": run})
                    write_atomically(path, head, replace=True)
                flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
                file = os.open(path, flags)
                held.callback(os.close, file)
                done = _read(path, file, run)
            except OSError as error:
                raise _failure(folder, error) from error
            held.pop_all()
        return cls(path, file, lock, done)

    def done(self, key: str) -> Facts | None:
        """Recall the facts of a key, the latest ones; None if it is not done."""
        return self._done.get(key)

    def add(self, key: str, facts: Mapping[str, Any]) -> None:
        """Remember a key; when this returns, it is on the disk.

        Raises:
            EnvironmentFailure: If the disk refuses; the journal is as before.
        """
        line = _line({"key": key, "facts": facts})
        size = os.fstat(self._file).st_size
        try:
            _write(self._file, line)
            os.fsync(self._file)
        except BaseException as error:  # a part of a line must not come before others
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, size)
            if isinstance(error, OSError):
                raise _failure(self._path, error) from error
            raise
        self._done[key] = json.loads(line)["facts"]

    def close(self) -> None:
        """Let others work in the folder; a second time, do nothing."""
        if self._file >= 0:
            os.close(self._file)
            os.close(self._lock)  # and with it the lock
            self._file = self._lock = -1

    def __len__(self) -> int:
        return len(self._done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _locked(folder: Path) -> int:
    """Take the lock of a folder. It ends with the process, however that ends.

    The file stays: removing it would let two processes lock two files of one name.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if error.errno not in BUSY:
            raise
        what = f"{folder}: Another process is working in this folder."
        raise EnvironmentFailure(what, "Wait for it, or name another folder.") from None
    return lock


def _sweep(folder: Path) -> None:
    """Remove what `write_atomically` could not finish, but not that of others."""
    for place, folders, names in os.walk(folder):
        if LOCK in names and Path(place) != folder:
            folders.clear()  # another run's: it may be working there now
            continue
        for name in filter(LEFT_OVER.fullmatch, names):
            Path(place, name).unlink(missing_ok=True)


def _read(path: Path, file: int, run: Mapping[str, Any]) -> dict[str, Facts]:
    """Read the lines, and cut off the last one if it is torn."""
    with open(file, "rb", closefd=False) as content:
        data = content.read()
    *lines, torn = data.split(b"\n")
    _check_head(path, lines[0] if lines else b"", run)
    done: dict[str, Facts] = {}
    for number, line in enumerate(lines[1:], start=2):
        entry = _entry(line)
        if entry is not None:
            done[entry[0]] = entry[1]
        elif number == len(lines) and not torn:
            torn = line + b"\n"  # a power cut can also leave zeros before the line end
        else:
            what = f"{path}, line {number}: It is damaged."
            raise BadJournal(what, "Say `--overwrite` to begin anew.")
    if torn:
        os.ftruncate(file, len(data) - len(torn))
        os.fsync(file)
    return done


def _check_head(path: Path, line: bytes, run: Mapping[str, Any]) -> None:
    head = _parsed(line)
    version = head.get("pellucid_journal")
    if version != SCHEMA_VERSION or not isinstance(head.get("run"), dict):
        what = f"{path}: It is not a journal that this pellucid has written."
        raise BadJournal(what, "Name another folder, or say `--overwrite`.")
    now = json.loads(_line(run))
    for key, old, new in _differences(head["run"], now):
        what = f"{path.parent}: Another run has begun there: `{key}` was {old}, now it"
        hint = "Name another folder, or say `--overwrite` to begin anew."
        raise OutputExists(f"{what} is {new}.", hint)


def _differences(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, str, str]]:
    """Go through all that differs, from the top, as key, old and new value."""
    if isinstance(old, list) and isinstance(new, list):
        old = dict(enumerate(cast("list[Any]", old)))
        new = dict(enumerate(cast("list[Any]", new)))
    if isinstance(old, dict) and isinstance(new, dict):
        before, now = cast("Facts", old), cast("Facts", new)
        for name in {**now, **before}:  # in the order of the run, then what is gone
            below = f"{key}.{name}" if key else str(name)
            yield from _differences(before.get(name), now.get(name), below)
    elif (was := json.dumps(old)) != (is_ := json.dumps(new)):
        yield key, was, is_


def _entry(line: bytes) -> tuple[str, Facts] | None:
    entry = _parsed(line)
    key, facts = entry.get("key"), entry.get("facts")
    if isinstance(key, str) and isinstance(facts, dict):
        return key, cast("Facts", facts)
    return None


def _parsed(line: bytes) -> Facts:
    """Read a line; empty when it is damaged."""
    try:
        value = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        return {}
    return cast("Facts", value) if isinstance(value, dict) else {}


def _line(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, allow_nan=False) + "\n").encode("ascii")


def _write(file: int, data: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part without an error."""
    while data:
        data = data[os.write(file, data) :]


def _failure(path: Path, error: OSError) -> EnvironmentFailure:
    what = f"{path}: It cannot be written: {error.strerror or error}."
    return EnvironmentFailure(what, "Make room, or name another folder.")
