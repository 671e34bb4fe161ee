"""Clips among the inputs: each video file, and each folder with pictures, is one.

A clip gives pairs of the kind ``blur``: the mean of some frames, and the one in the
middle. What else a chain holds happens to that mean.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.core.files import format_of
from pellucid.core.protocols import Params
from pellucid.core.seeds import stream
from pellucid.data.folders import Source
from pellucid.degrade import video
from pellucid.degrade.frames import is_clip
from pellucid.degrade.pairs import Plan


def find_clips(inputs: Sequence[str]) -> list[Source]:
    """Find the clips that are meant, sorted by their keys.

    Args:
        inputs: Video files, folders of frames, and folders that hold such.

    Raises:
        InputMissing: If an input is not there, or there is no clip in it.
        SettingsError: If two clips would have one key.
    """
    found: dict[str, Path] = {}
    for name in inputs:
        top = Path(name)
        if not top.exists():
            raise InputMissing(f"There is no clip {top}.", "Name a file or a folder.")
        clips = [top] if top.is_file() else list(_below(top))
        if not clips:
            what = f"{top}: There are neither videos nor pictures in this folder."
            raise InputMissing(what, "Name a video, or a folder of frames.")
        for clip in clips:
            key = clip.absolute().relative_to(top.absolute().parent).as_posix()
            if found.setdefault(key, clip) != clip:
                what = f"{found[key]} and {clip} would both be called `{key}`."
                raise SettingsError(what, "Name the folder that holds both.")
    return [Source(found[key], key) for key in sorted(found)]


def windows_of(plan: Plan, clip: Source, count: int) -> list[Params]:
    """Choose the stretches of a clip that become pairs.

    Raises:
        SettingsError: If the chain of the plan does not begin with blur.
        ImageError: If no stretch of the clip is usable.
    """
    if plan.chain.links[0].name != "blur":
        first = plan.chain.links[0].name
        what = f"A clip becomes blur, but the chain begins with {first}."
        raise SettingsError(what, "Say `--kind blur`, and other kinds after it.")
    rng = stream(plan.seed, "clip", clip.key)
    return video.windows(clip.path, rng, severity=plan.severity, count=count)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = [Path(place, name) for name in names if not name.startswith(".")]
        yield from (file for file in files if is_clip(file))
        if any(format_of(file) for file in files):
            yield Path(place)
