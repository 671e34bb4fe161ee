"""Where converted pictures go, settled before any work begins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pellucid.cli.usage import UsageMistake
from pellucid.core.files import format_of
from pellucid.core.registry import FORMATS


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """A path for every input.

    Attributes:
        of: Input to output.
        folder: The output is this folder, and names follow the inputs.
    """

    of: dict[Path, Path]
    folder: Path | None = None


def settle(files: Sequence[Path], output: str, format: str | None) -> Destinations:
    """Find a path for every input.

    Args:
        files: Inputs.
        output: A file, or a folder: one that is there, ends with a slash, or is
            meant for several inputs.
        format: Name of the wanted format; None keeps the one of each input.

    Raises:
        UsageMistake: If two inputs would be written to one path, or an output is
            another input.
    """
    folder = _folder(files, output)
    if folder is None:
        found = {files[0]: Path(output)}
    else:
        names = (named_after(file, format) if format else file.name for file in files)
        found = {file: folder / name for file, name in zip(files, names, strict=True)}
    if len(found) < len(files):
        twice = next(file for file in files if files.count(file) > 1)
        raise UsageMistake(f"{twice}: It is named twice.", "Name every file once.")
    _refuse_collisions(found)
    return Destinations(of=found, folder=folder)


def named_after(file: Path, format: str) -> str:
    """Name an output after its input, with an extension of the format."""
    extensions = FORMATS.get(format).extensions
    if file.suffix.lower() in extensions:
        return file.name
    stem = file.stem if format_of(file) else file.name  # `photo.v2` has no extension
    return stem + extensions[0]


def _folder(files: Sequence[Path], output: str) -> Path | None:
    path = Path(output)
    is_single = len(files) == 1
    if path.is_dir() or (is_single and output.endswith(("/", os.sep))):
        return path
    if is_single:
        return None
    if path.exists() or format_of(path):
        what = f"{path}: It is one file, but there are {len(files)} inputs."
        raise UsageMistake(what, "Name a folder after `-o`.")
    return path


def _refuse_collisions(found: dict[Path, Path]) -> None:
    """Look for outputs that would replace one another, or an input."""
    origins: dict[Path, Path] = {}
    for file, output in found.items():
        if output in origins:
            what = f"{output}: It would be written twice, from {origins[output]}"
            hint = "Convert them one by one, to different names."
            raise UsageMistake(f"{what} and from {file}.", hint)
        origins[output] = file
    inputs = {identity(file): file for file in found}
    for file, output in found.items():
        there = identity(output)
        other = inputs.get(there, file)
        if there is not None and other != file:
            what = f"{output}: It would be written from {file}, but it is an input too."
            raise UsageMistake(what, "Choose another folder.")


def identity(path: Path) -> tuple[int, int] | None:
    """Tell a file from all others, whatever its names; None if it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
