"""The segments of a JPEG file, read without decoding a pixel.

Source: ITU-T T.81 annex B. The walk ends at the end-of-image marker of the first
picture; a file without one has lost its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pellucid.core.errors import BadImage, CannotWrite
from pellucid.core.options import Limits

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BITS_PER_BLOCK = {0xC0: 2, 0xC1: 2, 0xC2: 1}  # at least, by kind of Huffman frame
# In coded data FF is followed by 00 (stuffing) or D0 to D7 (restart).
NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
CUT = "Ask for the file again from where it came: a part of it is missing."


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


@dataclass
class _Frame:
    """The numbers of a frame header (B.2.2)."""

    marker: int
    width: int
    height: int
    factors: list[tuple[int, int]]

    @property
    def blocks(self) -> int:
        """How many 8 x 8 blocks the coded data must hold, at least."""
        widest = max(h for h, _ in self.factors)
        tallest = max(v for _, v in self.factors)
        total = 0
        for h, v in self.factors:
            columns = -(-self.width * h // (8 * widest))
            rows = -(-self.height * v // (8 * tallest))
            total += columns * rows
        return total


def read_segments(data: bytes, limits: Limits) -> Segments:
    """Walk through a JPEG file up to the end of its first picture.

    Raises:
        BadImage: If a segment or the end is missing, or there is far less coded data
            than the frame needs.
        TooLarge: If the frame header announces more than the limit.
    """
    found = Segments()
    needed = [b"\xff\xd8"]
    frame: _Frame | None = None
    coded = 0
    at = 2
    while True:
        start, marker = _marker_at(data, at, found)
        if marker == EOI:
            break
        at = _segment_end(data, start)
        payload = data[start + 2 : at]
        name = _name(marker)
        if name:
            found.others.append((name, payload))
        if marker in FRAMES:
            frame = _frame(marker, payload)
            limits.check(frame.width, frame.height)
        if not name or name == "APP14" or payload.startswith(b"JFIF\0"):
            needed.append(data[start - 2 : at])
        if marker == SOS:
            end = _coded_end(data, at)
            coded += end - at
            needed.append(data[at:end])
            at = end
    _refuse_starved(frame, coded)
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
        raise BadImage("The JPEG file ends before its end marker.", CUT)
    if match.start() > at:
        found.warnings.append(f"{match.start() - at} stray bytes are left out.")
    return match.end(), match[1][0]


def _segment_end(data: bytes, start: int) -> int:
    length = int.from_bytes(data[start : start + 2], "big")
    if length < 2:
        raise BadImage(f"A JPEG segment at byte {start} has the length {length}.")
    if start + length > len(data):
        raise BadImage("The JPEG file ends inside a segment.", CUT)
    return start + length


def _name(marker: int) -> str:
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    return "COM" if marker == 0xFE else ""


def _frame(marker: int, payload: bytes) -> _Frame:
    count = payload[5] if len(payload) > 5 else 0
    if not count or len(payload) < 6 + 3 * count:
        raise BadImage("Its JPEG frame header is broken.")
    if payload[0] != 8:
        what = f"It is a JPEG with {payload[0]} bits per sample; only 8 can be read."
        raise BadImage(what, "Save it as 16-bit PNG or TIFF in the program it is from.")
    height, width = (int.from_bytes(payload[i : i + 2], "big") for i in (1, 3))
    if not (width and height):
        raise BadImage(f"Its JPEG frame header says {width} x {height} pixels.")
    bytes_of_factors = [payload[7 + 3 * i] for i in range(count)]
    factors = [(value >> 4, value & 15) for value in bytes_of_factors]
    if not all(h and v for h, v in factors):
        raise BadImage("Its JPEG sampling factors are zero.")
    return _Frame(marker, width, height, factors)


def _coded_end(data: bytes, at: int) -> int:
    """Find the marker that ends coded data."""
    match = NEXT_MARKER.search(data, at)
    if match is None:
        raise BadImage("The JPEG file ends inside its pixels.", CUT)
    return match.start()


def _refuse_starved(frame: _Frame | None, coded: int) -> None:
    """Refuse what libjpeg would fill with gray: too few bits for that many blocks.

    A block takes at least two bits in a sequential scan (one code for DC, one for the
    end of block) and one in a progressive file; arithmetic coding has no such bound.
    """
    if frame is None:
        raise BadImage("It has no JPEG frame, so there is no picture in it.")
    least = frame.blocks * BITS_PER_BLOCK.get(frame.marker, 0) // 8
    if coded < least:
        what = (
            f"It holds {coded} bytes of pixels; {frame.width} x {frame.height}"
            f" need at least {least}."
        )
        raise BadImage(what, CUT)


def _tell_of_tail(found: Segments, tail: bytes) -> None:
    tail = tail.rstrip(b"\0")
    if tail:
        what = f"{len(tail)} bytes behind the picture (a video or data) are left out."
        found.warnings.append(what)
