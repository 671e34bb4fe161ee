"""What a result is called, and in which format it is written.

A result keeps the format of its photograph, told by the content and not by the name.
Formats that are only read become ones that hold the same: HEIC becomes JPEG, camera
raw becomes PNG of 16 bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pellucid.core.errors import SettingsError
from pellucid.core.files import HEAD_BYTES, format_of
from pellucid.core.reading import find_format
from pellucid.core.registry import FORMATS
from pellucid.data.folders import Source

ADDED = "-restored"
IN_PLACE_OF = {"heic": "jpeg"}  # where a format is only read
FALLBACK = "png"


@dataclass(frozen=True)
class Target:
    """Where a result goes.

    Attributes:
        name: Of the file, relative to the folder of the run, with slashes.
        format: Name of the format it is written in.
    """

    name: str
    format: str


def format_for(path: Path, wanted: str | None = None) -> str:
    """Choose the format of a result.

    Args:
        path: The photograph; if it cannot be read, its name decides.
        wanted: The format that was asked for; None keeps the one it came in.
    """
    return wanted or writable(_format_in(path) or format_of(path))


def writable(format: str) -> str:
    """Name the format itself if it can be written, else one that holds as much."""
    if format in FORMATS and FORMATS.get(format).sample_types:
        return format
    return IN_PLACE_OF.get(format, FALLBACK)


def named_after(name: str, format: str) -> str:
    """Name a result after its photograph, with an extension of the format."""
    path = Path(name)
    extensions = FORMATS.get(format).extensions
    if path.suffix.lower() in extensions:
        return name
    stem = path.stem if format_of(path) else path.name  # `photo.v2` has no extension
    return path.with_name(stem + extensions[0]).as_posix()


def beside(photo: Path, format: str) -> Path:
    """Name the result that lies beside its photograph: ``photo-restored.jpg``."""
    named = Path(named_after(photo.name, format))
    return photo.with_name(f"{named.stem}{ADDED}{named.suffix}")


def targets_of(sources: Sequence[Source], wanted: str | None) -> dict[str, Target]:
    """Name the results of many photographs, each under its own name.

    ``a.heic`` and ``a.jpg`` would both become ``a.jpg``: then the one whose extension
    changes keeps it, too, and is called ``a.heic.jpg``.

    Raises:
        SettingsError: If two results would have one name all the same.
    """
    formats = {each.key: format_for(each.path, wanted) for each in sources}
    names = {key: named_after(key, format) for key, format in formats.items()}
    counts = Counter(names.values())
    for key, name in names.items():
        if counts[name] > 1 and name != key:
            names[key] = key + FORMATS.get(formats[key]).extensions[0]
    origins: dict[str, str] = {}
    for key, name in names.items():
        if first := origins.get(name):
            what = f"{first} and {key} would both be written to `{name}`."
            raise SettingsError(what, "Rename one of them, or restore them apart.")
        origins[name] = key
    return {key: Target(name, formats[key]) for key, name in names.items()}


def _format_in(path: Path) -> str:
    """Look into a file; what cannot be read is heard of when its turn comes."""
    try:
        with path.open("rb") as file:
            return find_format(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return ""
