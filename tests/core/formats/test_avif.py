"""AVIF: upright once, with its payloads, and honest about bits it cannot show."""

import io

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core import exif
from pellucid.core.options import WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

SMOOTH = np.add.outer(np.arange(24) * 5, np.arange(32) * 4)[:, :, None]
SMOOTH = (SMOOTH // np.array([1, 2, 3])).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_not_again_after_writing(orientation):
    block = pictures.exif(orientation, size=(32, 24))
    data = pictures.pillow(SMOOTH, "AVIF", exif=block, quality=95)
    wanted = pictures.upright(SMOOTH, orientation)
    image = decode(data)
    after = decode(encode(image, WriteOptions(quality=95)).data)
    for each in (image, after):
        assert each.pixels.shape == wanted.shape
        assert np.abs(each.pixels * 255 - wanted).mean() < 3
    shown = Pillow.open(io.BytesIO(encode(image).data))
    assert np.abs(np.asarray(shown).astype(int) - wanted).mean() < 3


def test_payloads_come_back_unchanged():
    block, icc = pictures.exif(6, size=(24, 32)), pictures.profile("Display P3")
    how = {"exif": block, "icc_profile": icc, "xmp": pictures.XMP}
    once = decode(pictures.pillow(SMOOTH, "AVIF", **how))
    twice = decode(encode(once).data).carried
    assert (twice.icc, twice.xmp) == (icc, pictures.XMP)
    assert once.carried.exif is not None
    assert twice.exif is not None
    assert twice.exif == exif.without_orientation(once.carried.exif)  # byte for byte
    found = Pillow.Exif()
    found.load(b"Exif\0\0" + twice.exif)
    assert found.get_ifd(0x8769)[0xA431] == "SERIAL-4711"
    assert found.get_ifd(0x8825)[1] == "N"
    assert exif.orientation(twice.exif) == 1


def test_alpha_is_exact_at_full_quality():
    alpha = pictures.samples(24, 32, 1)
    image = decode(pictures.png(np.dstack([SMOOTH, alpha])))
    after = decode(encode(image, WriteOptions(format="avif", quality=100)).data)
    assert after.alpha is not None
    np.testing.assert_allclose(after.alpha * 255, alpha[:, :, 0], atol=1)
    assert np.abs(after.pixels * 255 - SMOOTH).mean() < 2


def test_gray_is_written_as_gray():
    image = decode(pictures.png(SMOOTH[:, :, :1]))
    after = decode(encode(image, WriteOptions(format="avif")).data)
    assert np.ptp(after.pixels, axis=2).max() < 1.5 / 255
    assert np.abs(after.pixels - image.pixels).mean() < 2 / 255


@pytest.mark.parametrize(("flags", "bits"), [(0x40, 10), (0x60, 12)])
def test_more_than_8_bits_are_told(flags, bits):
    data = bytearray(pictures.pillow(SMOOTH, "AVIF"))
    assert decode(bytes(data)).carried.warnings == ()
    data[data.index(b"av1C") + 6] |= flags  # two boxes say the depth, and must agree
    at = data.index(b"pixi") + 9
    data[at : at + 3] = bytes([bits] * 3)
    (warning,) = decode(bytes(data)).carried.warnings
    assert warning == f"Its {bits} bits per sample are read as 8."


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_told(transfer, name):
    data = bytearray(pictures.pillow(SMOOTH, "AVIF"))
    at = data.index(b"colrnclx") + 10
    data[at : at + 2] = transfer.to_bytes(2, "big")
    (warning,) = decode(bytes(data)).carried.warnings
    assert f"an HDR picture ({name})" in warning


def test_an_animation_gives_its_first_frame_and_that_is_said():
    out = io.BytesIO()
    first, second = Pillow.fromarray(SMOOTH), Pillow.fromarray(SMOOTH[::-1].copy())
    first.save(out, "AVIF", save_all=True, append_images=[second], quality=95)
    image = decode(out.getvalue())
    assert np.abs(image.pixels * 255 - SMOOTH).mean() < 4
    assert "It is an animation; only its first frame is read." in image.carried.warnings
