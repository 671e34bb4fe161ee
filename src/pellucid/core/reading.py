"""Bytes to a picture: find the format by content, decode, turn upright.

Decoders of other people raise whatever they like; here it becomes `BadImage` or
`TooLarge`, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pellucid.core import exif, xmp
from pellucid.core.colour_models import profile_space
from pellucid.core.errors import (
    BadImage,
    ImageError,
    MissingDependency,
    PellucidError,
    PluginError,
    TooLarge,
)
from pellucid.core.foreign import refuse
from pellucid.core.image import Carried, Image
from pellucid.core.options import Limits
from pellucid.core.registry import FORMATS

# How an orientation becomes upright: (turn over the diagonal, flip rows, columns).
TURNS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def decode(data: bytes, limits: Limits | None = None, source: str = "") -> Image:
    """Read a picture from the bytes of a file.

    Args:
        data: The whole file, in any format of `FORMATS`.
        limits: What a header may announce.
        source: Where the bytes come from, for messages.

    Returns:
        The first picture of the file, upright.

    Raises:
        BadImage: If the file is broken, cut short or no picture.
        TooLarge: If its header announces more than the limits allow.
        MissingDependency: If the format needs an extra that is not installed.
    """
    limits = limits or Limits()
    try:
        name = find_format(data)
        if not name:
            refuse(data, limits)
        image = _decode_as(name, data, limits)
        return _upright(image, source)
    except (ImageError, MissingDependency) as error:
        raise _located(error, source) from error


def find_format(data: bytes) -> str:
    """Name the format of a file by its content; empty when none recognises it."""
    for name in ours_first():
        if FORMATS.get(name)().recognises(data):
            return name
    return ""


def ours_first() -> list[str]:
    """List formats, those of other packages last.

    So a broken one from outside is only heard of where none of ours knows the file.
    """

    def is_foreign(name: str) -> bool:
        try:
            return FORMATS.origin(name) != "built in"
        except PluginError:  # claimed twice: heard of when somebody asks for it
            return True

    return sorted(FORMATS.names(), key=lambda name: (is_foreign(name), name))


def _decode_as(name: str, data: bytes, limits: Limits) -> Image:
    try:
        return FORMATS.get(name)().decode(data, limits)
    except PellucidError:
        raise
    except MemoryError as error:
        what = "There is not enough memory to decode it."
        raise TooLarge(what, "Close other programs, or lower the limit.") from error
    except Exception as error:  # decoders raise anything; see the note above
        reason = str(error).strip().rstrip(".") or type(error).__name__
        what = f"It is a broken {FORMATS.get(name).title} file: {reason}."
        raise BadImage(what, "Ask for it again from where it came.") from error


def _located(error: PellucidError, source: str) -> PellucidError:
    """Put the name of the file in front of what is wrong with it."""
    if not source:
        return error
    return type(error)(f"{source}: {error}", error.hint)


def _upright(image: Image, source: str) -> Image:
    """Apply the EXIF orientation once, and remember the result as the original."""
    carried = replace(image.carried, source=source)
    carried = replace(carried, warnings=(*carried.warnings, *_doubts(carried)))
    pixels, alpha = image.pixels, image.alpha
    orientation = exif.orientation(carried.exif) if carried.exif else 1
    if orientation != 1:
        pixels = turn(pixels, orientation)
        alpha = None if alpha is None else turn(alpha, orientation)
        carried = _turned(carried, orientation)
    return Image(pixels, alpha, replace(carried, original=(pixels, alpha)))


def _turned(carried: Carried, orientation: int) -> Carried:
    """Make everything that knows of the orientation agree with upright pixels."""
    exact, dpi = carried.exact, carried.dpi
    return replace(
        carried,
        orientation=orientation,
        exact=None if exact is None else turn(exact, orientation),
        coded=None,
        exif=exif.with_orientation(carried.exif or b"", 1),
        xmp=xmp.with_orientation(carried.xmp, 1) if carried.xmp else None,
        dpi=(dpi[1], dpi[0]) if dpi and orientation > 4 else dpi,
    )


def turn(plane: np.ndarray, orientation: int) -> np.ndarray:
    """Bring a plane, stored with an EXIF orientation, upright.

    Args:
        plane: (height, width) or (height, width, channels).
        orientation: 1 to 8, EXIF 2.32 section 4.6.4.

    Returns:
        A contiguous copy; (width, height, ...) for 5 to 8.
    """
    transpose, rows, columns = TURNS[orientation]
    if transpose:
        plane = plane.swapaxes(0, 1)
    if rows:
        plane = plane[::-1]
    if columns:
        plane = plane[:, ::-1]
    return np.ascontiguousarray(plane)


def _doubts(carried: Carried) -> list[str]:
    """What looks wrong in the metadata, though the pixels are fine."""
    doubts: list[str] = []
    if carried.exif is not None and not exif.is_readable(carried.exif):
        doubts.append("Its EXIF block cannot be read; it is carried as it is.")
    elif carried.exif is not None and (count := exif.lost(carried.exif)):
        what = f"Its EXIF has parts that cannot be read ({count}); they stay only where"
        doubts.append(f"{what} the block is written as it is.")
    if carried.icc is not None:
        space = profile_space(carried.icc)
        if not space:
            doubts.append("Its ICC profile is broken; it is carried as it is.")
        elif space not in ({"GRAY", "RGB"} if carried.is_gray else {"RGB"}):
            what = f"Its ICC profile is for {space}, not for these colours;"
            doubts.append(f"{what} it is carried as it is.")
    return doubts
