r"""EXIF blocks: edits in place, so that MakerNotes can still be read afterwards.

A block is the TIFF structure without the ``Exif\0\0`` of JPEG. No function raises
on a broken block: what cannot be found is not changed.

Source: EXIF 2.32 (CIPA DC-008), sections 4.5 (thumbnail), 4.6.4 and 4.6.5 (tags).
"""

from __future__ import annotations

from pellucid.core.exif_blob import (
    Blob,
    from_tree,
    lost_parts,
    merge,
    open_blob,
    overlap,
    preview_spans,
    spans,
    to_tree,
)
from pellucid.core.exif_description import describe
from pellucid.core.exif_privacy import without_private
from pellucid.core.ifd import JPEG_LENGTH, jpeg_span

__all__ = [
    "describe",
    "from_tree",
    "is_readable",
    "lost",
    "orientation",
    "thumbnail",
    "to_tree",
    "with_orientation",
    "with_size",
    "with_thumbnail",
    "without_orientation",
    "without_private",
    "without_thumbnail",
]

ORIENTATION = 0x112
IMAGE_WIDTH, IMAGE_LENGTH = 0x100, 0x101
PIXEL_X_DIMENSION, PIXEL_Y_DIMENSION = 0xA002, 0xA003
MAIN = ("ifd0", "exif", "gps", "interop")


def is_readable(blob: bytes) -> bool:
    """Tell whether the first directory of a block can be read."""
    return open_blob(blob) is not None


def lost(blob: bytes) -> int:
    """Count the tags and directories of a block that cannot be read."""
    opened = open_blob(blob)
    return 0 if opened is None else lost_parts(opened.directories)


def orientation(blob: bytes) -> int:
    """Read how the picture must be turned.

    Returns:
        1 to 8; 1 when nothing sensible stands there.
    """
    opened = open_blob(blob)
    return 1 if opened is None else _orientation(opened)


def with_orientation(blob: bytes, value: int) -> bytes:
    """Write how the picture must be turned, where a number for it stands already.

    Args:
        blob: EXIF block.
        value: 1 to 8.

    Raises:
        ValueError: If ``value`` is not 1 to 8.
    """
    if not 1 <= value <= 8:
        raise ValueError(f"Orientation must be 1 to 8, got {value}.")
    opened = open_blob(blob)
    if opened is None:
        return blob
    opened.set_number("ifd0", ORIENTATION, value)
    return bytes(opened.data)


def without_orientation(blob: bytes) -> bytes:
    """Take the orientation out, for formats that say it elsewhere (AVIF, HEIF).

    Returns:
        The block, as long as before; empty if nothing else stood in it.
    """
    opened = open_blob(blob)
    if opened is None:
        return blob
    opened.remove("ifd0", {ORIENTATION})
    after = open_blob(bytes(opened.data))
    first = None if after is None else after.directories["ifd0"]
    if first is not None and first.count == 0 and first.next_offset == 0:
        return b""  # TIFF 6.0 wants at least one entry
    return bytes(opened.data)


def with_size(blob: bytes, width: int, height: int) -> bytes:
    """Make the size in a block true, where it says one.

    A record that cannot hold the number is removed: no size is better than a wrong
    one.

    Args:
        blob: EXIF block.
        width: Columns of the picture.
        height: Rows of the picture.
    """
    opened = open_blob(blob)
    if opened is None:
        return blob
    _set_size(opened, "ifd0", {IMAGE_WIDTH: width, IMAGE_LENGTH: height})
    _set_size(opened, "exif", {PIXEL_X_DIMENSION: width, PIXEL_Y_DIMENSION: height})
    return bytes(opened.data)


def thumbnail(blob: bytes) -> bytes | None:
    """Read the JPEG thumbnail; None when there is none, or only a part of it."""
    opened = open_blob(blob)
    if opened is None or "ifd1" not in opened.directories:
        return None
    start, end = jpeg_span(opened.directories["ifd1"], opened.byteorder)
    jpeg = blob[start:end]
    is_whole = end <= len(blob) and jpeg[:2] == b"\xff\xd8"
    return jpeg if is_whole else None


def with_thumbnail(blob: bytes, jpeg: bytes, width: int, height: int) -> bytes | None:
    """Put another thumbnail where one stands; the rest of its room becomes zeros.

    Args:
        blob: EXIF block.
        jpeg: The new thumbnail, upright.
        width: Columns of the new thumbnail.
        height: Rows of the new thumbnail.

    Returns:
        The block, as long as before; None if there is no thumbnail, the new one is
        longer than the old one, or the old one stands on bytes of something else.
    """
    opened = open_blob(blob)
    if opened is None or thumbnail(blob) is None:
        return None
    place = jpeg_span(opened.directories["ifd1"], opened.byteorder)
    room = place[1] - place[0]
    used = merge(opened.used(opened.directories))
    if len(jpeg) > room or overlap(place, used):
        return None
    if not opened.set_number("ifd1", JPEG_LENGTH, len(jpeg)):
        return None
    opened.data[place[0] : place[1]] = jpeg.ljust(room, b"\0")
    opened.set_number("ifd1", ORIENTATION, 1)
    _set_size(opened, "ifd1", {IMAGE_WIDTH: width, IMAGE_LENGTH: height})
    return bytes(opened.data)


def without_thumbnail(blob: bytes) -> bytes:
    """Take the thumbnail out, with its directory and any directory behind it.

    Its bytes become zeros, and are cut off where nothing else follows them.
    """
    opened = open_blob(blob)
    first = None if opened is None else opened.directories["ifd0"]
    if opened is None or first is None or first.next_position is None:
        return blob
    if first.next_offset == 0:
        return blob
    gone = [
        span
        for directory in opened.chain()
        for span in (*spans(directory), *preview_spans(directory, opened.byteorder))
    ]
    used = merge(opened.used(MAIN))
    opened.data[first.next_position : first.next_position + 4] = bytes(4)
    opened.clear(gone, used)
    if gone:
        needed = len(opened.data.rstrip(b"\0"))
        earliest = min(start for start, _ in gone)
        del opened.data[max(needed, earliest, used[-1][1]) :]
    return bytes(opened.data)


def _orientation(opened: Blob) -> int:
    entry = opened.directories["ifd0"].entries.get(ORIENTATION)
    if entry is None or len(entry.value) > 4:  # nor does `set_number` write there
        return 1
    numbers = entry.ints(opened.byteorder)
    return numbers[0] if numbers and 1 <= numbers[0] <= 8 else 1


def _set_size(opened: Blob, name: str, sizes: dict[int, int]) -> None:
    if name in opened.directories:
        wrong = {
            tag for tag, size in sizes.items() if not opened.set_number(name, tag, size)
        }
        opened.remove(name, wrong)
