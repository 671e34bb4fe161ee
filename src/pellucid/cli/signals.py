"""Being told to end: clean up first, as after Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM, as an exception, so that temporary files are removed on the way."""


@contextmanager
def terminable() -> Generator[None]:
    """Raise `Terminated` on SIGTERM while the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets only the main thread set handlers
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Terminated
