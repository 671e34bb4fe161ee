"""Where the files of a pair go: four folders, or one sample of a tar shard.

    damaged/beach.png    what a restorer gets: PNG, nothing lost
    clean/beach.jpg      what it should make of it: coded as it came, where it was
                         not changed, else PNG
    masks/beach.old_photo.png   which places a kind destroyed, if it says so
    records/beach.json   how it was made

Pairs are made to be passed on, so they carry no place, serial number or thumbnail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.files import encode
from pellucid.core.image import Carried, Image, Pixels
from pellucid.core.options import WriteOptions
from pellucid.core.records import Damage, Pair, from_json, to_json
from pellucid.core.registry import FORMATS
from pellucid.degrade.chain import Damaged

DAMAGED, CLEAN, MASKS, RECORDS = "damaged", "clean", "masks", "records"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a pair.

    Attributes:
        folder: Which of the four it belongs to.
        suffix: What follows the name of the pair: ``.png``.
        data: Its bytes.
    """

    folder: str
    suffix: str
    data: bytes


def parts_of(damaged: Damaged, record: Damage) -> list[Part]:
    """Encode the files of a pair, the record last."""
    carried = damaged.clean.carried
    as_it_came = damaged.clean.is_untouched and carried.coded is not None
    format = carried.format if as_it_came else "png"
    suffix = FORMATS.get(format).extensions[0]
    parts = [
        Part(folder=DAMAGED, suffix=".png", data=_encoded(damaged.image, "png")),
        Part(folder=CLEAN, suffix=suffix, data=_encoded(damaged.clean, format)),
    ]
    for kind, mask in damaged.masks.items():
        data = _encoded(mask_picture(mask), "png")
        parts.append(Part(folder=MASKS, suffix=f".{kind}.png", data=data))
    text = to_json(record) + "\n"
    parts.append(Part(folder=RECORDS, suffix=".json", data=text.encode()))
    return parts


def mask_picture(mask: Pixels) -> Image:
    """Turn a mask into a gray picture."""
    pixels = np.repeat(mask[:, :, None], 3, axis=2)
    return Image(pixels, carried=Carried(is_gray=True))


def save(folder: Path, name: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Write the files of a pair, each whole or not at all, the record last.

    Args:
        folder: Of the run.
        name: Of the pair, with slashes, without an extension.

    Returns:
        Folder to path of the file, relative to the run; masks are a list.

    Raises:
        EnvironmentFailure: If the disk is full or the folder cannot be written.
    """
    found: dict[str, Any] = {}
    for part in parts:
        below = f"{part.folder}/{name}{part.suffix}"
        path = folder / below
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, part.data, replace=True)
        except OSError as error:
            what = f"{path}: It cannot be written: {error.strerror}."
            raise EnvironmentFailure(what, "Make room, or name another folder.") from (
                error
            )
        if part.folder == MASKS:
            found.setdefault(MASKS, []).append(below)
        else:
            found[part.folder] = below
    return found


def is_there(folder: Path, files: dict[str, Any]) -> bool:
    """Whether all files of a pair are where a journal says they are."""
    return all((folder / each).is_file() for each in paths(files))


def paths(files: dict[str, Any]) -> Iterator[str]:
    """Go through the files of a pair, masks too."""
    for each in files.values():
        yield from [each] if isinstance(each, str) else each


def row_of(folder: Path, files: dict[str, Any]) -> Pair:
    """Make the row of a manifest from the files of a pair."""
    path = folder / files[RECORDS]
    record = from_json(Damage, path.read_text(encoding="utf-8"))
    return Pair(
        key=record.key,
        damaged=files[DAMAGED],
        clean=files[CLEAN],
        origin="synthetic",
        steps=record.steps,
        tags=tuple(dict.fromkeys(step.kind for step in record.steps)),
    )


def names_of(keys: Sequence[str], count: int) -> dict[tuple[str, int], str]:
    """Name every pair after its photograph, without the extension where that is clear.

    Args:
        keys: Of the photographs: ``holiday/beach.jpg``.
        count: Pairs from each.

    Raises:
        SettingsError: If two names are equal even with extensions.
    """
    stems = [str(PurePosixPath(key).with_suffix("")) for key in keys]
    folded = [stem.casefold() for stem in stems]  # some disks ignore case
    times = Counter(folded)
    names: dict[tuple[str, int], str] = {}
    for key, stem, fold in zip(keys, stems, folded, strict=True):
        short = stem if times[fold] == 1 else key
        for copy in range(count):
            names[key, copy] = short if count == 1 else f"{short}-{copy + 1}"
    if len({name.casefold() for name in names.values()}) < len(names):
        what = "Two photographs would give pairs of one name."
        raise SettingsError(what, "Damage their folders one by one.")
    return names


def _encoded(image: Image, format: str) -> bytes:
    depth = 16 if image.carried.bit_depth > 8 else 8
    options = WriteOptions(
        format=format,
        metadata="safe",
        quick=True,
        bit_depth=depth if format == "png" else None,
    )
    return encode(image, options).data
