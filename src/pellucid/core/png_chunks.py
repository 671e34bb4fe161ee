"""The chunks of a PNG file, with their checksums looked at.

Source: W3C PNG (third edition), sections 5 and 13.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from pellucid.core.errors import ASK_AGAIN, BadImage
from pellucid.core.options import Limits, check_parts

KNOWN = frozenset({"IHDR", "PLTE", "IDAT", "IEND"})
ADAM7 = (  # first column, first row, step across, step down
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


@dataclass(frozen=True)
class Chunk:
    """One chunk: four letters and what they hold."""

    name: str
    payload: bytes

    @property
    def is_critical(self) -> bool:
        """Without it there is no picture: the first letter is a capital."""
        return self.name[0].isupper()

    @property
    def is_safe_to_copy(self) -> bool:
        """It stays true when pixels change: the fourth letter is small."""
        return not self.is_critical and self.name[3].islower()


def read_chunks(data: bytes, limits: Limits) -> tuple[list[Chunk], list[str]]:
    """Read all chunks from the header to the end.

    Returns:
        The chunks, IHDR first and IEND last, and sentences about what was left out.

    Raises:
        BadImage: If the file ends early, a checksum of the picture is wrong, or a
            chunk that we do not know is needed to show it.
        TooLarge: If IHDR announces more than the limit.
    """
    chunks: list[Chunk] = []
    warnings: list[str] = []
    at = 8
    while not chunks or chunks[-1].name != "IEND":
        chunk, checksum, at = _chunk_at(data, at)
        good = checksum == zlib.crc32(chunk.payload, zlib.crc32(chunk.name.encode()))
        if chunk.is_critical:
            if not good:
                raise BadImage(f"The checksum of its PNG chunk {chunk.name} is wrong.")
            if chunk.name not in KNOWN:
                raise BadImage(
                    f"It needs a PNG chunk that we do not know: {chunk.name}."
                )
        elif not good:
            check_parts(len(chunks) + len(warnings))
            what = (
                f"The checksum of its PNG chunk {chunk.name} is wrong; it is left out."
            )
            warnings.append(what)
            continue
        if not chunks:
            _check_header(chunk, limits)
        check_parts(len(chunks) + len(warnings))
        chunks.append(chunk)
    if data[at:].rstrip(b"\0"):
        warnings.append(f"{len(data) - at} bytes behind the picture are left out.")
    return chunks, warnings


def check_pixels(chunks: list[Chunk]) -> None:
    """Unpack the pixels once and count them; decoders leave missing ones black.

    Raises:
        BadImage: If the packed data are broken, or hold fewer bytes than IHDR needs.
    """
    unpacker = zlib.decompressobj()
    there = 0
    for chunk in chunks:
        rest = chunk.payload if chunk.name == "IDAT" else b""
        while rest and not unpacker.eof:
            try:
                there += len(unpacker.decompress(rest, 1 << 20))
            except zlib.error as error:
                raise BadImage(
                    f"Its packed pixels are broken: {error}.", ASK_AGAIN
                ) from error
            rest = unpacker.unconsumed_tail
    needed = _raw_bytes(chunks[0].payload)
    if there < needed:
        raise BadImage(f"It holds {there} of {needed} bytes of pixels.", ASK_AGAIN)


def write_chunk(chunk: Chunk) -> bytes:
    """Length, name, payload, checksum."""
    name = chunk.name.encode("ascii")
    checksum = zlib.crc32(chunk.payload, zlib.crc32(name))
    length = struct.pack(">I", len(chunk.payload))
    return b"".join([length, name, chunk.payload, struct.pack(">I", checksum)])


def _chunk_at(data: bytes, at: int) -> tuple[Chunk, int, int]:
    if at + 12 > len(data):
        raise BadImage("The PNG file ends before its end chunk.", ASK_AGAIN)
    (length,) = struct.unpack_from(">I", data, at)
    name = data[at + 4 : at + 8]
    if not (name.isalpha() and name.isascii()):
        raise BadImage(f"There is no PNG chunk at byte {at}, where one must be.")
    end = at + 12 + length
    if end > len(data):
        raise BadImage(
            f"The PNG file ends inside the chunk {name.decode()}.", ASK_AGAIN
        )
    (checksum,) = struct.unpack_from(">I", data, end - 4)
    return Chunk(name.decode(), data[at + 8 : end - 4]), checksum, end


def _raw_bytes(header: bytes) -> int:
    """Bytes of all filtered rows, with Adam7 those of all seven passes (8.2)."""
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 0)
    passes = ADAM7 if header[12] else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def _check_header(chunk: Chunk, limits: Limits) -> None:
    if chunk.name != "IHDR" or len(chunk.payload) != 13:
        raise BadImage("It does not begin with a PNG header.")
    width, height = struct.unpack_from(">II", chunk.payload)
    if not (width and height):
        raise BadImage(f"Its PNG header says {width} x {height} pixels.")
    limits.check(width, height)
