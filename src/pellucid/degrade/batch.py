"""Many photographs: spread over workers, remembered in a journal, never begun anew.

A run that was killed goes on where it was, and what it writes in the end is byte for
byte what it would have written without the interruption.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    ImageError,
    InputMissing,
    OutputExists,
    PellucidError,
)
from pellucid.core.protocols import Params
from pellucid.core.records import Pair
from pellucid.core.settings import dump_toml, plain
from pellucid.data import manifest, shards, workers
from pellucid.data.folders import Source
from pellucid.data.journal import Journal
from pellucid.degrade import store
from pellucid.degrade.clips import windows_of
from pellucid.degrade.pairs import Plan, make_pair, versions

SHARD_PAIRS = 1000
PARTS = ".parts"  # where pairs wait until all of them are there to be packed
OWN = (store.DAMAGED, store.CLEAN, store.MASKS, store.RECORDS, "manifest.parquet")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One pair to be made.

    Attributes:
        source: The photograph and its key.
        copy: 0 for the first pair from it.
        name: Of its files, with slashes, without an extension.
        window: If the source is a clip: which of its frames.
    """

    source: Source
    copy: int
    name: str
    window: Params | None = None

    @property
    def key(self) -> str:
        """What the journal knows it by."""
        return f"{self.source.key}#{self.copy}"


@dataclass(kw_only=True)
class Progress:
    """What has become of a run so far.

    Attributes:
        total: Pairs that were asked for.
        made: Pairs made now.
        kept: Pairs that an earlier run had made.
        failed: Photographs that gave no pair: key and error.
        file: What was written in the end: the manifest.
    """

    total: int
    made: int = 0
    kept: int = 0
    failed: list[tuple[str, PellucidError]] = field(
        default_factory=list[tuple[str, PellucidError]]
    )
    file: Path | None = None


def jobs_of(sources: Sequence[Source], count: int) -> list[Job]:
    """List the pairs that are to be made from photographs.

    Raises:
        SettingsError: If two pairs would have one name.
    """
    names = store.names_of([source.key for source in sources], count)
    return [
        Job(source=source, copy=copy, name=names[source.key, copy])
        for source in sources
        for copy in range(count)
    ]


def jobs_of_clips(
    plan: Plan, clips: Sequence[Source], count: int
) -> tuple[list[Job], list[tuple[str, PellucidError]]]:
    """List the pairs that are to be made from clips; every clip is looked through.

    Returns:
        The pairs, at most ``count`` from each, and the clips that give none.

    Raises:
        SettingsError: If two pairs would have one name, or the chain of the plan does
            not begin with blur.
    """
    names = store.names_of([clip.key for clip in clips], count)
    jobs: list[Job] = []
    failed: list[tuple[str, PellucidError]] = []
    for clip in clips:
        try:
            windows = windows_of(plan, clip, count)
        except (ImageError, InputMissing) as error:
            failed.append((clip.key, error))
            continue
        jobs += [
            Job(source=clip, copy=copy, name=names[clip.key, copy], window=window)
            for copy, window in enumerate(windows)
        ]
    return jobs, failed


