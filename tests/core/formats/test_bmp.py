"""BMP: every way its rows may stand, its resolution and its profile."""

import io
import struct

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.reading import decode
from pellucid.core.writing import encode


def samples_of(data: bytes) -> np.ndarray:
    image = decode(data)
    planes = image.pixels[:, :, :1] if image.carried.is_gray else image.pixels
    if image.alpha is not None:
        planes = np.dstack([planes, image.alpha])
    return np.rint(planes * 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5])
def test_rows_of_every_width_come_back(width, channels):
    samples = pictures.samples(3, width, channels)
    data = encode(decode(pictures.png(samples)).with_carried(format="bmp")).data
    np.testing.assert_array_equal(samples_of(data), samples)
    shown = np.asarray(Pillow.open(io.BytesIO(data)))
    np.testing.assert_array_equal(shown.reshape(samples.shape), samples)


def test_rows_may_stand_from_top_to_bottom():
    samples = pictures.samples(3, 4, 3)
    data = bytearray(pictures.pillow(samples[::-1], "BMP"))
    data[22:26] = struct.pack("<i", -3)
    np.testing.assert_array_equal(samples_of(bytes(data)), samples)


@pytest.mark.parametrize("mode", ["1", "P", "L", "RGB"])
def test_palettes_and_few_bits_are_read(mode):
    picture = Pillow.fromarray(pictures.samples(9, 14, 3)).convert(mode)
    out = io.BytesIO()
    picture.save(out, "BMP")
    shown = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(np.rint(decode(out.getvalue()).pixels * 255), shown)


def test_resolution_comes_back():
    data = pictures.pillow(pictures.samples(3, 4, 3), "BMP", dpi=(300, 150))
    image = decode(data)
    assert image.carried.dpi == pytest.approx((300, 150), abs=0.02)
    assert encode(image).data[38:46] == data[38:46] == struct.pack("<ii", 11_811, 5_906)


def test_a_file_without_resolution_gets_none():
    data = bytearray(pictures.pillow(pictures.samples(3, 4, 3), "BMP"))
    data[38:46] = bytes(8)
    image = decode(bytes(data))
    assert image.carried.dpi is None
    assert encode(image).data[38:46] == bytes(8)


def test_the_oldest_header_has_no_resolution():
    samples = pictures.samples(3, 4, 3)
    rows = samples[::-1, :, ::-1].tobytes()
    head = struct.pack("<2sIHHIIHHHH", b"BM", 26 + len(rows), 0, 0, 26, 12, 4, 3, 1, 24)
    np.testing.assert_array_equal(samples_of(head + rows), samples)
    assert decode(head + rows).carried.dpi is None


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_version_5_points_to_a_profile_behind_the_pixels(channels):
    icc = pictures.profile("Adobe RGB")
    samples = pictures.samples(3, 4, channels)
    image = decode(pictures.png(samples, icc=icc)).with_carried(format="bmp")
    data = encode(image).data
    assert data[14] == 124
    assert int.from_bytes(data[2:6], "little") == len(data)
    at, size = struct.unpack_from("<II", data, 126)
    assert data[14 + at : 14 + at + size] == icc
    assert decode(data).carried.icc == icc


def test_a_profile_that_lies_outside_the_file_is_none():
    icc = pictures.profile("sRGB")
    image = decode(pictures.png(pictures.samples(3, 4, 3), icc=icc))
    data = encode(image.with_carried(format="bmp")).data
    assert decode(data[:-1]).carried.icc is None


def test_a_picture_without_alpha_and_profile_has_the_common_header():
    data = encode(decode(pictures.pillow(pictures.samples(3, 4, 3), "BMP"))).data
    assert data[14] == 40
    assert data[:2] == b"BM"


def test_letters_alone_are_no_bmp():
    with pytest.raises(BadImage, match="not a picture"):
        decode(b"BM" + bytes(100))


@pytest.mark.parametrize("size", [(0, 3), (4, 0)])
def test_a_header_without_pixels_is_refused(size):
    data = bytearray(pictures.pillow(pictures.samples(3, 4, 3), "BMP"))
    data[18:26] = struct.pack("<ii", *size)
    with pytest.raises(BadImage):
        decode(bytes(data))


def test_a_header_of_gigapixels_is_too_large():
    data = bytearray(pictures.pillow(pictures.samples(3, 4, 3), "BMP"))
    data[18:26] = struct.pack("<ii", 60_000, 60_000)
    with pytest.raises(TooLarge):
        decode(bytes(data))
