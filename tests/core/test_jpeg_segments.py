"""A JPEG file is taken apart without decoding, and a broken one is refused."""

import io

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, CannotWrite, TooLarge
from pellucid.core.jpeg_segments import read_segments, segment
from pellucid.core.options import Limits

PIXELS = pictures.samples(24, 32, 3)
JPEG = pictures.pillow(PIXELS, "JPEG")


def with_segments(*segments: bytes) -> bytes:
    return JPEG[:2] + b"".join(segments) + JPEG[2:]


def frame_at(data: bytes) -> int:
    """Where the payload of the frame header starts."""
    return data.index(b"\xff\xc0") + 4


def test_segments_come_in_order_with_their_payloads():
    data = with_segments(segment("APP4", b"four"), segment("COM", b"words"))
    others = read_segments(data, Limits()).others
    assert others[:2] == [("APP4", b"four"), ("COM", b"words")]
    assert [name for name, _ in others] == ["APP4", "COM", "APP0"]


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_the_picture_that_is_left_decodes_to_the_same_pixels(how):
    whole = pictures.pillow(
        PIXELS, "JPEG", comment="words", exif=pictures.exif(), **how
    )
    bare = read_segments(whole, Limits()).picture
    assert b"words" not in bare
    before, after = (np.asarray(Pillow.open(io.BytesIO(d))) for d in (whole, bare))
    np.testing.assert_array_equal(after, before)


def test_markers_inside_a_payload_are_no_markers():
    data = with_segments(segment("APP5", JPEG))
    found = read_segments(data, Limits())
    assert found.others[0] == ("APP5", JPEG)
    assert found.warnings == []


def test_filling_bytes_in_front_of_a_marker_mean_nothing():
    data = JPEG[:2] + b"\xff\xff\xff" + JPEG[2:]
    assert read_segments(data, Limits()).warnings == []


def test_stray_bytes_between_segments_are_told():
    data = JPEG[:2] + b"stray" + JPEG[2:]
    assert read_segments(data, Limits()).warnings == ["5 stray bytes are left out."]


def test_bytes_behind_the_picture_are_told_unless_they_are_zero():
    assert read_segments(JPEG + bytes(100), Limits()).warnings == []
    (warning,) = read_segments(JPEG + b"ftypmp42", Limits()).warnings
    assert warning.startswith("8 bytes behind the picture")


def test_every_prefix_is_refused():
    for length in range(2, len(JPEG)):
        with pytest.raises(BadImage):
            read_segments(JPEG[:length], Limits())


@pytest.mark.parametrize("length", [b"\0\0", b"\0\1"])
def test_an_impossible_length_is_refused(length):
    with pytest.raises(BadImage, match="has the length"):
        read_segments(b"\xff\xd8\xff\xe5" + length + JPEG[2:], Limits())


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, b"\x0c", "12 bits per sample"),
        (1, b"\0\0", "32 x 0 pixels"),
        (3, b"\0\0", "0 x 24 pixels"),
        (5, b"\0", "frame header is broken"),
        (7, b"\x01", "sampling factors are zero"),
    ],
)
def test_an_impossible_frame_is_refused(place, value, words):
    at = frame_at(JPEG) + place
    with pytest.raises(BadImage, match=words):
        read_segments(JPEG[:at] + value + JPEG[at + len(value) :], Limits())


def test_a_frame_above_the_limit_is_too_large():
    with pytest.raises(TooLarge, match="32 x 24"):
        read_segments(JPEG, Limits(max_pixels=32 * 24 - 1))
    read_segments(JPEG, Limits(max_pixels=32 * 24))


def test_too_few_coded_bytes_for_the_size_are_refused():
    at = frame_at(JPEG) + 1
    grown = JPEG[:at] + b"\x20\0\x20\0" + JPEG[at + 4 :]
    with pytest.raises(BadImage, match="8192 x 8192 need at least"):
        read_segments(grown, Limits(max_pixels=1 << 30))


def test_a_file_without_a_frame_holds_no_picture():
    with pytest.raises(BadImage, match="no JPEG frame"):
        read_segments(b"\xff\xd8\xff\xd9", Limits())


def test_a_segment_holds_its_length_and_no_more_than_fits():
    assert segment("APP13", b"abc") == b"\xff\xed\x00\x05abc"
    assert segment("COM", b"") == b"\xff\xfe\x00\x02"
    assert len(segment("APP1", bytes(65_533))) == 65_537
    with pytest.raises(CannotWrite, match="65534 bytes"):
        segment("APP1", bytes(65_534))
