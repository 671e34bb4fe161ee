"""TIFF directories: read against Pillow and tifffile, and against hostile bytes."""

import io
import struct

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pellucid.core.ifd import (
    INTEGERS,
    MAX_ENTRIES,
    OFFSETS,
    POINTERS,
    SIZES,
    Byteorder,
    Entry,
    Tree,
    jpeg_span,
    parse_header,
    read_directories,
    read_directory,
    read_tree,
    serialise,
)

BYTEORDERS: tuple[Byteorder, ...] = ("<", ">")
TAGS = st.integers(0, 0xFFFF).filter(lambda tag: tag not in POINTERS | OFFSETS)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(sorted(SIZES)))
    count = draw(st.integers(0, 5))
    size = count * SIZES[kind]
    return Entry(draw(TAGS), kind, count, draw(st.binary(min_size=size, max_size=size)))


TABLES = st.lists(entries(), max_size=5).map(lambda found: {e.tag: e for e in found})
TREES = st.builds(
    Tree,
    ifd0=TABLES,
    exif=TABLES,
    gps=TABLES,
    interop=TABLES,
    ifd1=TABLES,
    thumbnail=st.none() | st.binary(min_size=1, max_size=20),
)


def table(*records: bytes, following: int = 0) -> bytes:
    return (
        struct.pack("<H", len(records))
        + b"".join(records)
        + struct.pack("<I", following)
    )


