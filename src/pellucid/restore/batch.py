"""Many photographs: spread over workers, remembered in a journal, never begun anew.

Before a photograph is worked on, the journal says that it has begun, and afterwards
what came of it. So a result that a killed run has left is known as ours and may be
replaced, and a file of somebody else is not.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pellucid.core.atomic import PREFIX, SUFFIX
from pellucid.core.errors import MissingModel, PellucidError
from pellucid.core.records import to_json
from pellucid.core.settings import plain
from pellucid.data import workers
from pellucid.data.journal import Facts, Journal
from pellucid.restore import receipt
from pellucid.restore.file import (
    Plan,
    ready,
    refuse_existing,
    restore_file,
)
from pellucid.restore.jobs import Job

TIMEOUT_S = 1800.0  # 100 megapixels on a slow laptop, several times over
MAY_REPLACE = "/overwrite"  # in the journal; no key begins with a slash

# A disk that cannot be written to ends the run: every other file would fail too.
HOPELESS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@dataclass(kw_only=True)
class Progress:
    """What has become of a run so far.

    Attributes:
        total: Photographs that were asked for.
        kept: Photographs that an earlier run had restored.
        failed: Photographs without a result: key and error.
        done: What the journal holds of the others, by their keys: ``output``, a path
            in the folder, ``warnings``, ``input_sha256``, ``output_sha256`` and
            ``receipt``, its JSON.
        fresh: Keys of those that were restored now.
    """

    total: int
    kept: int = 0
    failed: list[tuple[str, PellucidError]] = field(
        default_factory=list[tuple[str, PellucidError]]
    )
    done: dict[str, Facts] = field(default_factory=dict[str, Facts])
    fresh: set[str] = field(default_factory=set[str])

    @property
    def restored(self) -> int:
        """Photographs restored now."""
        return len(self.fresh)


def run(
    plan: Plan,
    jobs: Sequence[Job],
    folder: Path,
    *,
    processes: int = 1,
    timeout_s: float | None = TIMEOUT_S,
    overwrite: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Restore photographs, those that are not restored yet.

    A photograph that has changed since is restored again.

    Args:
        plan: What is to be done to every photograph.
        jobs: The photographs.
        folder: Where the results, their receipts and the journal go.
        processes: How many work at the same time; the results do not depend on it.
        timeout_s: How long one photograph may take; None is for ever, and one process
            is then the calling one.
        overwrite: Begin anew, and replace what is there.
        tell: Called after every photograph.

    Returns:
        What became of it; a photograph that failed does not stop the others.

    Raises:
        OutputExists: If the folder belongs to a run with other settings.
        EnvironmentFailure: If another process works there, or the disk is full.
        MissingModel: If the weights of the restorer are not there.
    """
    with Journal.open(folder, description(plan), restart=overwrite) as journal:
        if overwrite:
            journal.add(MAY_REPLACE, {})
        progress = Progress(total=len(jobs))
        whole = _Run(plan=plan, folder=folder, journal=journal, progress=progress)
        try:
            whole.work(jobs, processes, timeout_s, tell)
        finally:
            _sweep({(folder / job.target.name).parent for job in jobs})
    progress.failed.sort(key=lambda failure: failure[0])
    return progress


