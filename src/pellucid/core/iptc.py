"""IPTC records, and the Photoshop image resources that they travel in.

Sources: Adobe Photoshop File Formats Specification, "Image Resource Blocks"; IPTC-IIM
4.2; the ``Raw profile type`` texts of PNG are a convention of ImageMagick
(coders/png.c).
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass

IPTC = 0x0404
THUMBNAILS = frozenset({0x0409, 0x040C})
COPIES = frozenset({0x0422, 0x0423, 0x0424, 0x0425})  # EXIF twice, XMP, digest of IPTC
SIGNATURES = frozenset({b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"})
MAX_RESOURCES = 1 << 16  # their numbers have 16 bits
LINE = 72  # characters of hexadecimal digits in a line


def is_readable(blob: bytes) -> bool:
    """Tell whether a block is made of image resources."""
    try:
        _resources(blob)
    except ValueError:
        return False
    return True


def split(blob: bytes) -> tuple[bytes | None, bytes | None]:
    r"""Take the IPTC record out of a block of image resources.

    Args:
        blob: Payload of JPEG APP13 after ``Photoshop 3.0\0``, or of TIFF tag 34377.

    Returns:
        The record and the other resources, None for what is not there. A block that
        cannot be read is returned whole as the other resources.
    """
    try:
        resources = _resources(blob)
    except ValueError:
        return None, blob
    iptc = b"".join(each.payload for each in resources if each.number == IPTC)
    rest = b"".join(each.whole for each in resources if each.number != IPTC)
    return iptc or None, rest or None


def join(iptc: bytes | None, rest: bytes | None) -> bytes:
    """Put a record in front of other resources: what `split` took apart."""
    if not iptc:
        return rest or b""
    head = b"8BIM" + struct.pack(">HHI", IPTC, 0, len(iptc))
    return head + iptc + bytes(len(iptc) % 2) + (rest or b"")


def without_thumbnail(rest: bytes) -> bytes:
    """Leave out the thumbnails; a block that cannot be read stays as it is."""
    try:
        return _without(rest, THUMBNAILS)
    except ValueError:
        return rest


def without_private(rest: bytes) -> bytes:
    """Leave out thumbnails, and the copies of EXIF and XMP, which may name places.

    Returns:
        The other resources; empty for a block that cannot be read.
    """
    try:
        return _without(rest, THUMBNAILS | COPIES)
    except ValueError:
        return b""


def from_raw_profile(text: str) -> bytes | None:
    """Read a ``Raw profile type`` text: name, length, hexadecimal digits.

    Returns:
        The bytes, which for IPTC may be a block of image resources; None when the
        text is anything else.
    """
    lines = text.lstrip("\n").split("\n", 2)
    if len(lines) != 3 or not lines[1].strip(" \r").isdecimal() or len(lines[1]) > 12:
        return None
    try:
        data = bytes.fromhex(lines[2])
    except ValueError:
        return None
    return data if len(data) == int(lines[1]) else None


def to_raw_profile(data: bytes, name: str = "iptc") -> str:
    """Write bytes as a ``Raw profile type`` text, to the letter as ImageMagick does."""
    digits = data.hex()
    lines = [digits[start : start + LINE] for start in range(0, len(digits), LINE)]
    return "\n".join(["", name, f"{len(data):8d}", *lines, ""])


@dataclass(frozen=True)
class _Resource:
    """One resource: its number, all of its bytes, and what it holds."""

    number: int
    whole: bytes
    payload: bytes


def _resources(blob: bytes) -> list[_Resource]:
    """Read all resources; zeros behind the last one are padding.

    Raises:
        ValueError: If the block is not made of resources.
    """
    found: list[_Resource] = []
    start = 0
    end = len(blob.rstrip(b"\0"))
    while start < end:
        is_resource = blob[start : start + 4] in SIGNATURES and start + 7 <= len(blob)
        if not is_resource or len(found) == MAX_RESOURCES:
            raise ValueError(f"There is no image resource at {start}.")
        name_length = blob[start + 6] + 1
        size_at = start + 6 + name_length + name_length % 2
        if size_at + 4 > len(blob):
            raise ValueError(f"The image resource at {start} is cut short.")
        number, size = blob[start + 4 : start + 6], blob[size_at : size_at + 4]
        payload_at = size_at + 4
        payload_end = payload_at + int.from_bytes(size, "big")
        if payload_end > len(blob):
            raise ValueError(f"The image resource at {start} is cut short.")
        following = payload_end + (payload_end - payload_at) % 2
        whole, payload = blob[start:following], blob[payload_at:payload_end]
        found.append(_Resource(int.from_bytes(number, "big"), whole, payload))
        start = following
    return found


def _without(rest: bytes, numbers: Collection[int]) -> bytes:
    kept = [each.whole for each in _resources(rest) if each.number not in numbers]
    return b"".join(kept)
