"""An EXIF block opened for edits that move nothing.

MakerNotes hold offsets from the start of the block, so a block whose parts move is
a block whose MakerNote can no longer be read. Everything here writes in place.

Source: EXIF 2.32 (CIPA DC-008), sections 4.6.2 and 4.6.5 (MakerNote).
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pellucid.core.ifd import (
    INTEGERS,
    LINKS,
    SIZES,
    Byteorder,
    Directory,
    Tree,
    jpeg_span,
    parse_header,
    read_directories,
    read_directory,
    read_tree,
    serialise,
)

Span = tuple[int, int]  # from (included) to (excluded), in bytes

HEADERS: dict[Byteorder, bytes] = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}
MAX_CHAIN = 16  # directories after the first; cameras write one
STRIPS, TILES = (0x111, 0x117), (0x144, 0x145)


@dataclass
class Blob:
    """A block that can be read, as bytes that can be changed.

    Attributes:
        data: The bytes.
        byteorder: ``<`` or ``>``.
        directories: As `ifd.read_directories` found them; not renewed after edits.
    """

    data: bytearray
    byteorder: Byteorder
    directories: dict[str, Directory]

    def set_number(self, name: str, tag: int, value: int) -> bool:
        """Write a whole number over the one that stands in a record.

        Records of equal tags are all written, since readers differ in which of them
        they believe.

        Returns:
            False if some record of this tag cannot hold the number; it stays.
        """
        done = True
        for position in self._records(name, {tag}):
            code = f"{self.byteorder}HI"
            kind, count = struct.unpack_from(code, self.data, position + 2)
            code = INTEGERS.get(kind, "")
            if not code or not 0 < count * SIZES[kind] <= 4:
                done = False
                continue
            try:
                struct.pack_into(self.byteorder + code, self.data, position + 8, value)
            except struct.error:
                done = False
        return done

    def remove(self, name: str, tags: Iterable[int]) -> None:
        """Take records out of a table; those behind them and the pointer move up."""
        gone = self._records(name, set(tags))
        directory = self.directories[name]
        if not gone:
            return
        start = directory.offset + 2
        end = start + 12 * directory.count
        end += 4 if directory.next_position is not None else 0
        left = bytearray(self.data[start:end])
        for position in reversed(gone):
            del left[position - start : position - start + 12]
        self.data[start:end] = left.ljust(end - start, b"\0")
        count = directory.count - len(gone)
        struct.pack_into(f"{self.byteorder}H", self.data, directory.offset, count)

    def clear(self, spans: Iterable[Span], keep: Iterable[Span]) -> None:
        """Write zeros over spans, but not over what must be kept."""
        kept = [(start, bytes(self.data[start:end])) for start, end in keep]
        for start, end in merge(spans):
            end = min(end, len(self.data))
            self.data[start:end] = bytes(max(end - start, 0))
        for start, value in kept:
            self.data[start : start + len(value)] = value

    def chain(self) -> list[Directory]:
        """Read the directories after the first: the thumbnail, and what may follow."""
        seen = {0} | {
            d.offset for name, d in self.directories.items() if name != "ifd1"
        }
        found: list[Directory] = []
        following = self.directories["ifd0"].next_offset
        while following not in seen and len(found) < MAX_CHAIN:
            seen.add(following)
            with suppress(ValueError):
                found.append(read_directory(self.data, following, self.byteorder))
                following = found[-1].next_offset
        return found

    def used(self, names: Iterable[str]) -> list[Span]:
        """Tell which bytes the header and these directories stand on."""
        here = [self.directories[name] for name in names if name in self.directories]
        return [(0, 8), *(span for directory in here for span in spans(directory))]

    def _records(self, name: str, tags: set[int]) -> list[int]:
        """Find every record of some tags, also where a reader would lose it."""
        directory = self.directories[name]
        start = directory.offset + 2
        positions = range(start, start + 12 * directory.count, 12)
        code = f"{self.byteorder}H"
        return [
            p for p in positions if struct.unpack_from(code, self.data, p)[0] in tags
        ]


def lost_parts(directories: Mapping[str, Directory]) -> int:
    """Count what cannot be read: tags, and directories that are pointed to.

    Args:
        directories: As `ifd.read_directories` found them.
    """
    lost = sum(len(directory.lost) for directory in directories.values())
    for parent, tag, name in LINKS:
        is_announced = parent in directories and tag in directories[parent].entries
        lost += is_announced and name not in directories
    return lost


def open_blob(blob: bytes) -> Blob | None:
    """Open a block; None when its first directory cannot be read."""
    try:
        byteorder, offset, is_big = parse_header(blob)
        if is_big:  # EXIF is classic TIFF
            return None
        directories = read_directories(blob, byteorder, offset)
    except ValueError:
        return None
    return Blob(bytearray(blob), byteorder, directories)


def from_tree(tree: Tree, byteorder: Byteorder) -> bytes:
    """Write an EXIF block from values that are in this byte order.

    Raises:
        ValueError: As `ifd.serialise`.
    """
    return HEADERS[byteorder] + serialise(tree, byteorder, base_offset=8)


def to_tree(blob: bytes) -> Tree | None:
    """Read all values of an EXIF block; None when it cannot be read."""
    try:
        byteorder, offset, is_big = parse_header(blob)
        return read_tree(blob, byteorder, offset, is_big)
    except ValueError:
        return None


def table(directory: Directory) -> Span:
    """Tell where the table of a directory stands, with its count and pointer."""
    end = directory.offset + 2 + 12 * directory.count
    return directory.offset, end + 4 * (directory.next_position is not None)


def spans(directory: Directory) -> list[Span]:
    """Tell where a directory stands: its table, and the values outside of it."""
    outside = [value_span(directory, tag) for tag in directory.entries]
    return [table(directory), *(span for span in outside if span[1] - span[0] > 4)]


def value_span(directory: Directory, tag: int) -> Span:
    """Tell where the value of an entry stands, inside its record or outside."""
    start = directory.values[tag]
    return start, start + len(directory.entries[tag].value)


def preview_spans(directory: Directory, byteorder: Byteorder) -> list[Span]:
    """Tell where a directory says its pixels are: a JPEG, strips or tiles."""
    found = [jpeg_span(directory, byteorder)]
    for offsets, lengths in (STRIPS, TILES):
        starts = directory.entries.get(offsets)
        sizes = directory.entries.get(lengths)
        if starts is not None and sizes is not None:
            pairs = zip(starts.ints(byteorder), sizes.ints(byteorder), strict=False)
            found += [(start, start + size) for start, size in pairs]
    return [(start, end) for start, end in found if 0 <= start < end]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that touch, so that looking one up takes no time."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def overlap(span: Span, merged: list[Span]) -> bool:
    """Tell whether a span shares a byte with any of those that `merge` returned."""
    before = bisect_left(
        merged, (span[1], 0)
    )  # the last one that starts before the end
    return before > 0 and span[0] < span[1] and merged[before - 1][1] > span[0]
