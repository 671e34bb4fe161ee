"""How far a long run is, on one line of the terminal: rate and time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

INTERVAL_S = 30.0  # between two lines where nobody watches: log files stay short


class Meter:
    """Says on stderr what is done; silent about the first seconds of quick runs."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._start = time.monotonic()
        self._said = self._start
        self._kept: int | None = None

    def show(self, done: int, total: int) -> None:
        """Say that so many are done; the first call tells what was done before."""
        if self._kept is None:
            self._kept = done
        now = time.monotonic()
        if sys.stderr is not None and sys.stderr.isatty():
            if now - self._said >= 0.2 or done == total:
                self._said = now
                print(f"\r{self.line(done, total, now)}\x1b[K", end="", file=sys.stderr)
        elif now - self._said >= INTERVAL_S:
            self._said = now
            print(self.line(done, total, now), file=sys.stderr)

    def line(self, done: int, total: int, now: float) -> str:
        """Write one line: ``120 of 20000 pairs, 14.2/s, 23 min left``."""
        text = f"{done} of {total} {self._unit}"
        fresh, seconds = done - (self._kept or 0), now - self._start
        if fresh > 0 and seconds > 0:
            rate = fresh / seconds
            text += f", {rate:.3g}/s, {duration((total - done) / rate)} left"
        return text

    def end(self) -> None:
        """Leave the line to what is printed next."""
        if sys.stderr is not None and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)


@contextmanager
def meter(unit: str) -> Generator[Meter]:
    """Show progress while a block runs."""
    shown = Meter(unit)
    try:
        yield shown
    finally:
        shown.end()


def duration(seconds: float) -> str:
    """Write a time in the two units that matter: ``1 h 20 min``, ``35 s``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
