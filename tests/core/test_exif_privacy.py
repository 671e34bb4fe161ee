"""Privacy: no byte of what is left out can be found afterwards."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pellucid.core.exif_blob import from_tree, open_blob
from pellucid.core.exif_privacy import PRIVATE, without_private
from pellucid.core.ifd import Byteorder, Entry, Tree, read_directories, read_tree

SECRET = b"SECRETSECRET"
BYTEORDERS: tuple[Byteorder, ...] = ("<", ">")


def secret(tag: int) -> Entry:
    return Entry(tag, 7, len(SECRET), SECRET)


def text(tag: int, value: bytes) -> Entry:
    return Entry(tag, 2, len(value), value)


def table(*found: Entry) -> dict[int, Entry]:
    return {entry.tag: entry for entry in found}


def full(order: Byteorder = "<") -> bytes:
    tree = Tree(
        ifd0=table(
            text(0x10F, b"A maker of cameras\0"),
            text(0x13C, SECRET),
            text(0x8298, b"Somebody\0"),
            Entry(0xEA1C, 7, 20, bytes(20)),
        ),
        exif=table(
            text(0x9003, b"2024:01:02 03:04:05\0"),
            *(secret(tag) for tag in sorted(PRIVATE - {0x8825})),
            Entry(0x9286, 7, 17, b"ASCII\0\0\0my words"[:17].ljust(17)),
        ),
        gps=table(text(1, b"N\0"), secret(0x1B)),
        interop=table(text(1, b"R98\0")),
        ifd1=table(secret(0x10E)),
        thumbnail=b"\xff\xd8" + SECRET + b"\xff\xd9",
    )
    return from_tree(tree, order)


@pytest.mark.parametrize("order", BYTEORDERS)
def test_secrets_are_gone_and_the_rest_is_there(order: Byteorder):
    before = full(order)
    assert SECRET in before
    after = without_private(before)
    assert SECRET not in after
    assert b"\xff\xd8" not in after
    tree = read_tree(after, order, 8)
    assert set(tree.ifd0) == {0x10F, 0x8298, 0xEA1C}
    assert set(tree.exif) == {0x9003, 0x9286}
    assert set(tree.interop) == {1}
    assert (dict(tree.gps), dict(tree.ifd1), tree.thumbnail) == ({}, {}, None)


def test_pillow_reads_what_is_left():
    read = Image.Exif()
    read.load(b"Exif\0\0" + without_private(full()))
    assert read[0x10F] == "A maker of cameras"
    assert read.get_ifd(0x8769)[0x9003] == "2024:01:02 03:04:05"
    assert not read.get_ifd(0x8825)


def test_what_stands_between_the_entries_is_gone():
    assert SECRET not in without_private(full() + SECRET)


def test_cleaning_twice_is_cleaning_once():
    once = without_private(full())
    assert without_private(once) == once


def test_a_caption_that_is_the_place_of_the_secret_goes_with_it():
    data = bytearray(full())
    found = read_directories(bytes(data), "<", 8)
    secret_at = found["gps"].values[0x1B]
    pointer = found["ifd0"].positions[0x10F] + 8
    data[pointer : pointer + 4] = struct.pack("<I", secret_at)
    after = without_private(bytes(data))
    assert SECRET[:8] not in after
    assert set(read_tree(after, "<", 8).ifd0) == {0x8298, 0xEA1C}


@pytest.mark.parametrize("name", ["ifd0", "exif"])
def test_a_directory_that_is_also_the_place_is_refused(name: str):
    data = bytearray(full())
    found = read_directories(bytes(data), "<", 8)
    pointer = found["ifd0"].values[0x8825]
    data[pointer : pointer + 4] = struct.pack("<I", found[name].offset)
    assert without_private(bytes(data)) == b""


def test_a_place_that_is_also_interoperability_is_dropped():
    data = bytearray(full())
    found = read_directories(bytes(data), "<", 8)
    pointer = found["exif"].values[0xA005]
    data[pointer : pointer + 4] = struct.pack("<I", found["gps"].offset)
    after = without_private(bytes(data))
    assert SECRET not in after
    assert not read_tree(after, "<", 8).interop


def test_a_place_that_calls_itself_interoperability_is_dropped():
    latitude = Entry(2, 5, 3, struct.pack("<6I", 48, 1, 51, 1, 30, 1))
    tree = Tree(
        ifd0=table(text(0x10F, b"A\0")), interop=table(text(1, b"N\0"), latitude)
    )
    left = read_tree(without_private(from_tree(tree, "<")), "<", 8)
    assert 2 not in left.interop


def test_a_place_that_calls_itself_exif_is_dropped():
    latitude = Entry(2, 5, 3, struct.pack("<6I", 48, 1, 51, 1, 30, 1))
    tree = Tree(ifd0=table(text(0x10F, b"A\0")), exif=table(latitude))
    assert not read_tree(without_private(from_tree(tree, "<")), "<", 8).exif


def test_a_second_tag_of_the_same_number_is_gone():
    record = struct.pack("<HHI4s", 0x10E, 2, 4, b"one\0")
    other = struct.pack("<HHI4s", 0x10E, 2, 4, b"two\0")
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + record + other + bytes(4)
    assert b"two" not in without_private(data)


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"II*\0\xff\xff\0\0", b"MM\0*\0\0\0\x08"]
)
def test_what_cannot_be_read_is_not_kept(data: bytes):
    assert without_private(data) == b""


def test_nothing_but_secrets_leaves_nothing():
    assert without_private(from_tree(Tree(gps=table(secret(0x1B))), "<")) == b""


@settings(max_examples=200)
@given(st.sampled_from(BYTEORDERS), st.data())
def test_changed_bytes_never_bring_a_private_tag_through(
    order: Byteorder, data: st.DataObject
):
    mutated = bytearray(full(order))
    places = st.integers(0, 120) | st.integers(0, len(mutated) - 1)
    for _ in range(data.draw(st.integers(1, 10))):
        at = data.draw(places)
        mutated[at] = data.draw(st.integers(0, 30) | st.integers(0, 255))
    after = without_private(bytes(mutated))
    opened = open_blob(after)
    assert after == b"" or opened is not None
    if opened is None:
        return
    assert set(opened.directories) <= {"ifd0", "exif", "interop"}
    for name in ("ifd0", "exif"):
        if name in opened.directories:
            assert not set(opened.directories[name].entries) & PRIVATE