def description(plan: Plan) -> dict[str, Any]:
    """Say what makes the bytes of a run: only an equal run may go on with it."""
    return {
        "model": plan.model,
        "request": plain(plan.request),
        "device": plan.load.device,
        "dtype": plan.load.dtype,
        "tile": plan.load.tile,
        "write": {
            "format": plan.options.format,
            "quality": plan.options.quality,
            "bit_depth": plan.options.bit_depth,
            "metadata": plan.options.metadata,
        },
        "packet": plan.packet,
        "versions": receipt.versions(),
    }


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run, while its folder is locked."""

    plan: Plan
    folder: Path
    journal: Journal
    progress: Progress

    def work(
        self,
        jobs: Sequence[Job],
        processes: int,
        timeout_s: float | None,
        tell: Callable[[Progress], None],
    ) -> None:
        """Do what is missing, and note what comes of it."""
        begun: list[Job] = []
        tell(self.progress)
        with closing(
            workers.run(
                partial(_restore, self.plan, self.folder),
                self._missing(jobs, begun, tell),
                workers=processes,
                prepare=partial(ready, self.plan.model, self.plan.load),
                timeout_s=timeout_s,
            )
        ) as outcomes:
            for place, outcome in outcomes:
                if outcome.error is not None:
                    self._fail(begun[place], outcome.error)
                else:
                    self._finish(begun[place], outcome.value)
                tell(self.progress)

    def _missing(
        self, jobs: Sequence[Job], begun: list[Job], tell: Callable[[Progress], None]
    ) -> Iterator[Job]:
        """Go through what is to be done, and note that it begins."""
        for job in jobs:
            key = job.source.key
            try:
                if self._is_done(job):
                    self.progress.kept += 1
                    self.progress.done[key] = self.journal.done(key) or {}
                    tell(self.progress)
                    continue
                ready_job = self._begin(job)
            except PellucidError as error:
                self._fail(job, error)
                tell(self.progress)
                continue
            begun.append(ready_job)
            yield ready_job

    def _is_done(self, job: Job) -> bool:
        facts = self.journal.done(job.source.key) or {}
        if "receipt" not in facts or facts["output"] != job.target.name:
            return False
        if not (self.folder / job.target.name).exists():
            return False
        return receipt.file_sha256(job.source.path) == facts["input_sha256"]

    def _begin(self, job: Job) -> Job:
        """Note that a result is to be expected, unless something is in its place.

        Raises:
            OutputExists: If something is there that is not ours.
        """
        key, name = job.source.key, job.target.name
        path = self.folder / name
        job = replace(job, overwrite=self._may_replace(job))
        refuse_existing(path, overwrite=job.overwrite, receipts=self.plan.receipts)
        self.journal.add(key, {"begun": name})
        return job

    def _may_replace(self, job: Job) -> bool:
        """Whether a killed run, or ours, has written what is in the place of a result.

        What somebody has changed since is theirs.
        """
        if self.journal.done(MAY_REPLACE) is not None:
            return True
        facts = self.journal.done(job.source.key) or {}
        if facts.get("begun") == job.target.name:
            return True
        path = self.folder / job.target.name
        if facts.get("output") != job.target.name or not path.exists():
            return False
        return receipt.file_sha256(path) == facts["output_sha256"]

    def _finish(self, job: Job, facts: Facts) -> None:
        self.journal.add(job.source.key, facts)
        self.progress.done[job.source.key] = self.journal.done(job.source.key) or {}
        self.progress.fresh.add(job.source.key)

    def _fail(self, job: Job, error: PellucidError) -> None:
        self.progress.failed.append((job.source.key, error))
        facts = self.journal.done(job.source.key) or {}
        if "begun" in facts and not (self.folder / job.target.name).exists():
            self.journal.add(job.source.key, {"failed": str(error)})
        cause = error.__cause__
        is_full = isinstance(cause, OSError) and cause.errno in HOPELESS
        if is_full or isinstance(error, MissingModel):  # so would all others
            raise error


def _restore(plan: Plan, folder: Path, job: Job) -> Facts:
    """Restore one photograph; this is what a worker does."""
    done = restore_file(
        plan,
        job.source.path,
        folder / job.target.name,
        job.target.format,
        overwrite=job.overwrite,
    )
    return {
        "output": job.target.name,
        "warnings": list(done.warnings),
        "input_sha256": done.receipt.input_sha256,
        "output_sha256": done.receipt.output_sha256,
        "receipt": to_json(done.receipt),  # as text: a sixth of the memory
    }


def _sweep(folders: set[Path]) -> None:
    """Remove what a worker could not finish that was stopped."""
    for folder in folders:
        for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
            path.unlink(missing_ok=True)
