"""Which photographs a run is about, and where each result goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pellucid.core.errors import OutputExists
from pellucid.data.folders import Source
from pellucid.restore.targets import Target, targets_of


@dataclass(frozen=True, kw_only=True)
class Job:
    """One photograph to be restored.

    Attributes:
        source: The photograph and its key.
        target: Where its result goes.
        overwrite: What is there may be replaced.
    """

    source: Source
    target: Target
    overwrite: bool = False


def apart_from(folder: Path, sources: Sequence[Source]) -> list[Source]:
    """Leave out what an earlier run has written into a folder among the inputs.

    ``photos`` may be restored into ``photos/better``: its results are no photographs
    of the next run. Inputs that were named inside the folder itself stay.
    """
    home = folder.absolute()
    return [
        each
        for each in sources
        if not each.path.absolute().is_relative_to(home)
        or not each.key.endswith(
            f"/{each.path.absolute().relative_to(home).as_posix()}"
        )
    ]


def jobs_of(sources: Sequence[Source], folder: Path, wanted: str | None) -> list[Job]:
    """List what is to be done.

    Args:
        sources: The photographs.
        folder: Where the results go.
        wanted: Format of the results; None keeps that of each photograph.

    Raises:
        SettingsError: If two results would have one name.
        OutputExists: If a result would replace a photograph.
    """
    targets = targets_of(sources, wanted)
    photos = {each.path.resolve() for each in sources}
    for key, target in targets.items():
        if (folder / target.name).resolve() in photos:
            what = f"{folder / target.name}: It is a photograph, and would become"
            hint = "Name another folder."
            raise OutputExists(f"{what} the result of {key}.", hint)
    return [Job(source=each, target=targets[each.key]) for each in sources]
