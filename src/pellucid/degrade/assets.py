"""Pictures of damage that a user has collected: flare sprites, rain, moire.

A folder of assets has one folder for each subject: ``flare``, ``rain``, ``moire``,
``reflection``. A choice is a name and a checksum, so a record still tells after years
whether the same picture is there.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from pellucid.core.errors import InputMissing
from pellucid.core.files import decode, format_of
from pellucid.core.image import Pixels
from pellucid.core.protocols import Params


def choose(folder: str, subject: str, rng: np.random.Generator) -> Params | None:
    """Draw one picture of a subject.

    One number is drawn in any case, so that other choices do not depend on whether
    there are assets. Names are read once in a process: a run with a picture added on
    the way could not be done again.

    Args:
        folder: Folder of assets; empty if there is none.
        subject: Name of the folder in it.
        rng: Where chance comes from.

    Returns:
        ``name`` within the folder and ``sha256``; None if there is no such picture.

    Raises:
        InputMissing: If the folder of assets is not there.
    """
    place = float(rng.random())
    names = _names(folder, subject) if folder else ()
    if not names:
        return None
    name = names[min(int(place * len(names)), len(names) - 1)]
    return {"name": name, "sha256": sha256(_bytes(folder, name)).hexdigest()}


def load(folder: str, chosen: Params) -> Pixels:
    """Read a picture that was chosen.

    Returns:
        (height, width, 3), read-only.

    Raises:
        InputMissing: If it is not there, or is another picture by now.
        BadImage: If it is no picture.
    """
    return _load(folder, str(chosen["name"]), str(chosen["sha256"]))


@lru_cache(maxsize=4)  # a picture is asked for a few times in a row; they are large
def _load(folder: str, name: str, checksum: str) -> Pixels:
    if not folder:
        what = f"The picture {name} belongs to a folder of assets, and none is named."
        raise InputMissing(what, "Name the folder: the option is `--assets`.")
    data = _bytes(folder, name)
    if sha256(data).hexdigest() != checksum:
        what = f"{Path(folder, name)}: It is not the picture that was used before."
        raise InputMissing(what, f"Bring back the one with SHA-256 {checksum}.")
    return decode(data).pixels


def _bytes(folder: str, name: str) -> bytes:
    try:
        return Path(folder, name).read_bytes()
    except OSError as error:
        what = f"{Path(folder, name)}: It cannot be read: {error.strerror}."
        raise InputMissing(what, "Name the folder of assets it was in.") from error


@lru_cache(maxsize=32)
def _names(folder: str, subject: str) -> tuple[str, ...]:
    if not Path(folder).is_dir():
        what = f"There is no folder of assets {folder}."
        raise InputMissing(what, "It has folders called flare, rain, moire, ...")
    found = (each for each in Path(folder, subject).rglob("*") if format_of(each))
    return tuple(sorted(each.relative_to(folder).as_posix() for each in found))
