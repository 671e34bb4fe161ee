"""Reading and writing without a change loses nothing."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pictures
import pytest
import tifffile
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

from pellucid.core import exif
from pellucid.core.files import read, write
from pellucid.core.image import Image
from pellucid.core.options import WriteOptions

SPACES = ("", "sRGB", "Display P3", "Adobe RGB", "ProPhoto")
CHANNELS = {"gray": 1, "gray and alpha": 2, "colour": 3, "colour and alpha": 4}


def test_png_comes_back_bit_for_bit(tmp_path):
    cases = itertools.product(
        CHANNELS.values(), ("uint8", "uint16"), SPACES, range(1, 9), (b"", pictures.XMP)
    )
    for channels, kind, space, orientation, xmp in cases:
        before = pictures.samples(13, 22, channels, kind)
        icc = pictures.profile(space) if space else b""
        block = pictures.exif(orientation, size=(22, 13))
        data = pictures.png(before, icc=icc, exif=block, xmp=xmp)
        image = there_and_back(data, tmp_path, "png")
        wanted = pictures.upright(before, orientation)
        np.testing.assert_array_equal(image.samples, wanted)
        assert image.samples.dtype == before.dtype
        assert image.carried.icc == (icc or None)
        assert image.carried.xmp == (xmp or None)
        assert_exif_kept(block, image.carried.exif, wanted)


@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
@pytest.mark.parametrize(
    "kind", ["uint8", "uint16", "uint32", "float16", "float32", "float64"]
)
def test_tiff_comes_back_bit_for_bit(tmp_path, kind, compression):
    cases = itertools.product(CHANNELS.values(), SPACES[:4], range(1, 9))
    for channels, space, orientation in cases:
        before = pictures.samples(13, 22, channels, kind)
        icc = pictures.profile(space) if space else b""
        data = pictures.tiff(
            before,
            icc=icc,
            xmp=pictures.XMP,
            orientation=orientation,
            compression=compression,
        )
        image = there_and_back(data, tmp_path, "tif")
        wanted = pictures.upright(before, orientation)
        stored = tifffile.imread(tmp_path / "after.tif").reshape(wanted.shape)
        np.testing.assert_array_equal(stored, wanted)
        assert stored.dtype == before.dtype
        assert image.carried.icc == (icc or None)
        assert image.carried.xmp == pictures.XMP
        assert image.carried.orientation == 1


def test_lossless_webp_comes_back_bit_for_bit(tmp_path):
    for channels, space, orientation in itertools.product((3, 4), SPACES, range(1, 9)):
        before = pictures.samples(13, 22, channels)
        icc = pictures.profile(space) if space else b""
        block = pictures.exif(orientation, size=(22, 13))
        how = {"lossless": True, "exact": True, "icc_profile": icc, "exif": block}
        data = pictures.pillow(before, "WEBP", xmp=pictures.XMP, **how)
        image = there_and_back(data, tmp_path, "webp")
        wanted = pictures.upright(before, orientation)
        np.testing.assert_array_equal(image.samples, wanted)
        assert image.carried.icc == (icc or None)
        assert image.carried.xmp == pictures.XMP
        assert_exif_kept(block, image.carried.exif, wanted)


@pytest.mark.parametrize("channels", [1, 3])
def test_bmp_comes_back_bit_for_bit(tmp_path, channels):
    before = pictures.samples(13, 22, channels)
    image = there_and_back(pictures.pillow(before, "BMP"), tmp_path, "bmp")
    np.testing.assert_array_equal(image.samples, before)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_bmp_keeps_alpha_and_profile(tmp_path, channels, space):
    before = pictures.samples(13, 22, channels)
    icc = pictures.profile(space) if space else b""
    (tmp_path / "in.png").write_bytes(pictures.png(before, icc=icc))
    write(read(tmp_path / "in.png"), tmp_path / "in.bmp")
    data = (tmp_path / "in.bmp").read_bytes()
    picture = Pillow.open(io.BytesIO(data))
    np.testing.assert_array_equal(np.asarray(picture).reshape(before.shape), before)
    image = there_and_back(data, tmp_path, "bmp")
    np.testing.assert_array_equal(image.samples, before)
    assert image.carried.icc == (icc or None)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("quality", [35, 75, 92])
def test_jpeg_keeps_its_payloads_and_its_coding(
    tmp_path, quality, subsampling, orientation
):
    smooth = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    icc = pictures.profile("Display P3")
    block = pictures.exif(orientation, size=(64, 48))
    data = pictures.pillow(
        smooth,
        "JPEG",
        quality=quality,
        subsampling=subsampling,
        icc_profile=icc,
        exif=b"Exif\0\0" + block,
        xmp=pictures.XMP,
        dpi=(300, 300),
        comment="a caption",
    )
    image = there_and_back(data, tmp_path, "jpg")
    before = JpegImageFile(io.BytesIO(data))
    after = JpegImageFile(io.BytesIO((tmp_path / "after.jpg").read_bytes()))
    assert after.quantization == before.quantization
    assert image.carried.encoding["subsampling"] == subsampling
    assert image.carried.encoding["quality"] == quality
    assert after.info["icc_profile"] == icc
    assert after.info["xmp"] == pictures.XMP
    assert after.info["dpi"] == (300, 300)
    assert after.info["comment"] == b"a caption"
    wanted = pictures.upright(np.asarray(before), orientation)
    assert_exif_kept(block, image.carried.exif, wanted)
    assert np.abs(np.asarray(after).astype(int) - wanted).mean() < 1.5


def test_exif_survives_every_change_of_format(tmp_path):
    block = pictures.exif(1, size=(22, 13))
    path = tmp_path / "0.png"
    path.write_bytes(pictures.png(pictures.samples(13, 22, 3), exif=block))
    before = exif.describe(block)
    for number, suffix in enumerate(("tif", "jpg", "webp", "tif", "avif", "png"), 1):
        source, path = path, tmp_path / f"{number}.{suffix}"
        assert write(read(source), path).warnings == ()
        after = read(path).carried.exif
        assert after is not None
        missing = before.items() - exif.describe(after).items()
        assert {name for name, _ in missing} <= {"Orientation"}, suffix
    with tifffile.TiffFile(tmp_path / "4.tif") as file:
        tags = file.pages.first.tags
        assert tags[34665].value["ExposureTime"] == (1, 250)
        assert tags[34853].value["GPSLatitude"] == (48, 1, 12, 1, 30, 1)


@pytest.mark.parametrize("name", ["JPEG", "WEBP"])
def test_an_unchanged_lossy_picture_loses_nothing_more(tmp_path, name):
    coarse = pictures.pillow(
        pictures.samples(40, 50, 3),
        name,
        quality=40,
        exif=b"Exif\0\0" + pictures.exif(1, size=(50, 40)),
        xmp=pictures.XMP,
        icc_profile=pictures.profile("Display P3"),
    )
    path = tmp_path / "0"
    path.write_bytes(coarse)
    first = back = read(path)
    for number in range(1, 4):
        source, path = path, tmp_path / str(number)
        options = WriteOptions(metadata="safe" if number == 2 else "keep")
        assert write(read(source), path, options).warnings == ()
        back = read(path)
        np.testing.assert_array_equal(back.pixels, first.pixels)
        assert back.carried.icc == first.carried.icc
    assert back.carried.exif is not None
    assert b"SERIAL-4711" not in path.read_bytes()


def test_a_changed_lossy_picture_is_coded_anew(tmp_path):
    for name in ("JPEG", "WEBP"):
        path = tmp_path / name
        path.write_bytes(pictures.pillow(pictures.samples(40, 50, 3), name))
        image = read(path)
        write(image.with_pixels(1 - image.pixels), tmp_path / f"{name}.new")
        back = read(tmp_path / f"{name}.new")
        assert np.abs(back.pixels - (1 - image.pixels)).mean() < 0.1


def test_sixteen_bits_are_never_flattened(tmp_path):
    ramp = np.arange(65_536, dtype=np.uint16).reshape(256, 256, 1).repeat(3, axis=2)
    for name, data in (("png", pictures.png(ramp)), ("tif", pictures.tiff(ramp))):
        image = there_and_back(data, tmp_path, name)
        assert len(np.unique(image.samples)) == 65_536


def test_rounding_to_eight_bits_is_said(tmp_path):
    (tmp_path / "deep.png").write_bytes(
        pictures.png(pictures.samples(4, 4, 3, "uint16"))
    )
    written = write(read(tmp_path / "deep.png"), tmp_path / "flat.jpg")
    assert any("uint16 samples were rounded to uint8" in w for w in written.warnings)


def test_what_a_format_cannot_hold_is_named(tmp_path):
    pixels = pictures.samples(4, 4, 4)
    data = pictures.png(pixels, icc=pictures.profile("sRGB"), exif=pictures.exif())
    (tmp_path / "a.png").write_bytes(data)
    written = write(read(tmp_path / "a.png"), tmp_path / "a.ppm")
    text = " ".join(written.warnings)
    assert "ICC profile" in text
    assert "EXIF" in text
    assert "laid on white" in text


def test_pixel_numbers_in_exif_are_made_true(tmp_path):
    block = pictures.exif(6, size=(4000, 3000))
    (tmp_path / "a.png").write_bytes(
        pictures.png(pictures.samples(10, 20, 3), exif=block)
    )
    write(read(tmp_path / "a.png"), tmp_path / "b.png")
    with Pillow.open(tmp_path / "b.png") as picture:
        after = picture.getexif().get_ifd(0x8769)
    assert (after[0xA002], after[0xA003]) == (10, 20)


def test_a_thumbnail_shows_the_new_picture(tmp_path):
    white = pictures.pillow(np.full((48, 64, 3), 255, np.uint8), "JPEG", quality=95)
    data = pictures.pillow(
        np.full((480, 640, 3), 255, np.uint8),
        "JPEG",
        exif=b"Exif\0\0" + pictures.exif(1, thumbnail=white + bytes(4000)),
    )
    (tmp_path / "a.jpg").write_bytes(data)
    image = read(tmp_path / "a.jpg")
    dark = image.with_pixels(np.zeros_like(image.pixels))
    write(dark, tmp_path / "b.jpg")
    block = read(tmp_path / "b.jpg").carried.exif
    assert block is not None
    thumbnail = exif.thumbnail(block)
    assert thumbnail is not None
    assert np.asarray(Pillow.open(io.BytesIO(thumbnail))).max() < 8


def test_an_unchanged_picture_keeps_its_thumbnail(tmp_path):
    small = pictures.pillow(pictures.samples(48, 64, 3), "JPEG")
    block = pictures.exif(1, thumbnail=small, size=(64, 48))
    data = pictures.pillow(
        pictures.samples(48, 64, 3), "JPEG", exif=b"Exif\0\0" + block
    )
    image = there_and_back(data, tmp_path, "jpg")
    assert image.carried.exif == block


class Back:
    """A picture after a round trip, and its samples as the file holds them."""

    def __init__(self, image: Image) -> None:
        self.carried = image.carried
        planes = image.pixels[:, :, :1] if image.carried.is_gray else image.pixels
        if image.alpha is not None:
            planes = np.dstack([planes, image.alpha])
        kind = np.dtype(image.carried.sample_type)
        scale = 1 if kind.kind == "f" else np.iinfo(kind).max
        self.samples = np.rint(planes * np.float32(scale)).astype(kind)


def there_and_back(data: bytes, folder, suffix: str) -> Back:
    """Read a file, write it, read it again."""
    (folder / f"before.{suffix}").write_bytes(data)
    image = read(folder / f"before.{suffix}")
    written = write(image, folder / f"after.{suffix}", overwrite=True)
    assert written.warnings == ()
    return Back(read(folder / f"after.{suffix}"))


def assert_exif_kept(before: bytes, after: bytes | None, upright: np.ndarray) -> None:
    """All bytes are equal but those of orientation and of the size in pixels."""
    assert after is not None
    wanted = exif.with_orientation(before, 1)
    wanted = exif.with_size(wanted, upright.shape[1], upright.shape[0])
    assert after == wanted
    assert sum(a != b for a, b in zip(before, after, strict=True)) <= 4
