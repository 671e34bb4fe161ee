"""WebP: lossless stays lossless, also below transparent pixels."""

import io

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode


def kind_of(data: bytes) -> str:
    """Name of the chunk that holds the pixels."""
    (name,) = {b"VP8L", b"VP8 "} & {data[i : i + 4] for i in range(12, len(data))}
    return name.decode()


def samples_of(data: bytes) -> np.ndarray:
    image = decode(data)
    planes = image.pixels
    if image.alpha is not None:
        planes = np.dstack([planes, image.alpha])
    return np.rint(planes * 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [3, 4])
def test_lossless_comes_back_bit_for_bit(channels):
    samples = pictures.samples(13, 22, channels)
    data = pictures.pillow(samples, "WEBP", lossless=True, exact=True)
    np.testing.assert_array_equal(samples_of(data), samples)
    after = encode(decode(data)).data
    assert kind_of(after) == "VP8L"
    np.testing.assert_array_equal(samples_of(after), samples)


def test_transparent_pixels_keep_their_colours():
    samples = pictures.samples(13, 22, 4)
    samples[:, ::2, 3] = 0
    after = encode(decode(pictures.png(samples)), WriteOptions(format="webp")).data
    np.testing.assert_array_equal(samples_of(after), samples)


def test_lossy_stays_lossy():
    data = pictures.pillow(pictures.samples(32, 32, 3), "WEBP", quality=80)
    image = decode(data)
    assert not image.carried.is_lossless
    assert kind_of(encode(image).data) == "VP8 "


def test_a_lossless_picture_becomes_lossy_only_when_a_quality_is_asked_for():
    image = decode(pictures.png(pictures.samples(32, 32, 3)))
    plain = encode(image, WriteOptions(format="webp")).data
    small = encode(image, WriteOptions(format="webp", quality=50)).data
    assert (kind_of(plain), kind_of(small)) == ("VP8L", "VP8 ")
    assert len(small) < len(plain)


@pytest.mark.parametrize("lossless", [True, False])
def test_payloads_come_back_unchanged(lossless):
    block, icc = pictures.exif(size=(22, 13)), pictures.profile("Adobe RGB")
    how = {"lossless": lossless, "icc_profile": icc, "exif": block, "xmp": pictures.XMP}
    data = pictures.pillow(pictures.samples(13, 22, 3), "WEBP", **how)
    after = Pillow.open(io.BytesIO(encode(decode(data)).data))
    assert after.info["icc_profile"] == icc
    assert after.info["exif"] == block
    assert after.info["xmp"] == pictures.XMP


def test_exif_with_the_prefix_of_jpeg_is_read_too():
    block = pictures.exif()
    data = pictures.pillow(pictures.samples(8, 8, 3), "WEBP", exif=block)
    plain = b"EXIF" + len(block).to_bytes(4, "little") + block
    prefixed = b"EXIF" + (len(block) + 6).to_bytes(4, "little") + b"Exif\0\0" + block
    assert plain in data
    data = data.replace(plain, prefixed)
    data = data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]
    assert decode(data).carried.exif == block


def test_an_animation_gives_its_first_frame_and_that_is_said():
    frames = [Pillow.fromarray(pictures.samples(8, 9, 3, seed=s)) for s in (1, 2)]
    out = io.BytesIO()
    how = {"save_all": True, "append_images": frames[1:], "lossless": True}
    frames[0].save(out, "WEBP", **how)
    image = decode(out.getvalue())
    np.testing.assert_array_equal(np.rint(image.pixels * 255), frames[0])
    assert "It is an animation; only its first frame is read." in image.carried.warnings


@pytest.mark.parametrize(
    "how", [{}, {"lossless": True}, {"exif": b"MM\0*", "xmp": b"x"}]
)
def test_the_size_is_read_from_every_kind_of_header(how):
    data = pictures.pillow(pictures.samples(13, 22, 3), "WEBP", **how)
    with pytest.raises(TooLarge, match="22 x 13"):
        decode(data, Limits(max_pixels=22 * 13 - 1))
    assert decode(data, Limits(max_pixels=22 * 13)).width == 22


def test_a_file_without_a_picture_is_refused():
    body = b"WEBPEXIF\x04\0\0\0MM\0*"
    with pytest.raises(BadImage, match="holds no WebP picture"):
        decode(b"RIFF" + len(body).to_bytes(4, "little") + body)


def test_a_chunk_that_ends_behind_the_file_is_refused():
    data = bytearray(pictures.pillow(pictures.samples(8, 8, 3), "WEBP", lossless=True))
    data[16:20] = (1000).to_bytes(4, "little")
    with pytest.raises(BadImage, match="ends inside its chunk 'VP8L'"):
        decode(bytes(data))


def test_a_block_that_nobody_knows_is_told_of():
    data = pictures.pillow(pictures.samples(4, 5, 3), "WEBP")
    body = data[8:] + b"zzzz\4\0\0\0none"
    found = decode(b"RIFF" + len(body).to_bytes(4, "little") + body)
    assert "zzzz" in found.carried.warnings[0]
