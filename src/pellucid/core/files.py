"""Pictures on disk: read without trust, written whole or not at all.

The four functions here are the door to everything about files: `read` and `write`
for paths, `decode` and `encode` for bytes.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    BadImage,
    EnvironmentFailure,
    ImageError,
    InputMissing,
    OutputExists,
    TooLarge,
)
from pellucid.core.foreign import refuse
from pellucid.core.image import Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode, find_format, ours_first
from pellucid.core.registry import FORMATS
from pellucid.core.writing import Encoded, encode

__all__ = ["Encoded", "Written", "decode", "encode", "format_of", "read", "write"]

HEAD_BYTES = 1 << 16  # enough for the size in the header of most files
SPARE_BYTES = 1 << 28  # what a file may hold beside its pixels


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file on disk.

    Attributes:
        path: Where it is.
        format: Name of its format.
        size: Bytes.
        warnings: What it does not hold although the picture did.
    """

    path: Path
    format: str
    size: int
    warnings: tuple[str, ...] = ()


def read(path: str | os.PathLike[str], limits: Limits | None = None) -> Image:
    """Read a picture from a file, by its content and not by its name.

    Raises:
        InputMissing: If there is nothing at the path.
        BadImage: If it is no regular file, broken, cut short or no picture.
        TooLarge: If its header announces more than the limits allow.
        MissingDependency: If the format needs an extra that is not installed.
        EnvironmentFailure: If the machine does not let us read it.
    """
    limits = limits or Limits()
    path = Path(path)
    name = os.fspath(path)
    try:
        data = _bytes(path, limits)
    except OSError as error:
        raise _failure(f"{name}: It cannot be read", error) from error
    except ValueError as error:  # a NUL in the name
        raise InputMissing(f"{name!r} cannot be the name of a file.") from error
    image = decode(data, limits, source=name)
    kind = FORMATS.get(image.carried.format)
    suffix = path.suffix.lower()
    if format_of(path) and suffix not in kind.extensions:
        what = f"It is named {suffix} but holds {kind.title}."
        image = image.with_carried(warnings=(*image.carried.warnings, what))
    return image


def write(
    image: Image,
    path: str | os.PathLike[str],
    options: WriteOptions | None = None,
    *,
    overwrite: bool = False,
    in_place: bool = False,
) -> Written:
    """Write a picture to a file: the whole of it or nothing.

    The format is the one asked for, else the one the file name says, else the one
    the picture came in.

    Args:
        overwrite: A file that is there may be replaced, unless it is the source.
        in_place: The source itself may be replaced.

    Raises:
        OutputExists: If a file is there and nobody said that it may be replaced.
        CannotWrite: If the format cannot hold the picture or an option.
        EnvironmentFailure: If the disk is full or the folder cannot be written.
    """
    options = options or WriteOptions()
    path = Path(path)
    _refuse_replacing(image, path, overwrite=overwrite, in_place=in_place)
    if in_place:
        path = path.resolve()  # what a link points to, not the link
    if options.format is None and (named := format_of(path)):
        options = replace(options, format=named)
    encoded = encode(image, options)
    try:
        write_atomically(path, encoded.data, replace=overwrite or in_place)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _failure(f"{path}: It cannot be written", error) from error
    return Written(
        path=path,
        format=encoded.format,
        size=len(encoded.data),
        warnings=encoded.warnings,
    )


def format_of(path: Path) -> str:
    """Name the format that a file name stands for; empty when it says nothing."""
    suffix = path.suffix.lower()
    for name in ours_first():
        if suffix in FORMATS.get(name).extensions:
            return name
    return ""


def _bytes(path: Path, limits: Limits) -> bytes:
    """Read a regular file, after a look at its size and header."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise BadImage(f"{path}: It is a folder, not a picture.", "Name a file in it.")
    if not stat.S_ISREG(mode):
        what = f"{path}: It is a device or a pipe, not a file."
        raise BadImage(what, "Write it to a file first.")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        if size > HEAD_BYTES:
            _check_head(str(path), head, size, limits)
        file.seek(0)
        return file.read()


def _check_head(name: str, head: bytes, size: int, limits: Limits) -> None:
    """Refuse a large file early, before all of it is in memory.

    Raises:
        BadImage: If it is no picture.
        TooLarge: If the file, or the picture its header announces, is too large.
    """
    announced = (0, 0)
    for decoder in (PngImageFile, JpegImageFile, BmpImageFile):
        with contextlib.suppress(Exception):  # a first look; `decode` has the last word
            announced = decoder(io.BytesIO(head)).size
    try:
        if not find_format(head):
            refuse(head, limits)
        limits.check(*announced)
    except ImageError as error:
        raise type(error)(f"{name}: {error}", error.hint) from None
    room = limits.max_bytes
    if any(announced):  # metadata and a video behind it are fine, a gigabyte is not
        room = min(room, SPARE_BYTES + 64 * announced[0] * announced[1])
    if size > room:
        what = (
            f"{name}: The file has {size / 1e6:.0f} MB;"
            f" the limit for such a picture is {room / 1e6:.0f} MB."
        )
        raise TooLarge(what, "Cut off what stands behind the picture, or allow more.")


def _refuse_replacing(
    image: Image, path: Path, *, overwrite: bool, in_place: bool
) -> None:
    source = image.carried.source
    if not path.exists() or in_place:
        return
    if source and Path(source).exists() and path.samefile(source):
        what = f"{path}: It is the picture itself, which is never replaced by itself."
        raise OutputExists(
            what, "Say `--in-place` if you mean it, or name another file."
        )
    if not overwrite:
        raise _exists(path)


def _exists(path: Path) -> OutputExists:
    hint = "Say `--overwrite` to replace it, or name another file."
    return OutputExists(f"{path}: There is already a file.", hint)


def _failure(what: str, error: OSError) -> EnvironmentFailure | InputMissing:
    """Say in our words what the machine refused."""
    reason = (error.strerror or str(error)).rstrip(".")
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
        return InputMissing(f"{what}: {reason}.", "Look at the path once more.")
    hints = {
        errno.ENOSPC: "Make room on the disk; nothing was half-written.",
        errno.EDQUOT: "Make room on the disk; nothing was half-written.",
        errno.EACCES: "Ask for the permission, or choose another folder.",
        errno.EPERM: "Ask for the permission, or choose another folder.",
        errno.EROFS: "The disk is read-only; choose another folder.",
    }
    return EnvironmentFailure(f"{what}: {reason}.", hints.get(error.errno or 0, ""))
