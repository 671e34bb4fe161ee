"""GIF: exact while 256 colours are enough, and refused above."""

import io
import struct

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, CannotWrite, TooLarge
from pellucid.core.image import Text
from pellucid.core.options import WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

FEW = pictures.samples(1, 256, 3)[0]  # 256 colours
PLACES = np.random.default_rng(2).permutation(np.arange(20 * 30) % 256).reshape(20, 30)


def gif(samples: np.ndarray) -> bytes:
    image = decode(pictures.png(samples))
    return encode(image, WriteOptions(format="gif")).data


def test_256_colours_come_back_exactly():
    samples = FEW[PLACES]
    assert len(np.unique(samples.reshape(-1, 3), axis=0)) == 256
    data = gif(samples)
    np.testing.assert_array_equal(np.rint(decode(data).pixels * 255), samples)
    shown = Pillow.open(io.BytesIO(data)).convert("RGB")
    np.testing.assert_array_equal(np.asarray(shown), samples)


def test_a_gif_comes_back_as_it_was():
    image = decode(gif(FEW[PLACES % 7]))
    encoded = encode(image)
    assert (encoded.format, encoded.warnings) == ("gif", ())
    np.testing.assert_array_equal(decode(encoded.data).pixels, image.pixels)


def test_257_colours_are_refused_with_a_way_out():
    samples = np.zeros((1, 257, 3), np.uint8)
    samples[0, :256] = FEW
    samples[0, 256] = next(
        c for c in np.eye(3, dtype=np.uint8) if not (c == FEW).all(axis=1).any()
    )
    with pytest.raises(CannotWrite, match="It has 257 colours") as caught:
        gif(samples)
    assert "PNG" in caught.value.hint


def test_clear_pixels_stay_clear_and_need_one_colour():
    samples = np.dstack([FEW[PLACES % 255], np.full((20, 30), 255, np.uint8)])
    samples[::2, :, 3] = 0
    image = decode(gif(samples))
    assert image.alpha is not None
    np.testing.assert_array_equal(image.alpha * 255, samples[:, :, 3])
    seen = np.rint(image.pixels * 255)
    np.testing.assert_array_equal(seen[1::2], samples[1::2, :, :3])


def test_half_clear_pixels_are_refused():
    samples = np.full((2, 2, 4), 128, np.uint8)
    with pytest.raises(CannotWrite, match="partly transparent"):
        gif(samples)


@pytest.mark.parametrize("words", ["a caption", "κύμα", "long " * 200])
def test_a_comment_comes_back(words):
    data = pictures.pillow(FEW[PLACES % 4], "GIF", comment=words.encode())
    image = decode(data)
    assert image.carried.texts == (Text(keyword="Comment", text=words),)
    assert Pillow.open(io.BytesIO(encode(image).data)).info["comment"] == words.encode()


def test_an_animation_gives_its_first_frame_and_that_is_said():
    frames = [Pillow.fromarray(FEW[(PLACES + n) % 5]) for n in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    image = decode(out.getvalue())
    np.testing.assert_array_equal(np.rint(image.pixels * 255), frames[0])
    assert image.carried.warnings == ("It is an animation; only frame 1 of 3 is read.",)


def test_a_huge_screen_is_too_large():
    data = bytearray(gif(FEW[PLACES]))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    with pytest.raises(TooLarge, match="65535 x 65535"):
        decode(bytes(data))


@pytest.mark.parametrize("frame", [(0, 0, 65_535, 65_535), (65_000, 65_000, 30, 20)])
def test_a_frame_that_reaches_far_beyond_its_screen_is_too_large(frame):
    data = bytearray(gif(FEW[PLACES]))
    at = data.index(struct.pack("<BHHHH", 0x2C, 0, 0, 30, 20))
    data[at + 1 : at + 9] = struct.pack("<HHHH", *frame)
    with pytest.raises(TooLarge):
        decode(bytes(data))


def test_a_later_frame_is_measured_too():
    first = gif(FEW[PLACES])
    bomb = struct.pack("<BHHHHB", 0x2C, 0, 0, 65_535, 65_535, 0) + b"\x08\0"
    with pytest.raises(TooLarge):
        decode(first[:-1] + bomb + b";")


@pytest.mark.parametrize(
    ("kept", "end", "words"),
    [
        (-1, b"", "ends before its end mark"),
        (-40, b"", "ends inside a block"),
        (-1, b"\x99;", "no GIF block at byte"),
        (13 + 3 * 256, b";", "broken GIF file"),  # colours, and no frame
    ],
)
def test_a_broken_file_is_refused(kept, end, words):
    with pytest.raises(BadImage, match=words):
        decode(gif(FEW[PLACES])[:kept] + end)


def test_comments_stay_apart_and_keep_their_keywords():
    texts = (
        Text(keyword="Comment", text="by the sea " * 50),
        Text(keyword="Title", text="Sea"),
    )
    image = decode(pictures.png(FEW[None])).with_carried(texts=texts)
    back = decode(encode(image, WriteOptions(format="gif")).data)
    words = [text.text for text in back.carried.texts]
    assert words == ["by the sea " * 50, "Title: Sea"]
    np.testing.assert_array_equal(back.pixels, image.pixels)


@pytest.mark.parametrize("name", [b"XMP DataXMP", b"ICCRGBG1012"])
def test_payloads_that_gif_hides_are_told_of(name):
    data = gif(FEW[None])
    block = b"\x21\xff\x0b" + name + b"\x04none\0"
    (warning,) = decode(data[:-1] + block + b";").carried.warnings
    assert "is left out" in warning
