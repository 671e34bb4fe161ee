"""EXIF edits: what they change, and that nothing else moves."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pellucid.core import exif
from pellucid.core.ifd import Byteorder, Entry, Tree, read_directories

BYTEORDERS: tuple[Byteorder, ...] = ("<", ">")
JPEG = b"\xff\xd8" + bytes(range(200)) + b"\xff\xd9"
MAKER_NOTE = b"Maker\0" + bytes(range(1, 60))


def numbers(tag: int, *values: int, order: Byteorder = "<", kind: int = 3) -> Entry:
    code = {1: "B", 3: "H", 4: "I"}[kind]
    data = struct.pack(f"{order}{len(values)}{code}", *values)
    return Entry(tag, kind, len(values), data)


def text(tag: int, value: str) -> Entry:
    data = value.encode() + b"\0"
    return Entry(tag, 2, len(data), data)


def table(*found: Entry) -> dict[int, Entry]:
    return {entry.tag: entry for entry in found}


def blob(order: Byteorder = "<", turn: int = 6, kind: int = 3) -> bytes:
    tree = Tree(
        ifd0=table(
            numbers(0x100, 4000, order=order, kind=4),
            numbers(0x101, 3000, order=order),
            text(0x10F, "A maker of cameras"),
            numbers(0x112, turn, order=order, kind=kind),
        ),
        exif=table(
            Entry(0x927C, 7, len(MAKER_NOTE), MAKER_NOTE),
            numbers(0xA002, 4000, order=order),
            numbers(0xA003, 3000, order=order),
        ),
        gps=table(text(1, "N")),
        ifd1=table(
            numbers(0x100, 160, order=order),
            numbers(0x103, 6, order=order),
            numbers(0x112, 6, order=order),
        ),
        thumbnail=JPEG,
    )
    return exif.from_tree(tree, order)


def pillow(data: bytes) -> Image.Exif:
    read = Image.Exif()
    read.load(b"Exif\0\0" + data)
    return read


def changed(before: bytes, after: bytes) -> list[int]:
    assert len(before) == len(after)
    return [at for at in range(len(before)) if before[at] != after[at]]


def maker_note_at(data: bytes, order: Byteorder) -> int:
    return read_directories(data, order, 8)["exif"].values[0x927C]


@pytest.mark.parametrize("order", BYTEORDERS)
@pytest.mark.parametrize("turn", range(1, 9))
def test_the_orientation_is_read_as_pillow_reads_it(order: Byteorder, turn: int):
    data = blob(order, turn)
    assert exif.orientation(data) == pillow(data)[0x112] == turn


@pytest.mark.parametrize("order", BYTEORDERS)
@pytest.mark.parametrize(("kind", "size"), [(1, 1), (3, 2), (4, 4)])
def test_only_the_number_is_written(order: Byteorder, kind: int, size: int):
    data = blob(order, kind=kind)
    after = exif.with_orientation(data, 1)
    place = read_directories(data, order, 8)["ifd0"].values[0x112]
    assert set(changed(data, after)) <= set(range(place, place + size))
    assert exif.orientation(after) == 1
    assert pillow(after)[0x112] in {1, b"\x01"}  # Pillow leaves BYTE as bytes


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_an_impossible_orientation_is_upright(value: int):
    assert exif.orientation(blob(turn=value)) == 1


def test_an_orientation_that_is_no_number_is_left_alone():
    data = exif.from_tree(Tree(ifd0=table(text(0x112, "6"))), "<")
    assert exif.orientation(data) == 1
    assert exif.with_orientation(data, 1) == data


def test_an_orientation_that_stands_elsewhere_is_not_followed():
    data = exif.from_tree(Tree(ifd0=table(numbers(0x112, 6, 6, 6))), "<")
    assert exif.orientation(data) == 1
    assert exif.with_orientation(data, 1) == data


def test_every_orientation_is_written_where_there_are_two():
    record = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + record + record + bytes(4)
    after = exif.with_orientation(data, 1)
    assert after.count(b"\x06") == 0
    assert exif.without_orientation(after) == b""


@pytest.mark.parametrize("value", [0, 9])
def test_there_are_eight_orientations(value: int):
    with pytest.raises(ValueError, match="1 to 8"):
        exif.with_orientation(blob(), value)


@pytest.mark.parametrize("order", BYTEORDERS)
def test_the_orientation_is_taken_out_and_nothing_moves(order: Byteorder):
    data = blob(order)
    after = exif.without_orientation(data)
    assert len(after) == len(data)
    assert 0x112 not in pillow(after)
    assert maker_note_at(after, order) == maker_note_at(data, order)
    before, left = exif.to_tree(data), exif.to_tree(after)
    assert before is not None and left is not None
    assert {**left.ifd0, 0x112: before.ifd0[0x112]} == before.ifd0
    assert (left.exif, left.gps, left.ifd1) == (before.exif, before.gps, before.ifd1)
    assert left.thumbnail == JPEG


def test_a_block_of_nothing_but_orientation_becomes_empty():
    data = exif.from_tree(Tree(ifd0=table(numbers(0x112, 3))), "<")
    assert exif.without_orientation(data) == b""


@pytest.mark.parametrize("order", BYTEORDERS)
def test_sizes_become_true(order: Byteorder):
    data = blob(order)
    after = exif.with_size(data, 3000, 4000)
    read = pillow(after)
    assert (read[0x100], read[0x101]) == (3000, 4000)
    inner = read.get_ifd(0x8769)
    assert (inner[0xA002], inner[0xA003]) == (3000, 4000)
    assert maker_note_at(after, order) == maker_note_at(data, order)


def test_a_size_that_has_no_room_is_removed():
    after = exif.with_size(blob(), 70_000, 80_000)
    read = pillow(after)
    assert read[0x100] == 70_000
    assert 0x101 not in read
    assert set(read.get_ifd(0x8769)) == {0x927C}
    assert read.get_ifd(0x8769)[0x927C] == MAKER_NOTE
    assert exif.thumbnail(after) == JPEG


def test_a_size_that_is_not_said_is_not_added():
    data = exif.from_tree(Tree(ifd0=table(text(0x10F, "Maker"))), "<")
    assert exif.with_size(data, 5, 6) == data


@pytest.mark.parametrize("order", BYTEORDERS)
def test_a_smaller_thumbnail_takes_the_place_of_the_old(order: Byteorder):
    data = blob(order)
    new = b"\xff\xd8new\xff\xd9"
    after = exif.with_thumbnail(data, new, 120, 160)
    assert after is not None
    assert len(after) == len(data)
    assert exif.thumbnail(data) == JPEG
    assert exif.thumbnail(after) == new
    assert after.endswith(new + bytes(len(JPEG) - len(new)))
    tree = exif.to_tree(after)
    assert tree is not None
    assert tree.ifd1[0x100].ints(order) == (120,)
    assert tree.ifd1[0x112].ints(order) == (1,)
    assert exif.orientation(after) == 6


def test_a_longer_thumbnail_does_not_fit():
    assert exif.with_thumbnail(blob(), JPEG + b"\0", 1, 1) is None


def test_a_thumbnail_needs_a_place():
    data = exif.from_tree(Tree(ifd0=table(text(0x10F, "Maker"))), "<")
    assert exif.thumbnail(data) is None
    assert exif.with_thumbnail(data, b"", 1, 1) is None


def test_a_thumbnail_that_stands_on_something_else_is_not_written():
    data = bytearray(blob())
    inside = data.index(MAKER_NOTE) + 6
    data[inside : inside + 2] = b"\xff\xd8"
    place = read_directories(bytes(data), "<", 8)["ifd1"].values[0x201]
    data[place : place + 4] = struct.pack("<I", inside)
    assert exif.thumbnail(bytes(data)) is not None
    assert exif.with_thumbnail(bytes(data), b"\xff\xd8", 1, 1) is None


@pytest.mark.parametrize("order", BYTEORDERS)
def test_the_thumbnail_is_taken_out_and_cut_off(order: Byteorder):
    data = blob(order)
    after = exif.without_thumbnail(data)
    assert JPEG[:20] not in after
    assert exif.thumbnail(after) is None
    assert len(after) <= len(data) - len(JPEG)
    assert maker_note_at(after, order) == maker_note_at(data, order)
    before, left = exif.to_tree(data), exif.to_tree(after)
    assert before is not None and left is not None
    assert (left.ifd0, left.exif, left.gps) == (before.ifd0, before.exif, before.gps)
    assert not left.ifd1
    assert exif.without_thumbnail(after) == after


def test_strips_of_a_thumbnail_become_zeros():
    strips = b"uncompressed pixels"
    rows = table(numbers(0x111, 0, kind=4), numbers(0x117, len(strips), kind=4))
    data = exif.from_tree(Tree(ifd0=table(text(0x10F, "Maker")), ifd1=rows), "<")
    at = read_directories(data, "<", 8)["ifd1"].values[0x111]
    place = struct.pack("<I", len(data))
    after = exif.without_thumbnail(data[:at] + place + data[at + 4 :] + strips + b"end")
    assert strips not in after
    assert after.endswith(bytes(len(strips)) + b"end")


def test_a_thumbnail_that_claims_everything_erases_nothing_else():
    data = bytearray(blob())
    values = read_directories(bytes(data), "<", 8)["ifd1"].values
    data[values[0x201] : values[0x201] + 4] = bytes(4)
    data[values[0x202] : values[0x202] + 4] = struct.pack("<I", 2**32 - 1)
    after = exif.without_thumbnail(bytes(data))
    before, left = exif.to_tree(bytes(data)), exif.to_tree(after)
    assert before is not None and left is not None
    assert (left.ifd0, left.exif, left.gps) == (before.ifd0, before.exif, before.gps)


@pytest.mark.parametrize(
    "data", [b"", b"II", b"garbage" * 9, b"II*\0\xff\0\0\0", b"\0"]
)
def test_a_broken_block_stays_as_it_is(data: bytes):
    assert not exif.is_readable(data)
    assert exif.orientation(data) == 1
    assert exif.with_orientation(data, 1) == data
    assert exif.without_orientation(data) == data
    assert exif.with_size(data, 1, 1) == data
    assert exif.thumbnail(data) is None
    assert exif.with_thumbnail(data, b"", 1, 1) is None
    assert exif.without_thumbnail(data) == data


def try_everything(data: bytes) -> None:
    assert len(exif.with_orientation(data, 1)) == len(data)
    assert exif.orientation(exif.with_orientation(data, 1)) == 1
    assert len(exif.without_orientation(data)) in {0, len(data)}
    assert len(exif.with_size(data, 70_000, 5)) == len(data)
    exif.thumbnail(data)
    after = exif.with_thumbnail(data, b"\xff\xd8", 1, 1)
    assert after is None or exif.thumbnail(after) == b"\xff\xd8"
    assert len(exif.without_thumbnail(data)) <= len(data)
    exif.describe(data)
    exif.without_private(data)


@given(st.binary(max_size=200), st.sampled_from([b"", b"II*\0\x08\0\0\0"]))
def test_no_bytes_break_an_edit(data: bytes, head: bytes):
    try_everything(head + data)


@given(st.sampled_from(BYTEORDERS), st.data())
def test_no_changed_bytes_break_an_edit(order: Byteorder, data: st.DataObject):
    mutated = bytearray(blob(order))
    tables = st.integers(0, 200) | st.integers(0, len(mutated) - 1)
    for _ in range(data.draw(st.integers(1, 10))):
        at = data.draw(tables)
        mutated[at] = data.draw(st.integers(0, 30) | st.integers(0, 255))
    cut = data.draw(st.integers(0, len(mutated)))
    try_everything(bytes(mutated))
    try_everything(bytes(mutated[:cut]))
