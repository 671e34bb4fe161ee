"""What workers do in tests: importable by name, as their processes need it."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from pellucid.core.errors import BadImage, EnvironmentFailure, PellucidError
from pellucid.data import workers


class Picky(PellucidError):
    """Cannot be built again from its message alone."""

    exit_code = 4

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}", "Look closer.")


class Hungry(Exception):
    def __reduce__(self) -> Any:
        raise RuntimeError("not to be sent")


def double(number: int) -> int:
    return 2 * number


def who(_: object) -> int:
    return os.getpid()


def fail(how: str) -> str:
    """Raise something; what has no name here is fine."""
    match how:
        case "refuse":
            raise BadImage("a.png: It is broken.", "Ask for it again.")
        case "picky":
            raise Picky("It is", "wrong.")
        case "disk":
            try:
                raise OSError(28, "No space left on device", "a.png")
            except OSError as error:
                raise EnvironmentFailure("The disk is full.") from error
        case "bug":
            raise KeyError("nothing")
        case "hungry":
            raise Hungry("for pipes")
        case "memory":
            raise MemoryError
    return how


def fall(how: str) -> object:
    """Harm the process itself; what has no name here is fine."""
    match how:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(7)
        case "leave":
            sys.exit(7)
        case "hang":
            time.sleep(600)
        case "local":
            return lambda: None
    return how


def echo(data: bytes) -> bytes:
    return data


def refuse_to_begin() -> None:
    raise EnvironmentFailure("There is no such device.", "Take another.")


def die_at_once() -> None:
    os._exit(9)


def note_pid(folder: Path) -> None:
    (folder / f"{os.getpid()}").touch()


def note_and_hang(folder: Path, number: int) -> int:
    note_pid(folder)
    if number:
        time.sleep(600)
    return number


def run_until_killed(folder: Path) -> None:
    """Start three workers; two of them hang, one waits for more."""
    job = partial(note_and_hang, folder)
    with closing(workers.run(job, [1, 1, 0], workers=3)) as running:
        for _ in running:
            pass


if __name__ == "__main__":
    run_until_killed(Path(sys.argv[1]))
