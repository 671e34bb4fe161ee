"""JPEG: what its segments carry comes back, and made-up pixels are refused."""

import io
import struct
from typing import Any

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage
from pellucid.core.formats.jpeg import estimate_quality
from pellucid.core.image import Text
from pellucid.core.jpeg_segments import segment
from pellucid.core.options import WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

PIXELS = pictures.samples(48, 64, 3)
JPEG = pictures.pillow(PIXELS, "JPEG")
RECORD = b"\x1c\x02\x78\x00\x05Hello"


def with_segments(*segments: bytes) -> bytes:
    """Put segments behind the JFIF header."""
    end = 4 + int.from_bytes(JPEG[4:6], "big")
    return JPEG[:end] + b"".join(segments) + JPEG[end:]


def resource(number: int, payload: bytes) -> bytes:
    payload += bytes(len(payload) % 2)
    return b"8BIM" + struct.pack(">HHI", number, 0, len(payload)) + payload


def opened(data: bytes) -> Any:
    return Pillow.open(io.BytesIO(data))


def inked(samples: np.ndarray, **how: Any) -> bytes:
    """A CMYK file; Pillow writes inks turned round, as Photoshop does."""
    out = io.BytesIO()
    Pillow.fromarray(samples, "CMYK").save(out, "JPEG", **how)
    return out.getvalue()


def cut(data: bytes, share: float) -> bytes:
    """Lose the end of the coded data, and put a new end marker there."""
    start = data.index(b"\xff\xda") + 14
    kept = data[: start + int((len(data) - 2 - start) * share)]
    return kept.rstrip(b"\xff") + b"\xff\xd9"


def test_pixels_are_those_that_pillow_decodes():
    for how in ({}, {"progressive": True}, {"subsampling": "4:2:0", "quality": 40}):
        data = pictures.pillow(PIXELS, "JPEG", **how)
        image = decode(data)
        np.testing.assert_array_equal(np.rint(image.pixels * 255), opened(data))


def test_gray_stays_gray():
    data = pictures.pillow(PIXELS[:, :, :1], "JPEG")
    image = decode(data)
    assert image.carried.is_gray
    assert opened(encode(image).data).mode == "L"


def test_a_gray_picture_that_became_colour_is_written_in_colour():
    image = decode(pictures.pillow(np.full((16, 16, 1), 128, np.uint8), "JPEG"))
    tinted = image.with_pixels(image.pixels * np.array([1, 0.5, 0.25], np.float32))
    after = decode(encode(tinted).data)
    np.testing.assert_allclose(after.pixels, tinted.pixels, atol=0.05)


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": "4:2:2"}])
def test_pixels_that_nobody_changed_lose_nothing(how):
    data = pictures.pillow(PIXELS, "JPEG", quality=60, **how)
    image = decode(data).with_carried(icc=pictures.profile("sRGB"))
    for _ in range(3):
        image = decode(encode(image).data)
    np.testing.assert_array_equal(np.rint(image.pixels * 255), opened(data))
    assert image.carried.icc == pictures.profile("sRGB")


@pytest.mark.parametrize("is_progressive", [True, False])
def test_changed_pixels_are_coded_as_the_source_was(is_progressive):
    how = {"quality": 60, "subsampling": "4:2:2", "progressive": is_progressive}
    image = decode(pictures.pillow(PIXELS, "JPEG", **how))
    assert image.carried.encoding["progressive"] == is_progressive
    changed = decode(encode(image.with_pixels(1 - image.pixels)).data)
    assert changed.carried.encoding == image.carried.encoding
    assert np.abs(changed.pixels - (1 - image.pixels)).mean() < 0.1


def test_a_turned_picture_is_coded_anew_and_upright():
    smooth = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    block = b"Exif\0\0" + pictures.exif(6)
    data = encode(decode(pictures.pillow(smooth, "JPEG", exif=block))).data
    shown = np.asarray(opened(data)).astype(int)
    assert np.abs(shown - pictures.upright(smooth, 6)).mean() < 3
    assert opened(data).getexif()[0x0112] == 1


def test_comments_come_back_in_order_also_those_that_are_not_unicode():
    words = [b"first", "κύμα".encode(), b"caf\xe9"]
    data = encode(decode(with_segments(*(segment("COM", word) for word in words)))).data
    places = [data.index(segment("COM", word)) for word in words]
    assert places == sorted(places)


def test_a_caption_of_png_becomes_a_comment():
    texts = (Text(keyword="Title", text="Sea"), Text(keyword="Comment", text="blue"))
    image = decode(JPEG).with_carried(texts=texts)
    assert [text.text for text in decode(encode(image).data).carried.texts] == [
        "Title: Sea",
        "blue",
    ]


