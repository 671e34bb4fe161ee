"""PPM: six kinds, any maximum, comments anywhere in the header."""

import io

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

GRAY = np.array([[0, 1, 2], [3, 4, 5]])
COLOUR = np.arange(18).reshape(2, 3, 3)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"P2\n3 2\n5\n0 1 2\n3 4 5\n", GRAY / 5),
        (b"P5\n3 2\n5\n\0\1\2\3\4\5", GRAY / 5),
        (b"P1\n3 2\n0 1 0\n1 1 0\n", np.array([[1, 0, 1], [0, 0, 1]])),
        (b"P1\n3 2\n010110", np.array([[1, 0, 1], [0, 0, 1]])),
        (b"P4\n3 2\n\x40\xc0", np.array([[1, 0, 1], [0, 0, 1]])),
    ],
)
def test_gray_and_bilevel_kinds_are_read(data, wanted):
    image = decode(data)
    np.testing.assert_allclose(image.pixels[:, :, 0], wanted, atol=1e-7)
    np.testing.assert_array_equal(image.pixels[:, :, 0], image.pixels[:, :, 2])
    assert image.carried.is_gray


@pytest.mark.parametrize(
    "data",
    [
        b"P3 3 2 17 " + b" ".join(b"%d" % value for value in range(18)),
        b"P6 3 2 17\n" + bytes(range(18)),
    ],
)
def test_colour_kinds_are_read(data):
    image = decode(data)
    np.testing.assert_allclose(image.pixels, COLOUR / 17, atol=1e-7)
    assert not image.carried.is_gray


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_written_comes_back_and_others_can_read_it(channels, kind):
    samples = pictures.samples(5, 7, channels, kind)
    image = decode(pictures.png(samples))
    data = encode(image, WriteOptions(format="ppm")).data
    np.testing.assert_array_equal(decode(data).pixels, image.pixels)
    assert decode(data).carried.sample_type == kind
    if kind == "uint8":  # Pillow brings deeper colour to 8 bits
        shown = np.asarray(Pillow.open(io.BytesIO(data))).reshape(samples.shape)
        np.testing.assert_array_equal(shown, samples)
    else:
        assert data.endswith(samples.astype(">u2").tobytes())


@pytest.mark.parametrize("highest", [1, 100, 255, 256, 1023, 65_535])
def test_every_value_below_an_odd_maximum_comes_back(highest):
    kind = "u1" if highest < 256 else ">u2"
    values = np.arange(highest + 1).astype(kind)
    data = b"P5\n%d 1\n%d\n" % (len(values), highest) + values.tobytes()
    image = decode(data)
    assert (image.pixels.min(), image.pixels.max()) == (0, 1)
    assert encode(image).data == data


def test_the_depth_that_is_asked_for_wins_over_an_odd_maximum():
    data = b"P5\n2 1\n1023\n\0\0\3\xff"
    flat = encode(decode(data), WriteOptions(bit_depth=8)).data
    assert flat == b"P5\n2 1\n255\n\0\xff"
    deep = encode(decode(b"P5\n2 1\n100\n\0\x64"), WriteOptions(bit_depth=16)).data
    assert deep == b"P5\n2 1\n65535\n\0\0\xff\xff"


def test_comments_may_stand_between_the_numbers():
    data = b"P5 # made by hand\n# 9 9\n3# wide\n 2 # high\n5\n\0\1\2\3\4\5"
    np.testing.assert_allclose(decode(data).pixels[:, :, 0], GRAY / 5, atol=1e-7)
    plain = b"P2 3 2 5\n0 1 2 # first row\n3 4 5 # second row\n"
    np.testing.assert_allclose(decode(plain).pixels[:, :, 0], GRAY / 5, atol=1e-7)


def test_a_first_pixel_that_looks_like_white_space_is_a_pixel():
    image = decode(b"P5\n3 1\n255\n\n #")
    np.testing.assert_array_equal(np.rint(image.pixels[0, :, 0] * 255), [10, 32, 35])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"P5\n0 2\n5\n", "0 x 2"),
        (b"P5\n3 2\n0\n", "values up to 0"),
        (b"P5\n3 2\n65536\n", "values up to 65536"),
        (b"P5\n-3 2\n5\n", "header is broken"),
        (b"P5\n3 2\n", "header is broken"),
        (b"P5\n3 2\n5\n\0\1\2\3\4", "holds 5 of the 6 values"),
        (b"P6\n3 2\n256\n" + bytes(35), "holds 35 of the 36"),
        (b"P2\n3 2\n5\n0 1 2 3 4", "holds 5 of the 6 values"),
        (b"P4\n9 2\n\0\0\0", "holds 3 of the 4"),
        (b"P1\n3 2\n0 1 0", "holds 3 of the 6"),
        (b"P5\n3 2\n5\n\0\1\2\3\4\6", "A value is 6, above its maximum 5"),
        (b"P2\n1 1\n5\n99999999999999999999", "A value is|broken PPM"),
        (b"P2\n3 2\n5\n0 1 two 3 4 5", "not a number"),
        (b"P2\n3 2\n5\n0 1 -2 3 4 5", "not a number"),
    ],
)
def test_a_broken_file_is_refused(data, words):
    with pytest.raises(BadImage, match=words):
        decode(data)


def test_a_header_above_the_limit_is_too_large_though_nothing_follows():
    for kind in (b"P4\n60000 60000\n", b"P6\n60000 60000\n255\n"):
        with pytest.raises(TooLarge, match="60000 x 60000"):
            decode(kind, Limits())


@pytest.mark.parametrize("data", [b"P7\nWIDTH 3\n", b"Pf\n3 2\n", b"P", b"P55 3 2 5\n"])
def test_neighbours_of_the_format_are_not_taken_for_it(data):
    with pytest.raises(BadImage) as caught:
        decode(data)
    assert "PPM" not in str(caught.value)
