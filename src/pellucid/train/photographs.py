"""Clean photographs to learn from: pictures in tar shards, kept in memory as files.

A manifest in CSV beside the shards tells which photograph a picture was cut from
(``git_blob``), so that all cuts of a photograph are learned from, or none.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import BadImage, InputMissing
from pellucid.core.files import decode


@dataclass(frozen=True)
class Photograph:
    """One clean picture.

    Attributes:
        name: In its shard.
        data: Its file.
    """

    name: str
    data: bytes

    def pixels(self) -> NDArray[np.uint8]:
        """Decode to 8 bits: (height, width, 3)."""
        return _decoded(self.name, self.data)


@lru_cache(maxsize=1500)  # all of them: decoding again would cost more than memory
def _decoded(name: str, data: bytes) -> NDArray[np.uint8]:
    try:
        pixels = decode(data, source=name).pixels
    except BadImage as error:
        raise BadImage(f"{name}: {error}", error.hint) from error
    return np.rint(pixels * np.float32(255)).astype(np.uint8)


def load(
    folder: Path, shards: Sequence[str], kept_out: Sequence[str], *, held_out: bool
) -> list[Photograph]:
    """Read the photographs of some shards, sorted by name.

    Args:
        folder: Where the shards and ``manifest.csv`` are.
        shards: Their names.
        kept_out: First letters of the ``git_blob`` of those that nobody learns from.
        held_out: Take those kept out, in place of the others.

    Raises:
        InputMissing: If a file is not there, or nothing is left.
    """
    marked = _marked(folder / "manifest.csv", tuple(kept_out))
    found: list[Photograph] = []
    for shard in shards:
        path = folder / shard
        if not path.is_file():
            raise InputMissing(f"There is no shard {path}.", "Look at `data.folder`.")
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None and (member.name in marked) == held_out:
                    found.append(Photograph(member.name, file.read()))
    if not found:
        raise InputMissing(f"{folder}: There is no photograph to take.")
    return sorted(found, key=lambda photograph: photograph.name)


def _marked(manifest: Path, kept_out: tuple[str, ...]) -> frozenset[str]:
    """Name the pictures whose photograph is kept out."""
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        what = f"{manifest}: It cannot be read: {error.strerror}."
        raise InputMissing(what, "It lies beside the shards.") from error
    return frozenset(
        row["name"] for row in rows if row["git_blob"].startswith(kept_out)
    )
