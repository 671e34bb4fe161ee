"""Items spread over processes that may crash, hang or run out of memory.

One process and one pipe for each slot, started with "spawn": no locks, threads or
files are inherited. A worker holds one item at a time and its next one is sent when
it answers, so a list of any length costs no memory, nothing can fill a pipe that
nobody reads, and whose fault a death was is always known.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeAlias, TypeVar

from pellucid.core.errors import EnvironmentFailure, PellucidError, SettingsError

T = TypeVar("T")
R = TypeVar("R")

Prepare: TypeAlias = Callable[[], object]


class ItemFailed(PellucidError):
    """An item whose worker crashed, died or took too long."""


@dataclass(frozen=True)
class Done(Generic[R]):
    """An item that worked out."""

    value: R
    error: None = None


@dataclass(frozen=True)
class Failed:
    """An item that did not; the others go on."""

    error: PellucidError
    value: None = None


Outcome: TypeAlias = Done[R] | Failed


def run(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int,
    prepare: Prepare | None = None,
    timeout_s: float | None = None,
) -> Generator[tuple[int, Outcome[R]]]:
    """Apply a function to every item, in several processes.

    One worker without a timeout is the calling process itself: quicker to start, but
    an item that crashes takes everything with it.

    Close the generator when leaving early (``contextlib.closing``): then its processes
    end at once, and not when it is collected.

    Args:
        function: Importable by name, or a ``partial`` of such a one. With its
            arguments and results, it can be pickled.
        items: Taken as they are needed.
        workers: How many processes.
        prepare: Called once in every process before its first item.
        timeout_s: How long one item may take, without starting and preparing.

    Yields:
        The place of an item and what came of it, as they finish. Errors that are a
        `PellucidError` keep their class, hint and the `OSError` behind them; others
        become `ItemFailed`, with the traceback as a note.

    Raises:
        SettingsError: If there is no worker.
        PellucidError: If a process cannot start or prepare itself.
    """
    if workers < 1:
        raise SettingsError(f"There must be at least 1 worker, got {workers}.")
    if workers == 1 and timeout_s is None:
        return _run_here(function, items, prepare)
    return _Crew(function, prepare, workers, timeout_s).run(items)


def _run_here(
    function: Callable[[T], R], items: Iterable[T], prepare: Prepare | None
) -> Generator[tuple[int, Outcome[R]]]:
    waiting = enumerate(items)
    first = next(waiting, None)
    if first is None:
        return
    if prepare is not None and (failed := _attempt(prepare).error):
        raise failed
    yield first[0], _attempt(function, first[1])
    for place, item in waiting:
        yield place, _attempt(function, item)


def _attempt(function: Callable[..., R], *arguments: Any) -> Outcome[R]:
    try:
        return Done(function(*arguments))
    except Exception as error:
        return Failed(_in_our_words(error))


def _in_our_words(error: Exception) -> PellucidError:
    if isinstance(error, PellucidError):
        return error
    if isinstance(error, MemoryError):
        what = "It needs more memory than there is."
        known = EnvironmentFailure(what, "Use fewer workers, or close other programs.")
    else:
        said = " ".join(str(error).split())
        known = ItemFailed(f"{type(error).__name__}: {said}" if said else repr(error))
    known.add_note("".join(traceback.format_exception(error)))
    known.__cause__ = error
    return known


# In the worker.


def _serve(
    pipe: Connection, function: Callable[[Any], Any], prepare: Prepare | None
) -> None:
    """Say once whether all is prepared, then answer every item until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepared = _attempt(prepare) if prepare is not None else Done(None)
    pipe.send_bytes(_pickled(prepared if prepared.error else Done(None)))
    with contextlib.suppress(EOFError):
        while True:
            item = pipe.recv()
            pipe.send_bytes(_pickled(_attempt(function, item)))