def test_iptc_and_photoshop_resources_come_back():
    block = resource(0x0404, RECORD) + resource(0x03ED, b"300 dots")
    payload = segment("APP13", b"Photoshop 3.0\0" + block)
    image = decode(with_segments(payload))
    assert image.carried.iptc == RECORD + bytes(len(RECORD) % 2)
    assert image.carried.photoshop == resource(0x03ED, b"300 dots")
    assert payload in encode(image).data


def test_resources_longer_than_a_segment_are_cut_into_pieces_and_joined():
    long = resource(0x03FD, pictures.samples(100, 1000, 1).tobytes())
    block = resource(0x0404, RECORD) + long
    pieces = [block[i : i + 60_000] for i in range(0, len(block), 60_000)]
    parts = [segment("APP13", b"Photoshop 3.0\0" + piece) for piece in pieces]
    image = decode(with_segments(*parts))
    assert image.carried.photoshop == long
    assert decode(encode(image).data).carried.photoshop == long


def test_a_profile_above_64_kilobytes_is_written_in_pieces():
    icc = pictures.profile("Display P3") + pictures.samples(200, 1000, 1).tobytes()
    data = encode(decode(JPEG).with_carried(icc=icc)).data
    assert opened(data).info["icc_profile"] == icc
    assert decode(data).carried.icc == icc


def test_a_profile_that_lacks_a_piece_is_left_out_and_that_is_said():
    one = segment("APP2", b"ICC_PROFILE\0\x01\x02" + pictures.profile("sRGB"))
    image = decode(with_segments(one))
    assert image.carried.icc is None
    assert "Its ICC profile lacks a piece and is left out." in image.carried.warnings


def test_segments_of_other_programs_are_kept():
    extension = b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + b"<more/>"
    parts = [
        segment("APP1", extension),
        segment("APP5", b"a maker"),
        segment("APP12", b"Ducky\0\1"),
    ]
    data = encode(decode(with_segments(*parts))).data
    for part in parts:
        assert data.count(part) == 1


def test_payloads_do_not_grow_from_one_round_to_the_next():
    packet = segment("APP1", b"http://ns.adobe.com/xap/1.0/\0" + pictures.XMP)
    photo = resource(0x0404, RECORD)
    parts = [
        segment("APP1", b"Exif\0\0" + pictures.exif(size=(64, 48))),
        packet,
        segment("APP13", b"Photoshop 3.0\0" + photo),
        segment("COM", b"words"),
    ]
    once = encode(decode(with_segments(*parts))).data
    twice = encode(decode(once)).data
    assert once[: once.index(b"\xff\xdb")] == twice[: twice.index(b"\xff\xdb")]
    for part in parts:
        assert once.count(part) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_segments(segment("APP2", b"MPF\0MM\0*")), "Further pictures"),
        (with_segments(segment("APP11", b"JP\0\1")), "Content credentials"),
        (JPEG + JPEG, "behind the picture"),
        (JPEG + b"\0\0\0\x18ftypmp42", "a video or data"),
    ],
)
def test_what_is_left_out_is_named(data, words):
    warnings = decode(data).carried.warnings
    assert any(words in warning for warning in warnings)
    assert decode(JPEG).carried.warnings == ()


def test_resolution_is_kept_in_the_unit_of_the_file():
    per_cm = bytearray(JPEG)
    per_cm[13:18] = struct.pack(">BHH", 2, 118, 59)
    image = decode(bytes(per_cm))
    assert image.carried.dpi == pytest.approx((299.72, 149.86))
    assert encode(image).data[13:18] == struct.pack(">BHH", 2, 118, 59)
    assert decode(JPEG).carried.dpi is None  # an aspect ratio is no resolution


def without_header() -> bytes:
    """A file as cameras write it, without the JFIF header."""
    return JPEG[:2] + JPEG[4 + int.from_bytes(JPEG[4:6], "big") :]


def test_a_file_without_header_gets_one_when_there_is_a_resolution_to_write():
    image = decode(without_header()).with_carried(dpi=(300.0, 300.0))
    encoded = encode(image)
    assert encoded.warnings or decode(encoded.data).carried.dpi == (300, 300)


def test_a_thumbnail_in_the_header_goes_when_metadata_go():
    small = bytes(range(48))
    header = segment("APP0", b"JFIF\0\1\1\0\0\1\0\1\4\4" + small)
    data = without_header()[:2] + header + without_header()[2:]
    assert small not in encode(decode(data), WriteOptions(metadata="none")).data


