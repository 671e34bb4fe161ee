"""TIFF directories: where EXIF blocks and TIFF files keep their tags.

The bytes may come from anyone. A directory holds at most `MAX_ENTRIES`, its values
are copied only up to twice the size of the data, and no offset is followed twice.

Sources: TIFF 6.0, section 2 (header, directory, entry); the BigTIFF design of
libtiff; EXIF 2.32 (CIPA DC-008), section 4.6.3 (pointers to other directories).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

Buffer = bytes | bytearray | memoryview
Byteorder = Literal["<", ">"]

MAX_ENTRIES = 4096  # cameras write fewer than 100 entries in a directory

EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005
POINTERS = frozenset({EXIF, GPS, INTEROP})
JPEG_OFFSET, JPEG_LENGTH = 0x201, 0x202
OFFSETS = frozenset(  # say where something stands in one file: strips, tiles, SubIFDs
    {0x111, 0x117, 0x120, 0x121, 0x144, 0x145, 0x14A, 0x190, JPEG_OFFSET, JPEG_LENGTH}
)

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10
SIZES = dict(zip(range(1, 14), (1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), strict=True))
SIZES.update({16: 8, 17: 8, 18: 8})  # BigTIFF
INTEGERS: dict[int, str] = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I"}
INTEGERS.update({16: "Q", 17: "q", 18: "Q"})


@dataclass(frozen=True)
class Entry:
    """One tag with its value.

    Attributes:
        tag: Number of the tag, 0 to 65535.
        type: Number of the type, 1 (BYTE) to 18 (IFD8).
        count: How many values of that type.
        value: The values in the byte order of the file, ``count`` times the size
            of the type long.

    Raises:
        ValueError: If the type is unknown or the length does not fit.
    """

    tag: int
    type: int
    count: int
    value: bytes

    def __post_init__(self) -> None:
        size = SIZES.get(self.type)
        if size is None or not 0 <= self.tag <= 0xFFFF:
            raise ValueError(f"Tag {self.tag} of type {self.type} is not TIFF.")
        if self.count * size != len(self.value):
            what = f"Tag {self.tag} needs {self.count * size} bytes"
            raise ValueError(f"{what}, got {len(self.value)}.")

    def ints(self, byteorder: Byteorder) -> tuple[int, ...]:
        """Read whole numbers; empty when the type holds none."""
        code = INTEGERS.get(self.type)
        if code is None:
            return ()
        return struct.unpack(f"{byteorder}{self.count}{code}", self.value)

    def rationals(self, byteorder: Byteorder) -> tuple[tuple[int, int], ...]:
        """Read fractions as (numerator, denominator); empty when there are none."""
        code = {RATIONAL: "I", SRATIONAL: "i"}.get(self.type)
        if code is None:
            return ()
        numbers = struct.unpack(f"{byteorder}{2 * self.count}{code}", self.value)
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))

    def text(self) -> str:
        """Read text: UTF-8 where it is valid, else Latin-1; no NUL at the end."""
        value = self.value.rstrip(b"\0")
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")


@dataclass(frozen=True)
class Directory:
    """One directory and where its parts stand, counted from the start of the data.

    Attributes:
        offset: Where the directory starts: at its count.
        count: Entries in the table, the lost ones too.
        entries: Tag to entry, in order of appearance; the first of equal tags.
        positions: Tag to where its record in the table starts.
        values: Tag to where its value starts, inside the record or elsewhere.
        lost: Tags left out: the value lies outside the data, the type is unknown,
            the tag stood there before, or the values overlap beyond measure.
        next_offset: Where the next directory starts; 0 when there is none.
        next_position: Where that number stands; None when the data ends before it.
    """

    offset: int
    count: int
    entries: dict[int, Entry]
    positions: dict[int, int]
    values: dict[int, int]
    lost: tuple[int, ...]
    next_offset: int
    next_position: int | None


@dataclass(frozen=True)
class Tree:
    """The directories of an EXIF block, free of any offset between them.

    Attributes:
        ifd0: Tags of the picture, without the pointers to ``exif`` and ``gps``.
        exif: How it was taken, without the pointer to ``interop``.
        gps: Where it was taken.
        interop: Interoperability.
        ifd1: Tags of the thumbnail, without the place of its JPEG.
        thumbnail: JPEG of the thumbnail.
    """

    ifd0: Mapping[int, Entry] = field(default_factory=dict[int, Entry])
    exif: Mapping[int, Entry] = field(default_factory=dict[int, Entry])
    gps: Mapping[int, Entry] = field(default_factory=dict[int, Entry])
    interop: Mapping[int, Entry] = field(default_factory=dict[int, Entry])
    ifd1: Mapping[int, Entry] = field(default_factory=dict[int, Entry])
    thumbnail: bytes | None = None


def parse_header(data: Buffer) -> tuple[Byteorder, int, bool]:
    """Read the first bytes of a TIFF structure.

    Returns:
        Byte order, offset of the first directory, and whether it is BigTIFF.

    Raises:
        ValueError: If the data does not start as TIFF does.
    """
    head = bytes(data[:16])
    byteorder: Byteorder = "<" if head[:2] == b"II" else ">"
    if len(head) < 8 or head[:2] not in (b"II", b"MM"):
        raise ValueError("The data does not start with a TIFF header.")
    magic, size, zero = struct.unpack_from(f"{byteorder}HHH", head, 2)
    if magic == 42:
        return byteorder, struct.unpack_from(f"{byteorder}I", head, 4)[0], False
    if magic == 43 and (size, zero) == (8, 0) and len(head) == 16:
        return byteorder, struct.unpack_from(f"{byteorder}Q", head, 8)[0], True
    raise ValueError(f"The TIFF header says {magic} where 42 or 43 must stand.")


def read_directory(
    data: Buffer, offset: int, byteorder: Byteorder, is_big: bool = False
) -> Directory:
    """Read one directory.

    Args:
        data: The whole structure, from its header on.
        offset: Where the directory starts.
        byteorder: ``<`` or ``>``.
        is_big: 64-bit counts and offsets (BigTIFF).

    Raises:
        ValueError: If the table does not lie in the data or is too long.
    """
    wide = _BIG if is_big else _CLASSIC
    if not 0 <= offset <= len(data) - wide.head:
        raise ValueError(f"There is no directory at {offset}: the data ends before it.")
    count: int = struct.unpack_from(byteorder + wide.count, data, offset)[0]
    start = offset + wide.head
    end = start + count * wide.record
    if count > MAX_ENTRIES or end > len(data):
        what = f"The directory at {offset} announces {count} entries"
        raise ValueError(f"{what}, more than can stand there.")
    entries: dict[int, Entry] = {}
    positions: dict[int, int] = {}
    values: dict[int, int] = {}
    lost: list[int] = []
    budget = 2 * len(data)  # values may share bytes, but not without end
    for position in range(start, end, wide.record):
        tag, kind, length, place = _record(data, position, byteorder, wide)
        size = length * SIZES.get(kind, 0)
        is_inside = kind in SIZES and place + size <= len(data) and size <= budget
        if not is_inside or tag in entries:
            lost.append(tag)
            continue
        budget -= size
        entries[tag] = Entry(tag, kind, length, bytes(data[place : place + size]))
        positions[tag], values[tag] = position, place
    has_next = end + wide.inline <= len(data)  # some writers end without it
    return Directory(
        offset=offset,
        count=count,
        entries=entries,
        positions=positions,
        values=values,
        lost=tuple(lost),
        next_offset=_number(data, end, byteorder, wide) if has_next else 0,
        next_position=end if has_next else None,
    )


def read_directories(
    data: Buffer, byteorder: Byteorder, offset: int, is_big: bool = False
) -> dict[str, Directory]:
    """Read a directory and those it points to, each place at most once.

    Returns:
        Directories by the names of `Tree`; those that cannot be read are not there.

    Raises:
        ValueError: If the first directory cannot be read.
    """
    found = {"ifd0": read_directory(data, offset, byteorder, is_big)}
    seen = {0, offset}

    def follow(name: str, target: int) -> None:
        if target in seen:
            return
        seen.add(target)
        with suppress(ValueError):
            found[name] = read_directory(data, target, byteorder, is_big)

    for parent, tag, name in LINKS:
        if parent in found:
            follow(name, pointer(found[parent].entries, tag, byteorder))
    follow("ifd1", found["ifd0"].next_offset)
    return found


def read_tree(
    data: Buffer, byteorder: Byteorder, offset: int, is_big: bool = False
) -> Tree:
    """Read a directory and those it points to, as values without places.

    What is broken is left out. Tags in `OFFSETS` are kept, although they mean nothing
    elsewhere.

    Raises:
        ValueError: If the first directory cannot be read.
    """
    found = read_directories(data, byteorder, offset, is_big)
    tree: dict[str, dict[int, Entry]] = {}
    for name, directory in found.items():
        dropped = _placed_by_us(name)
        entries = directory.entries
        tree[name] = {tag: entries[tag] for tag in entries if tag not in dropped}
    start, end = jpeg_span(found["ifd1"], byteorder) if "ifd1" in found else (0, 0)
    is_inside = start < end <= len(data)
    return Tree(**tree, thumbnail=bytes(data[start:end]) if is_inside else None)


def serialise(tree: Tree, byteorder: Byteorder, base_offset: int = 0) -> bytes:
    """Write directories one after the other, in classic TIFF, without a header.

    Entries are sorted by tag and every value starts at an even offset, as TIFF 6.0
    asks. Pointers between the directories are made here; those in ``tree`` are not
    used. Values stay as they are, those of type LONG8 too.

    Args:
        tree: Values in the byte order ``byteorder``.
        byteorder: ``<`` or ``>``.
        base_offset: Where the result will stand; even.

    Raises:
        ValueError: If ``base_offset`` is odd, a directory has more than
            `MAX_ENTRIES` entries, or an offset does not fit into 32 bits.
    """
    tables = _tables(tree)
    starts: dict[str, int] = {}
    end = base_offset
    for name, entries in tables.items():
        starts[name] = end
        end += 6 + 12 * len(entries)
        end += sum(_even(len(entry.value)) for entry in entries.values())
    thumbnail = tree.thumbnail or b""
    if base_offset % 2 or max(map(len, tables.values())) > MAX_ENTRIES:
        raise ValueError("A directory must be small and start at an even offset.")
    if end + len(thumbnail) > 0xFFFFFFFF:
        raise ValueError(f"Classic TIFF has no room for {end + len(thumbnail)} bytes.")
    for parent, tag, name in LINKS:
        if name in starts:
            tables[parent][tag] = _long(tag, starts[name], byteorder)
    if thumbnail:
        tables["ifd1"][JPEG_OFFSET] = _long(JPEG_OFFSET, end, byteorder)
        tables["ifd1"][JPEG_LENGTH] = _long(JPEG_LENGTH, len(thumbnail), byteorder)
    following = {"ifd0": starts.get("ifd1", 0)}
    blocks = [
        _block(entries, byteorder, starts[name], following.get(name, 0))
        for name, entries in tables.items()
    ]
    return b"".join(blocks) + thumbnail


def pointer(entries: Mapping[int, Entry], tag: int, byteorder: Byteorder) -> int:
    """Read the first whole number of a tag; 0 when there is none."""
    entry = entries.get(tag)
    if entry is None or len(entry.value) > 8:  # a pointer is one number
        return 0
    numbers = entry.ints(byteorder)
    return max(numbers[0], 0) if numbers else 0


def jpeg_span(directory: Directory, byteorder: Byteorder) -> tuple[int, int]:
    """Tell from where to where the JPEG of a thumbnail is said to stand.

    Returns:
        Start and end, nowhere checked against the data; equal when there is none.
    """
    start = pointer(directory.entries, JPEG_OFFSET, byteorder)
    return start, start + pointer(directory.entries, JPEG_LENGTH, byteorder)


@dataclass(frozen=True)
class _Widths:
    """Sizes in bytes, and struct codes, of the two kinds of TIFF."""

    head: int
    count: str
    record: int
    inline: int
    number: str


_CLASSIC = _Widths(head=2, count="H", record=12, inline=4, number="I")
_BIG = _Widths(head=8, count="Q", record=20, inline=8, number="Q")
LINKS = (("ifd0", EXIF, "exif"), ("ifd0", GPS, "gps"), ("exif", INTEROP, "interop"))


def _record(
    data: Buffer, position: int, byteorder: Byteorder, wide: _Widths
) -> tuple[int, int, int, int]:
    """Read tag, type, count, and where the value stands."""
    tag, kind, count = struct.unpack_from(f"{byteorder}HH{wide.number}", data, position)
    place = position + wide.record - wide.inline
    if count * SIZES.get(kind, 0) > wide.inline:
        place = _number(data, place, byteorder, wide)
    return tag, kind, count, place


def _number(data: Buffer, position: int, byteorder: Byteorder, wide: _Widths) -> int:
    return struct.unpack_from(byteorder + wide.number, data, position)[0]


def _placed_by_us(name: str) -> frozenset[int]:
    """Tags that `serialise` makes itself in a directory."""
    return POINTERS | {JPEG_OFFSET, JPEG_LENGTH} if name == "ifd1" else POINTERS


def _tables(tree: Tree) -> dict[str, dict[int, Entry]]:
    """Entries by directory in the order of writing, pointers still empty."""
    tables: dict[str, dict[int, Entry]] = {}
    for name in ("ifd0", "exif", "gps", "interop", "ifd1"):
        entries: Mapping[int, Entry] = getattr(tree, name)
        dropped = _placed_by_us(name)
        tables[name] = {e.tag: e for e in entries.values() if e.tag not in dropped}
    empty = {tag: _long(tag, 0, "<") for tag in (JPEG_OFFSET, JPEG_LENGTH)}
    tables["ifd1"] |= empty if tree.thumbnail else {}
    for parent, tag, name in reversed(LINKS):
        if tables[name]:
            tables[parent][tag] = _long(tag, 0, "<")
    return {name: table for name, table in tables.items() if table or name == "ifd0"}


def _block(
    entries: Mapping[int, Entry], byteorder: Byteorder, start: int, following: int
) -> bytes:
    """Write one directory, then the values that its table has no room for."""
    table = bytearray(struct.pack(f"{byteorder}H", len(entries)))
    values = bytearray()
    place = start + 6 + 12 * len(entries)
    for entry in sorted(entries.values(), key=lambda entry: entry.tag):
        table += struct.pack(f"{byteorder}HHI", entry.tag, entry.type, entry.count)
        if len(entry.value) <= 4:
            table += entry.value.ljust(4, b"\0")
            continue
        table += struct.pack(f"{byteorder}I", place + len(values))
        values += entry.value.ljust(_even(len(entry.value)), b"\0")
    return bytes(table + struct.pack(f"{byteorder}I", following) + values)


def _even(length: int) -> int:
    """Room that a value takes behind its table: none when it fits into the record."""
    return 0 if length <= 4 else length + length % 2


def _long(tag: int, value: int, byteorder: Byteorder) -> Entry:
    return Entry(tag, LONG, 1, struct.pack(f"{byteorder}I", value))
