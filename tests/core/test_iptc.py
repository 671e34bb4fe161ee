"""IPTC and image resources: taken apart, put together, never lost."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.core.iptc import (
    MAX_RESOURCES,
    from_raw_profile,
    is_readable,
    join,
    split,
    to_raw_profile,
    without_private,
    without_thumbnail,
)

RECORD = b"\x1c\x02\x78\x00\x05Hello"


def resource(number: int, payload: bytes, name: bytes = b"") -> bytes:
    pascal = bytes([len(name)]) + name
    pascal += bytes(len(pascal) % 2)
    head = b"8BIM" + struct.pack(">H", number) + pascal
    return head + struct.pack(">I", len(payload)) + payload + bytes(len(payload) % 2)


RESOURCES = st.lists(
    st.builds(
        resource,
        st.integers(0, 0xFFFF).filter(lambda number: number != 0x0404),
        st.binary(max_size=20),
        st.binary(max_size=9),
    ),
    max_size=5,
)


def test_the_record_is_taken_out_from_between_others():
    before, after = resource(0x03ED, b"abc"), resource(0x0BB7, b"path", b"name")
    blob = before + resource(0x0404, RECORD) + after
    assert split(blob) == (RECORD, before + after)


def test_pillow_finds_the_record_where_we_put_it():
    import io

    from PIL import Image, IptcImagePlugin

    blob = join(RECORD, resource(0x03ED, b"abc"))
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    payload = b"Photoshop 3.0\0" + blob
    segment = b"\xff\xed" + struct.pack(">H", len(payload) + 2) + payload
    jpeg = file.getvalue()
    with Image.open(io.BytesIO(jpeg[:2] + segment + jpeg[2:])) as picture:
        assert picture.info["photoshop"][0x0404] == RECORD
        assert IptcImagePlugin.getiptcinfo(picture) == {(2, 120): b"Hello"}


@given(st.binary(max_size=50), RESOURCES)
def test_what_was_joined_is_split_again(record: bytes, others: list[bytes]):
    rest = b"".join(others)
    assert split(join(record, rest)) == (record or None, rest or None)


@given(RESOURCES)
def test_a_block_that_starts_with_the_record_comes_back_byte_for_byte(
    others: list[bytes],
):
    blob = resource(0x0404, RECORD) + b"".join(others)
    assert join(*split(blob)) == blob


@pytest.mark.parametrize(
    "blob",
    [
        b"what",
        b"8BIM",
        b"8BIM\x04\x04\0\0\0\0\0\x09ab",
        b"8BIM\x04\x04\xff\0" + bytes(9),
    ],
)
def test_a_broken_block_stays_whole(blob: bytes):
    assert split(blob) == (None, blob)
    assert without_thumbnail(blob) == blob
    assert without_private(blob) == b""
    assert not is_readable(blob)


def test_zeros_behind_the_last_resource_are_padding():
    assert split(resource(0x0404, RECORD) + bytes(20)) == (RECORD, None)


def test_a_last_resource_without_its_pad_byte_is_read():
    assert split(b"8BIM\x04\x04\0\0\0\0\0\x03abc") == (b"abc", None)


def test_a_record_that_ends_in_zeros_keeps_them():
    blob = b"8BIM\x04\x04\0\0\0\0\0\x04ab\0\0"
    assert split(blob) == (b"ab\0\0", None)


def test_records_in_two_resources_are_joined():
    blob = resource(0x0404, RECORD) + resource(0x0404, RECORD)
    assert split(blob) == (RECORD + RECORD, None)


def test_resources_without_end_are_not_read():
    blob = resource(0x0425, b"") * (MAX_RESOURCES + 1)
    assert split(blob) == (None, blob)
    assert without_private(blob) == b""


def test_nothing_gives_nothing():
    assert split(b"") == (None, None)
    assert join(None, None) == b""


def test_previews_and_copies_of_metadata_are_dropped():
    kept = resource(0x03ED, b"resolution")
    previews = resource(0x0409, b"old") + resource(0x040C, b"new")
    copies = b"".join(resource(n, b"GPS") for n in (0x0422, 0x0423, 0x0424, 0x0425))
    assert without_thumbnail(previews + kept + copies) == kept + copies
    assert without_private(previews + kept + copies) == kept


@given(st.binary(max_size=100))
def test_any_bytes_can_be_split(blob: bytes):
    iptc, rest = split(blob)
    assert iptc is not None or rest is not None or not blob.strip(b"\0")
    without_thumbnail(blob)
    without_private(blob)


@given(st.binary(max_size=200))
def test_raw_profiles_come_back(data: bytes):
    assert from_raw_profile(to_raw_profile(data)) == data


def test_raw_profiles_look_as_imagemagick_writes_them():
    text = to_raw_profile(bytes(40))
    assert text == "\niptc\n      40\n" + 72 * "0" + "\n" + 8 * "0" + "\n"


@pytest.mark.parametrize(
    "text",
    [
        *("", "iptc", "\niptc\nx\n00\n", "\niptc\n 2\n00\n", "\niptc\n 1\n0g\n"),
        *("\niptc\n" + 5000 * "9" + "\n00", "\niptc\n²\n0000\n", "\niptc\n-1\n\n"),
    ],
)
def test_other_texts_are_no_raw_profiles(text: str):
    assert from_raw_profile(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str):
    from_raw_profile("\niptc\n" + text)