def test_a_comment_is_written_whole_or_its_loss_is_said():
    words = "sea " * 20_000
    encoded = encode(
        decode(JPEG).with_carried(texts=(Text(keyword="Comment", text=words),))
    )
    written = "".join(text.text for text in decode(encoded.data).carried.texts)
    assert encoded.warnings or written == words


def test_inks_become_srgb_and_their_profile_is_left_behind():
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[:, :, 0] = 255
    plain = decode(inked(inks, quality=100))
    np.testing.assert_allclose(plain.pixels[8, 8], [0, 1, 1], atol=2 / 255)
    image = decode(inked(inks, quality=100, icc_profile=pictures.ink_profile()))
    np.testing.assert_allclose(
        image.pixels[8, 8], np.array([0, 188, 243]) / 255, atol=3 / 255
    )
    assert image.carried.icc is None
    assert "through its own ICC profile" in image.carried.warnings[0]
    after = decode(encode(image).data)
    np.testing.assert_allclose(after.pixels[8, 8], image.pixels[8, 8], atol=3 / 255)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"progressive": True},
        {"subsampling": "4:4:4"},
        {"subsampling": "4:2:0", "progressive": True},
    ],
)
def test_cut_pixels_under_a_new_end_marker_are_refused(how, share):
    for channels in (1, 3):
        pixels = pictures.samples(96, 128, channels)
        data = pictures.pillow(pixels, "JPEG", quality=90, **how)
        decode(data)
        with pytest.raises(BadImage):
            decode(cut(data, share))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_inks_are_refused(share):
    data = inked(pictures.samples(96, 128, 4), quality=90)
    with pytest.raises(BadImage, match="end before the picture does"):
        decode(cut(data, share))


def test_cut_inks_coded_as_brightness_and_colour_are_refused():
    data = bytearray(inked(pictures.samples(96, 128, 4), quality=90))
    data[data.index(b"Adobe") + 11] = 2  # YCCK, as Photoshop writes
    decode(bytes(data))
    with pytest.raises(BadImage, match="end before the picture does"):
        decode(cut(bytes(data), 0.5))


def test_pixels_cut_in_front_of_a_restart_marker_are_refused():
    pixels = pictures.samples(96, 128, 3)
    data = pictures.pillow(pixels, "JPEG", quality=90, restart_marker_rows=1)
    decode(data)
    with pytest.raises(BadImage):
        decode(data[: data.index(b"\xff\xd2")] + b"\xff\xd9")


def test_a_progressive_file_that_lost_whole_scans_is_told_of():
    data = pictures.pillow(pictures.samples(96, 128, 3), "JPEG", progressive=True)
    second = data.index(b"\xff\xc4", data.index(b"\xff\xda"))
    assert not decode(data).carried.warnings
    (warning,) = decode(data[:second] + b"\xff\xd9").carried.warnings
    assert "Some scans of the progressive JPEG are missing" in warning


@pytest.mark.parametrize("missing", [4, 20, 100])
def test_pixels_cut_inside_the_last_blocks_are_refused(missing):
    data = pictures.pillow(pictures.samples(96, 128, 3), "JPEG", quality=90)
    end = data[: -2 - missing].rstrip(b"\xff")
    with pytest.raises(BadImage):
        decode(end + b"\xff\xd9")


def test_a_picture_that_is_gray_by_nature_is_read():
    for channels in (1, 3):
        gray = np.full((33, 47, channels), 128, np.uint8)
        for how in ({}, {"progressive": True}):
            image = decode(pictures.pillow(gray, "JPEG", **how))
            np.testing.assert_allclose(image.pixels, 128 / 255, atol=1e-6)


def quality_of(quality: int, channels: int = 3) -> int | None:
    data = pictures.pillow(
        np.zeros((8, 8, channels), np.uint8), "JPEG", quality=quality
    )
    tables = opened(data).quantization
    return estimate_quality([list(table) for table in tables.values()])


@pytest.mark.parametrize("quality", range(1, 101))
def test_quality_is_guessed_from_the_tables(quality):
    guess = quality_of(quality)
    assert guess is not None
    assert abs(guess - quality) <= 1
    assert quality_of(quality, 1) == guess


def test_a_file_without_tables_has_no_quality():
    assert estimate_quality([]) is None


@pytest.mark.parametrize("quality", [20, 60, 89, 90, 100])
def test_a_wanted_quality_uses_the_tables_of_libjpeg(quality):
    data = encode(decode(JPEG), WriteOptions(quality=quality)).data
    wanted = opened(pictures.pillow(PIXELS, "JPEG", quality=quality))
    assert opened(data).quantization == wanted.quantization
    subsampling = decode(data).carried.encoding["subsampling"]
    assert subsampling == ("4:4:4" if quality >= 90 else "4:2:0")
