"""The segments of a JPEG file, read without decoding a pixel.

Source: ITU-T T.81 annex B. The walk ends at the end-of-image marker of the first
picture; a file without one has lost its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count

from pellucid.core.errors import ASK_AGAIN, BadImage, CannotWrite
from pellucid.core.jpeg_scans import Audit
from pellucid.core.options import Limits, check_parts

EOI, SOS, DRI = 0xD9, 0xDA, 0xDD
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# In coded data FF is followed by 00 (stuffing) or D0 to D7 (restart).
NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")


@dataclass
class Segments:
    """What a JPEG file consists of.

    Attributes:
        picture: A file with everything that decoding needs and nothing else.
        others: (name, payload) of each APPn and COM segment, in order.
        warnings: Sentences about what was left out.
    """

    picture: bytes = b""
    others: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    warnings: list[str] = field(default_factory=list[str])


def read_segments(data: bytes, limits: Limits) -> Segments:
    """Walk through a JPEG file up to the end of its first picture.

    Raises:
        BadImage: If a segment, the end, or a countable part of the pixels is missing.
        TooLarge: If the frame header announces more than the limit.
    """
    found = Segments()
    needed = [b"\xff\xd8"]
    audit = Audit()
    start = at = 2
    for number in count():
        check_parts(number)
        start, marker = _marker_at(data, at, found)
        if marker == EOI:
            break
        at = _segment_end(data, start)
        payload = data[start + 2 : at]
        name = _name(marker)
        if name:
            found.others.append((name, payload))
        if marker in FRAMES:
            frame = audit.add_frame(marker, payload)
            limits.check(frame.width, frame.height)
        if marker == DRI:
            audit.interval = int.from_bytes(payload[:2], "big")
        if payload.startswith(b"JFIF\0") and name == "APP0":
            needed.append(segment(name, payload[:12] + b"\0\0"))  # no thumbnail
        elif not name or name == "APP14":
            needed.append(data[start - 2 : at])
        if marker == SOS:
            end = _coded_end(data, at)
            audit.add_scan(payload, data[at:end])
            needed.append(data[at:end])
            at = end
    found.warnings += audit.finish()
    found.picture = b"".join([*needed, b"\xff\xd9"])
    _tell_of_tail(found, data[start:])
    return found


def segment(name: str, payload: bytes) -> bytes:
    """Write one APPn or COM segment.

    Raises:
        CannotWrite: If the payload is longer than a segment can be (65,533 bytes).
    """
    if len(payload) > 65_533:
        what = f"A block of {len(payload)} bytes ({name}) does not fit into JPEG."
        raise CannotWrite(what, "Write PNG or TIFF, or say `--metadata safe`.")
    marker = 0xFE if name == "COM" else 0xE0 + int(name[3:])
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def _marker_at(data: bytes, at: int, found: Segments) -> tuple[int, int]:
    """Find the next marker; return the place behind it and its code.

    Bytes between segments mean nothing; libjpeg steps over them too.
    """
    match = NEXT_MARKER.search(data, at)
    if match is None:
        raise BadImage("The JPEG file ends before its end marker.", ASK_AGAIN)
    if match.start() > at:
        found.warnings.append(f"{match.start() - at} stray bytes are left out.")
    return match.end(), match[1][0]


def _segment_end(data: bytes, start: int) -> int:
    length = int.from_bytes(data[start : start + 2], "big")
    if length < 2:
        raise BadImage(f"A JPEG segment at byte {start} has the length {length}.")
    if start + length > len(data):
        raise BadImage("The JPEG file ends inside a segment.", ASK_AGAIN)
    return start + length


def _name(marker: int) -> str:
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    return "COM" if marker == 0xFE else ""


def _coded_end(data: bytes, at: int) -> int:
    """Find the marker that ends coded data."""
    match = NEXT_MARKER.search(data, at)
    if match is None:
        raise BadImage("The JPEG file ends inside its pixels.", ASK_AGAIN)
    return match.start()


def _tell_of_tail(found: Segments, tail: bytes) -> None:
    tail = tail.rstrip(b"\0")
    if tail:
        what = f"{len(tail)} bytes behind the picture (a video or data) are left out."
        found.warnings.append(what)