def record(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


@given(TREES, st.sampled_from(BYTEORDERS), st.integers(0, 50))
def test_what_is_written_is_read_back(tree: Tree, byteorder: Byteorder, half: int):
    start = 2 * half
    data = bytes(start) + serialise(tree, byteorder, start)
    assert read_tree(data, byteorder, start) == tree


@given(TREES, st.sampled_from(BYTEORDERS))
def test_written_entries_are_sorted_and_aligned(tree: Tree, byteorder: Byteorder):
    data = bytes(8) + serialise(tree, byteorder, 8)
    for directory in read_directories(data, byteorder, 8).values():
        assert list(directory.entries) == sorted(directory.entries)
        assert directory.offset % 2 == 0
        for tag, entry in directory.entries.items():
            assert len(entry.value) <= 4 or directory.values[tag] % 2 == 0


@pytest.mark.parametrize("byteorder", BYTEORDERS)
def test_pillow_reads_what_is_written(byteorder: Byteorder):
    def number(tag: int, value: int) -> Entry:
        return Entry(tag, 3, 1, struct.pack(f"{byteorder}H", value))

    tree = Tree(
        ifd0={0x10F: Entry(0x10F, 2, 6, b"Canon\0")},
        exif={0xA002: number(0xA002, 640)},
        gps={1: Entry(1, 2, 2, b"N\0")},
        interop={1: Entry(1, 2, 4, b"R98\0")},
        ifd1={0x103: number(0x103, 6)},
        thumbnail=b"\xff\xd8\xff\xd9",
    )
    head = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[byteorder]
    blob = head + serialise(tree, byteorder, 8)
    read = Image.Exif()
    read.load(b"Exif\0\0" + blob)
    assert read[0x10F] == "Canon"
    assert read.get_ifd(0x8769)[0xA002] == 640
    assert read.get_ifd(0x8825)[1] == "N"
    assert read.get_ifd(0xA005)[1] == "R98"
    first = read_directories(blob, byteorder, 8)["ifd1"]
    start, end = jpeg_span(first, byteorder)
    assert blob[start:end] == b"\xff\xd8\xff\xd9"


@pytest.mark.parametrize("byteorder", BYTEORDERS)
@pytest.mark.parametrize("is_big", [False, True])
def test_tifffile_and_we_read_the_same(byteorder: Byteorder, is_big: bool):
    file = io.BytesIO()
    pixels = np.zeros((20, 30, 3), np.uint16)
    tifffile.imwrite(
        file,
        pixels,
        byteorder=byteorder,
        bigtiff=is_big,
        rowsperstrip=4,
        description="A picture of nothing at all",
        metadata=None,
        resolution=(300, 200),
    )
    data = file.getvalue()
    order, offset, big = parse_header(data)
    assert (order, big) == (byteorder, is_big)
    ours = read_directory(data, offset, order, big)
    assert not ours.lost
    with tifffile.TiffFile(io.BytesIO(data)) as theirs:
        tags = theirs.pages[0].tags  # pyright: ignore
        assert list(ours.entries) == [tag.code for tag in tags]
        for tag in tags:
            entry = ours.entries[tag.code]
            assert (entry.type, entry.count) == (int(tag.dtype), tag.count)
            assert ours.values[tag.code] == tag.valueoffset
            if entry.type in INTEGERS:
                value = tag.value if isinstance(tag.value, tuple) else (tag.value,)
                assert entry.ints(order) == value
        assert ours.entries[270].text() == "A picture of nothing at all"
        assert ours.entries[282].rationals(order) == ((300, 1),)


def test_numbers_are_read_only_from_types_that_hold_them():
    assert Entry(1, 2, 2, b"1\0").ints("<") == ()
    assert Entry(1, 3, 1, b"\1\0").rationals("<") == ()
    assert Entry(1, 10, 1, struct.pack(">ii", -1, 3)).rationals(">") == ((-1, 3),)
    assert Entry(1, 8, 2, struct.pack(">hh", -5, 6)).ints(">") == (-5, 6)


def test_text_is_utf8_or_latin1():
    assert Entry(1, 2, 6, "Zoë".encode() + b"\0\0").text() == "Zoë"
    assert Entry(1, 2, 4, b"Zo\xeb\0").text() == "Zoë"


@pytest.mark.parametrize(
    "entry", [(1, 3, 2, b"\0\0"), (1, 99, 0, b""), (-1, 1, 0, b"")]
)
def test_an_entry_that_does_not_fit_cannot_be_built(entry: tuple[int, int, int, bytes]):
    with pytest.raises(ValueError, match="Tag"):
        Entry(*entry)


@pytest.mark.parametrize(
    "data",
    [b"", b"II", b"II*\0", b"XX*\0\x08\0\0\0", b"II\0*\x08\0\0\0", b"II+\0\x08\0\0\0"],
)
def test_what_does_not_start_like_tiff_is_refused(data: bytes):
    with pytest.raises(ValueError, match="TIFF header"):
        parse_header(data)


def test_values_outside_of_the_data_are_lost():
    data = table(record(1, 3, 1, 7), record(2, 2, 100, 20), record(3, 99, 1, 0))
    read = read_directory(data, 0, "<")
    assert list(read.entries) == [1]
    assert read.lost == (2, 3)
    assert read.positions == {1: 2}


def test_the_first_of_equal_tags_counts():
    read = read_directory(table(record(1, 3, 1, 7), record(1, 3, 1, 8)), 0, "<")
    assert read.entries[1].ints("<") == (7,)
    assert read.lost == (1,)


def test_a_missing_pointer_at_the_end_is_no_fault():
    read = read_directory(table(record(1, 3, 1, 7))[:-4], 0, "<")
    assert (read.next_offset, read.next_position) == (0, None)


@pytest.mark.parametrize("offset", [-1, 5, 6, 2**40])
def test_a_directory_outside_of_the_data_is_refused(offset: int):
    with pytest.raises(ValueError, match="directory"):
        read_directory(bytes(6), offset, "<")


def test_a_directory_without_end_is_refused():
    count = MAX_ENTRIES + 1
    data = struct.pack("<H", count) + bytes(12 * count)
    with pytest.raises(ValueError, match="4097 entries"):
        read_directory(data, 0, "<")
    huge = struct.pack("<Q", 2**62) + bytes(100)
    with pytest.raises(ValueError, match="more than can stand there"):
        read_directory(huge, 0, "<", is_big=True)


def test_entries_that_share_one_value_do_not_fill_the_memory():
    records = [record(tag, 7, 40_000, 0) for tag in range(4000)]
    data = table(*records)
    read = read_directory(data, 0, "<")
    assert sum(len(entry.value) for entry in read.entries.values()) <= 2 * len(data)
    assert len(read.lost) > 3990


def test_directories_that_point_to_themselves_end():
    data = bytearray(8) + table(
        record(0x8769, 4, 1, 8), record(0x8825, 4, 1, 8), following=8
    )
    assert list(read_directories(data, "<", 8)) == ["ifd0"]


def test_broken_sub_directories_are_left_out():
    data = bytes(8) + table(record(0x8769, 4, 1, 9999), record(0x10E, 2, 1, 0))
    tree = read_tree(data, "<", 8)
    assert list(tree.ifd0) == [0x10E]
    assert not tree.exif


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="even"):
        serialise(Tree(), "<", 3)
    many = {tag: Entry(tag, 1, 1, b"a") for tag in range(MAX_ENTRIES + 1)}
    with pytest.raises(ValueError, match="small"):
        serialise(Tree(ifd0=many), "<")
    with pytest.raises(ValueError, match="no room"):
        serialise(Tree(), "<", 0xFFFFFFFE)


@given(st.binary(max_size=300), st.sampled_from(BYTEORDERS), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, byteorder: Byteorder, is_big: bool):
    try:
        tree = read_tree(data, byteorder, 0, is_big)
    except ValueError:
        return
    serialise(tree, byteorder)


@given(TREES, st.data())
def test_changed_bytes_are_read_or_refused(tree: Tree, data: st.DataObject):
    blob = bytearray(serialise(tree, "<"))
    for _ in range(data.draw(st.integers(1, 8))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        again = read_tree(blob, "<", 0)
    except ValueError:
        return
    written = serialise(again, "<")
    assert serialise(read_tree(written, "<", 0), "<") == written