def _end_with_parent() -> None:
    """End at once when the parent is gone, also in the middle of an item."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _pickled(outcome: Outcome[Any]) -> bytes:
    """Pickle an outcome, with the `OSError` behind an error: pickle leaves it out."""
    try:
        error = outcome.error
        cause = error.__cause__ if error is not None else None
        data = pickle.dumps((outcome, cause if isinstance(cause, OSError) else None))
        if error is not None:
            pickle.loads(data)  # a class with arguments of its own may not come back
    except Exception as failure:  # what the `__reduce__` of others raises
        plain = _in_our_words(failure)
        if outcome.error is not None:
            plain = ItemFailed(str(outcome.error), outcome.error.hint)
            plain.exit_code = outcome.error.exit_code
        data = pickle.dumps((Failed(plain), None))
    return data


# In the parent.


@dataclass(eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    place: int
    item: Any
    is_ready: bool = False
    deadline: float | None = None


class _Crew(Generic[T, R]):
    """The processes of one run, and who of them works."""

    def __init__(
        self,
        function: Callable[[T], R],
        prepare: Prepare | None,
        size: int,
        timeout_s: float | None,
    ) -> None:
        self._job = (function, prepare)
        self._size = size
        self._timeout_s = timeout_s
        self._busy: dict[Connection, _Worker] = {}
        self._idle: list[_Worker] = []

    def run(self, items: Iterable[T]) -> Generator[tuple[int, Outcome[R]]]:
        """Supervise until all items have an outcome."""
        waiting = enumerate(items)
        finished: list[tuple[int, Outcome[R]]] = []
        try:
            while True:
                self._employ(waiting)  # before yielding: nobody waits for the caller
                yield from finished
                if not self._busy:
                    return
                finished = self._collect()
        finally:
            self._dismiss_all()

    def _employ(self, waiting: Iterator[tuple[int, T]]) -> None:
        """Give items to those who have none, and hire as long as there is room."""
        while len(self._busy) < self._size:
            entry = next(waiting, None)
            if entry is None:
                return
            if self._idle:
                worker = self._idle.pop()
                worker.place, worker.item = entry
                self._busy[worker.pipe] = worker
                self._send(worker)
            else:
                with _uninterrupted():
                    worker = _hire(self._job, *entry)
                    self._busy[worker.pipe] = worker

    def _send(self, worker: _Worker) -> None:
        with contextlib.suppress(OSError):  # it has died; `_collect` will notice
            worker.pipe.send(worker.item)
        worker.item = None
        if self._timeout_s is not None:
            worker.deadline = time.monotonic() + self._timeout_s

    def _collect(self) -> list[tuple[int, Outcome[R]]]:
        """Wait until somebody has answered, died or used up the time."""
        workers = self._busy.values()
        deadlines = [one.deadline for one in workers if one.deadline is not None]
        wait_s = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        finished: list[tuple[int, Outcome[R]]] = []
        for pipe in connection.wait(list(self._busy), wait_s):
            worker = self._busy[pipe]  # pyright: ignore[reportArgumentType]
            outcome = self._answer(worker)
            if outcome is not None:
                finished.append((worker.place, outcome))
        now = time.monotonic()
        for worker in list(self._busy.values()):
            is_late = worker.deadline is not None and worker.deadline <= now
            if is_late and not connection.wait([worker.pipe], 0):
                del self._busy[worker.pipe]
                _dismiss(worker)
                what = f"It took longer than {self._timeout_s:g} s and was stopped."
                error = ItemFailed(what, "Allow more time, or leave it out.")
                finished.append((worker.place, Failed(error)))
        return finished

    def _answer(self, worker: _Worker) -> Outcome[R] | None:
        """Take what a worker says; None if it is only that it may begin."""
        try:
            data = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            del self._busy[worker.pipe]
            how = _ending(_dismiss(worker))
            if not worker.is_ready:
                what = f"A worker process could not start: {how}."
                hint = 'A script must work under `if __name__ == "__main__":` only.'
                raise EnvironmentFailure(what, hint) from None
            hint = "If the memory was not enough: use fewer workers."
            return Failed(ItemFailed(f"Its worker process died: {how}.", hint))
        outcome, cause = pickle.loads(data)
        if outcome.error is not None:
            outcome.error.__cause__ = cause
        if worker.is_ready:
            del self._busy[worker.pipe]
            self._idle.append(worker)
            worker.deadline = None
            return outcome
        if outcome.error is not None:
            raise outcome.error
        worker.is_ready = True
        self._send(worker)
        return None

    def _dismiss_all(self) -> None:
        everybody = [*self._busy.values(), *self._idle]
        self._busy, self._idle = {}, []
        for worker in everybody:
            worker.process.kill()
        for worker in everybody:
            _dismiss(worker)


def _hire(
    job: tuple[Callable[[Any], Any], Prepare | None], place: int, item: Any
) -> _Worker:
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, *job), daemon=True)
    try:
        process.start()
    except OSError as error:
        pipe.close()
        what = f"A worker process cannot be started: {error.strerror}."
        raise EnvironmentFailure(what, "Use fewer workers.") from error
    finally:
        theirs.close()  # so that the pipe ends with the worker
    return _Worker(process, pipe, place, item)


def _dismiss(worker: _Worker) -> int:
    """End a process and wait until it is gone; return its exit code."""
    worker.process.kill()
    worker.process.join()
    code = worker.process.exitcode or 0
    worker.process.close()
    worker.pipe.close()
    return code


def _ending(code: int) -> str:
    """Say how a process ended."""
    if code >= 0:
        return f"exit code {code}"
    return f"signal {-code} ({signal.strsignal(-code) or 'unknown'})"


@contextlib.contextmanager
def _uninterrupted() -> Generator[None]:
    """Let Ctrl-C wait: a process would die of it, loudly, before it can ignore it."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # starting it would end the waiting
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
