"""Batches drawn ahead, in processes of their own, and handed over in their order."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from pellucid.train.samples import Batch, Drawing, Drawn, prepare

AHEAD = 3  # batches per process that wait to be learned from


def fed(drawings: Iterable[Drawing], workers: int) -> Generator[Batch]:
    """Draw batches in other processes.

    The order is that of the drawings, so what is learned does not depend on how many
    processes there are or how quick they are.

    Args:
        drawings: What to draw; all share their photographs.
        workers: Processes.
    """
    steps = iter(drawings)
    first = next(steps, None)
    if first is None:
        return
    with ProcessPoolExecutor(
        workers, get_context("spawn"), prepare, (list(first.photographs),)
    ) as pool:
        waiting: list[Future[Batch]] = [pool.submit(Drawn.of(first))]
        waiting += [
            pool.submit(Drawn.of(each)) for each in islice(steps, AHEAD * workers)
        ]
        try:
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(Drawn.of(each)) for each in islice(steps, 1)]
        finally:
            pool.shutdown(cancel_futures=True)
