"""Which files are meant: files, folders and patterns become paths with keys.

Patterns are expanded here, because the shell of Windows does not and others stop at
some number of files. Patterns are those of the shell: ``*``, ``?``, ``[..]``, and
``**`` for any depth; as there, a leading dot hides. All folders are walked once,
however many links lead to them, so links can make no loop.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from pellucid.core.errors import EnvironmentFailure, InputMissing, PellucidError
from pellucid.core.registry import FORMATS

MAGIC = frozenset("*?[")


class SameKey(PellucidError):
    """Two inputs would have one name among the outputs."""

    exit_code = 2


@dataclass(frozen=True)
class Source:
    """A file to work on.

    Attributes:
        path: Where it is.
        key: Names it among all inputs: a relative path with ``/`` and its extension,
            never with ``..``. Outputs can be named after it.
    """

    path: Path
    key: str


@dataclass(frozen=True)
class _Find:
    """A source, and from which input it is."""

    source: Source
    number: int
    folder: str


def find(inputs: Sequence[str], also: frozenset[str] = frozenset()) -> list[Source]:
    """Find the files that are meant, sorted by their keys.

    A file is taken whatever its name. From folders and patterns, those are taken that
    are named like pictures and not hidden. A file found twice is one source, with the
    key of the first input that found it. The keys of inputs that share one begin with
    the names of their folders.

    Args:
        inputs: Files, folders and patterns; what exists is no pattern.
        also: More extensions to take, lower case: ``.mp4``.

    Raises:
        InputMissing: If an input is not there, or there is no picture in it.
        SameKey: If two files would have one key, also with their folders' names.
        EnvironmentFailure: If a folder cannot be listed.
    """
    if not inputs:
        raise InputMissing("No input was named.", "Name files, folders or patterns.")
    extensions = _readable() | also
    known: set[Path] = set()
    finds: list[_Find] = []
    for number, value in enumerate(inputs):
        folder, sources = _expand(value, extensions)
        name = folder.resolve().name
        for source in sources:
            place = source.path.absolute()
            if place not in known:
                known.add(place)
                finds.append(_Find(source, number, name))
    sources = [one.source for one in _told_apart(finds)]
    return sorted(sources, key=lambda source: source.key)


def _readable() -> frozenset[str]:
    formats = (FORMATS.get(name) for name in FORMATS.names())
    return frozenset(each for one in formats for each in one.extensions)


def _expand(value: str, extensions: frozenset[str]) -> tuple[Path, list[Source]]:
    """Find what one input means, and the folder that keys are relative to."""
    path = Path(value)
    if os.path.lexists(value):
        if not path.is_dir():
            return path.parent, [Source(path, path.name)]
        folder, parts = path, ("**", "*")
        what = f"{value}: There is no picture in this folder."
    elif MAGIC.isdisjoint(value):
        what = f"There is no file or folder `{value}`."
        raise InputMissing(what, "Look at the path once more.")
    else:
        folder, parts = _split(path.parts)
        what = f"{value}: No picture fits this pattern."
    sources = [
        Source(found, key)
        for found, key in _walk(folder, lambda names: _leads_to(names, parts))
        if found.suffix.lower() in extensions and _fits(key.split("/"), parts)
    ]
    if not sources:
        hint = "Pictures are known by their names, such as `a.jpg`; hidden files are"
        raise InputMissing(what, f"{hint} left out.")
    return folder, sources


def _split(parts: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """Cut a pattern into the folder before its first wildcard, and the rest."""
    *above, last = parts
    folder = Path()
    while above and not {"*", "?"} & set(above[0]):  # these would fit themselves, too
        if "[" in above[0] and not os.path.lexists(folder / above[0]):
            break
        folder /= above.pop(0)
    return folder, (*above, last, "*") if last == "**" else (*above, last)


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_fits(names[at:], parts[1:]) for at in range(len(names) + 1))
    return (
        bool(names) and fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])
    )


def _leads_to(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell whether files that fit can be in a folder, or below it."""
    for place, name in enumerate(names):
        if place >= len(parts) - 1:
            return False
        if parts[place] == "**":
            return True
        if not fnmatchcase(name, parts[place]):
            return False
    return True


def _walk(
    top: Path, is_wanted: Callable[[Sequence[str]], bool]
) -> Iterator[tuple[Path, str]]:
    """Go through the files below a folder, as path and key.

    Links to folders come last, so that a folder is found by its own name first.
    """
    seen: set[tuple[int, int]] = set()
    pending, links = [(top, "")], list[tuple[Path, str]]()
    while pending:
        folder, prefix = pending.pop()
        for entry, is_folder in _list(folder, seen):
            key = prefix + entry.name
            if not is_folder:
                yield Path(entry.path), key
            elif is_wanted(key.split("/")):
                below = links if entry.is_symlink() else pending
                below.append((Path(entry.path), f"{key}/"))
        if not pending:
            pending, links = sorted(links, reverse=True), []


def _list(
    folder: Path, seen: set[tuple[int, int]]
) -> list[tuple[os.DirEntry[str], bool]]:
    """List a folder that was not seen before: what is not hidden, and what is below."""
    try:
        about = folder.stat()
        if (about.st_dev, about.st_ino) in seen:
            return []
        seen.add((about.st_dev, about.st_ino))
        with os.scandir(folder) as listing:
            shown = [entry for entry in listing if not entry.name.startswith(".")]
        return [
            (entry, Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir())
            for entry in shown
            # A dead link must be heard of; pipes and devices are no pictures.
            if entry.is_symlink() or entry.is_dir() or entry.is_file()
        ]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        what = f"{folder}: It cannot be listed: {error.strerror}."
        raise EnvironmentFailure(what, "Look at its permissions.") from error


def _told_apart(finds: list[_Find]) -> list[_Find]:
    """Put the folder's name before the keys of inputs that share one."""
    shared = _shared(finds)
    numbers = {one.number for one in finds if one.source.key in shared}
    apart = [
        replace(one, source=Source(one.source.path, f"{one.folder}/{one.source.key}"))
        if one.number in numbers and one.folder
        else one
        for one in finds
    ]
    if still := _shared(apart):
        key = min(still)
        first, second = [one.source.path for one in apart if one.source.key == key][:2]
        what = f"{first} and {second} would both be called `{key}`."
        raise SameKey(what, "Name the folder that holds both, or work on one by one.")
    return apart


def _shared(finds: list[_Find]) -> set[str]:
    counts = Counter(one.source.key for one in finds)
    return {key for key, count in counts.items() if count > 1}