def run(
    plan: Plan,
    jobs: Sequence[Job],
    output: Path,
    *,
    processes: int = 1,
    overwrite: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Make pairs, those that are not there yet, and the manifest of all.

    Args:
        plan: What is to be done to every photograph.
        jobs: The pairs.
        output: A folder; or a name ending in ``.tar`` for shards, which become
            ``name-000000.tar`` and so on, beside ``name.parquet``.
        processes: How many work at the same time; the result does not depend on it.
        overwrite: Throw away what another run has left there.
        tell: Called after every pair.

    Returns:
        What became of it; a photograph that failed does not stop the others.

    Raises:
        OutputExists: If the output belongs to another run, or to somebody else.
        EnvironmentFailure: If the disk is full.
    """
    packed = output.suffix == ".tar"
    folder = output.with_name(output.name + PARTS) if packed else output
    progress = Progress(total=len(jobs))
    if packed and not overwrite and _shard(output, 0).exists():
        what = f"{_shard(output, 0)}: It is there already."
        raise OutputExists(what, "Name another file, or say `--overwrite`.")
    _refuse_foreign(folder, overwrite=overwrite)
    with Journal.open(folder, description(plan), restart=overwrite) as journal:
        make = partial(_make, plan, folder, output.parent if packed else folder)
        _make_missing(make, jobs, folder, journal, progress, processes, tell)
        done = [files for job in jobs if (files := journal.done(job.key))]
        _write_recipe(plan, folder)
        if packed:
            progress.file = _pack(folder, done, output)
        else:
            progress.file = folder / "manifest.parquet"
            manifest.write(progress.file, _rows(folder, done))
    if packed and not progress.failed:
        shutil.rmtree(folder)
    return progress


def _make_missing(
    make: Callable[[Job], dict[str, Any]],
    jobs: Sequence[Job],
    folder: Path,
    journal: Journal,
    progress: Progress,
    processes: int,
    tell: Callable[[Progress], None],
) -> None:
    missing: list[Job] = []
    for job in jobs:
        files = journal.done(job.key)
        if files is None or not store.is_there(folder, files):
            missing.append(job)
    progress.kept = progress.total - len(missing)
    tell(progress)
    prepare = prepare_worker if processes > 1 else None
    with closing(
        workers.run(make, missing, workers=processes, prepare=prepare)
    ) as outcomes:
        for place, outcome in outcomes:
            if outcome.error is not None:
                progress.failed.append((missing[place].source.key, outcome.error))
            else:
                journal.add(missing[place].key, outcome.value)
                progress.made += 1
            tell(progress)
    progress.failed.sort(key=lambda failure: failure[0])


def prepare_worker() -> None:
    """Make a process ready to work beside others.

    Workers share the cores, so threads of OpenCV would only wait. And glibc gives the
    memory of a picture back to the system after each step, to get it anew, cleared,
    for the next: a quarter of the time. It stops when a large block was freed once
    (mallopt(3), M_MMAP_THRESHOLD).
    """
    cv2.setNumThreads(1)
    np.empty(31 << 20, dtype=np.uint8)


def _make(plan: Plan, folder: Path, home: Path, job: Job) -> dict[str, Any]:
    """Make one pair; this is what a worker does.

    Args:
        plan: What is to be done.
        folder: Where its files go.
        home: Where they are meant to be in the end.
        job: Which pair.
    """
    source = job.source
    damaged, record = make_pair(
        plan, source.path, source.key, job.copy, window=job.window, folder=home
    )
    return store.save(folder, job.name, store.parts_of(damaged, record))


def description(plan: Plan) -> dict[str, Any]:
    """Say what makes the bytes of a run: only an equal run may go on with it."""
    return {
        "recipe": plain(plan.recipe),
        "seed": plan.seed,
        "severity": plan.severity,
        "settings": dict(plan.fields),
        "versions": versions(),
    }


def _refuse_foreign(folder: Path, *, overwrite: bool) -> None:
    """Refuse to write among files that no run of ours has left."""
    if overwrite or (folder / "journal.jsonl").exists():
        return
    there = [name for name in OWN if (folder / name).exists()]
    if there:
        what = f"{folder / there[0]}: It is there already, and not from such a run."
        raise OutputExists(what, "Name another folder, or say `--overwrite`.")


def _write_recipe(plan: Plan, folder: Path) -> None:
    severity = "" if plan.severity is None else f" --severity {plan.severity:g}"
    head = f"# pellucid degrade PHOTOS --recipe run.toml --seed {plan.seed}{severity}\n"
    text = head + dump_toml(plan.resolved())
    write_atomically(folder / "run.toml", text.encode(), replace=True)


def _rows(folder: Path, done: Sequence[dict[str, Any]]) -> Iterator[Pair]:
    return (store.row_of(folder, files) for files in done)


def _shard(output: Path, number: int) -> Path:
    return output.with_name(f"{output.stem}-{number:06d}.tar")


def _pack(folder: Path, done: Sequence[dict[str, Any]], output: Path) -> Path:
    """Put pairs into shards, and write the manifest of where they are."""
    rows: list[Pair] = []
    waiting = iter(done)
    number = 0
    while chunk := list(islice(waiting, SHARD_PAIRS)):
        path = _shard(output, number)
        samples = (_sample(folder, files, rows, path.name) for files in chunk)
        shards.write_shard(path, samples)
        number += 1
    table = output.with_suffix(".parquet")
    manifest.write(table, rows)
    return table


def _sample(
    folder: Path, files: dict[str, Any], rows: list[Pair], shard: str
) -> shards.Sample:
    """Read the files of a pair for a shard, and note its row."""
    row = store.row_of(folder, files)
    damaged, clean = Path(files[store.DAMAGED]), Path(files[store.CLEAN])
    parts = {
        f"damaged{damaged.suffix}": (folder / damaged).read_bytes(),
        f"clean{clean.suffix}": (folder / clean).read_bytes(),
        "json": (folder / files[store.RECORDS]).read_bytes(),
    }
    for mask in files.get(store.MASKS, []):
        kind = mask.removesuffix(".png").rpartition(".")[2]
        parts[f"{kind}.mask.png"] = (folder / mask).read_bytes()
    place = f"{shard}/{shards.name_of(row.key)}"
    rows.append(
        replace(
            row,
            damaged=f"{place}.damaged{damaged.suffix}",
            clean=f"{place}.clean{clean.suffix}",
        )
    )
    return shards.Sample(row.key, parts)
