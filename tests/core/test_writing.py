"""What is written is what was asked for, and what is lost is said."""

import io
from typing import Any

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core import exif
from pellucid.core.errors import CannotWrite, UnknownName
from pellucid.core.image import Carried, Extra, Image, Text
from pellucid.core.options import WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import Encoded, encode, format_name

WRITABLE = ("avif", "bmp", "gif", "jpeg", "png", "ppm", "tiff", "webp")


def image_of(channels: int = 3, kind: str = "uint8", **carried: Any) -> Image:
    """A picture of noise as it comes from a file with samples of this type."""
    image = decode(pictures.png(pictures.samples(6, 9, channels, kind)))
    return image.with_carried(**carried)


def back(encoded: Encoded) -> Image:
    return decode(encoded.data)


def clear(alpha: float, **carried: Any) -> Image:
    """Half-bright red with this alpha everywhere."""
    pixels = np.zeros((4, 4, 3), np.float32)
    pixels[:, :, 0] = 0.5
    return Image(pixels, np.full((4, 4), alpha, np.float32), Carried(**carried))


@pytest.mark.parametrize("name", WRITABLE)
def test_a_picture_is_written_in_the_format_it_came_in(name):
    small = Image(np.zeros((4, 4, 3), np.float32), None, Carried(format=name))
    encoded = encode(small)
    assert encoded.format == name
    assert back(encoded).carried.format == name


def test_a_picture_without_a_format_becomes_png():
    assert encode(Image(np.zeros((4, 4, 3), np.float32))).format == "png"


def test_the_format_that_is_asked_for_wins():
    assert encode(image_of(), WriteOptions(format="tiff")).format == "tiff"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("jpg", "jpeg"),
        (".TIF", "tiff"),
        ("HEIF", "heic"),
        ("pgm", "ppm"),
        ("png", "png"),
    ],
)
def test_usual_short_forms_name_a_format(name, wanted):
    assert format_name(name) == wanted


def test_an_unknown_format_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="no format called `jpge`") as caught:
        encode(image_of(), WriteOptions(format="jpge"))
    assert caught.value.hint == "Did you mean `jpeg`?"


@pytest.mark.parametrize("quality", [0, -1, 101])
def test_a_quality_out_of_range_is_refused(quality):
    with pytest.raises(CannotWrite, match=f"Quality is {quality}; it must lie between"):
        encode(image_of(), WriteOptions(quality=quality))


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif"])
def test_quality_decides_how_many_bytes_there_are(name):
    sizes = [
        len(encode(image_of(), WriteOptions(format=name, quality=quality)).data)
        for quality in (1, 50, 100)
    ]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(
    ("name", "depth", "hint"),
    [
        ("jpeg", 16, "8."),
        ("png", 32, "8, 16."),
        ("heic", 8, "none."),
        ("tiff", 12, "8, "),
    ],
)
def test_an_impossible_depth_is_refused_with_the_possible_ones(name, depth, hint):
    with pytest.raises(CannotWrite, match=f"{depth} bits per sample") as caught:
        encode(image_of(), WriteOptions(format=name, bit_depth=depth))
    assert caught.value.hint.startswith(f"Possible here: {hint}")


@pytest.mark.parametrize("name", ["heic", "raw"])
def test_a_format_that_is_only_read_says_so(name):
    with pytest.raises(CannotWrite):
        encode(image_of(), WriteOptions(format=name))


@pytest.mark.parametrize("name", ["png", "tiff", "ppm"])
@pytest.mark.parametrize(("kind", "depth"), [("uint8", 16), ("uint16", 8)])
def test_the_depth_that_is_asked_for_is_written_without_a_word(name, kind, depth):
    image = image_of(kind=kind)
    encoded = encode(image, WriteOptions(format=name, bit_depth=depth))
    after = back(encoded)
    assert after.carried.bit_depth == depth
    assert encoded.warnings == ()
    np.testing.assert_allclose(after.pixels, image.pixels, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("uint16", "jpeg", "uint8"),
        ("float32", "png", "uint16"),
        ("float64", "webp", "uint8"),
        ("uint32", "ppm", "uint16"),
        ("int8", "png", "uint8"),
    ],
)
def test_a_depth_that_a_format_lacks_is_rounded_and_said(kind, name, wanted):
    encoded = encode(image_of(sample_type=kind), WriteOptions(format=name))
    assert back(encoded).carried.sample_type == wanted
    (warning,) = encoded.warnings
    assert warning.startswith(f"{kind} samples were rounded to {wanted}")


@pytest.mark.parametrize("name", ["jpeg", "ppm"])
def test_clear_pictures_are_laid_on_white_where_alpha_has_no_place(name):
    encoded = encode(clear(0.25), WriteOptions(format=name, quality=100))
    assert any("laid on white" in warning for warning in encoded.warnings)
    wanted = np.array([0.25 * 0.5 + 0.75, 0.75, 0.75])
    np.testing.assert_allclose(back(encoded).pixels[1, 1], wanted, atol=2 / 255)


def test_premultiplied_colours_are_laid_on_white_as_they_are():
    image = clear(0.75, is_premultiplied=True)
    encoded = encode(image, WriteOptions(format="ppm"))
    np.testing.assert_allclose(
        back(encoded).pixels[1, 1], [0.75, 0.25, 0.25], atol=1 / 255
    )


def test_alpha_that_hides_nothing_is_left_out_without_a_word():
    encoded = encode(clear(1.0), WriteOptions(format="ppm"))
    assert encoded.warnings == ()
    np.testing.assert_allclose(back(encoded).pixels[0, 0], [0.5, 0, 0], atol=1 / 255)


def test_premultiplied_colours_stay_so_in_tiff_and_are_divided_elsewhere():
    image = clear(0.75, is_premultiplied=True)
    tiff = back(encode(image, WriteOptions(format="tiff")))
    assert tiff.carried.is_premultiplied
    np.testing.assert_allclose(tiff.pixels[0, 0], [0.5, 0, 0], atol=1 / 255)
    png = back(encode(image, WriteOptions(format="png")))
    assert not png.carried.is_premultiplied
    np.testing.assert_allclose(png.pixels[0, 0], [0.5 / 0.75, 0, 0], atol=1 / 255)


def test_a_gray_picture_that_stays_gray_is_written_with_one_channel():
    gray = image_of(1)
    darker = gray.with_pixels(gray.pixels * np.float32(0.5))
    assert Pillow.open(io.BytesIO(encode(darker).data)).mode == "L"


def test_a_gray_picture_that_became_colour_loses_its_gray_profile():
    icc = pictures.profile("sRGB").replace(b"RGB XYZ ", b"GRAYXYZ ")
    gray = image_of(1, icc=icc)
    tinted = gray.with_pixels(gray.pixels * np.array([1, 0.8, 0.6], np.float32))
    encoded = encode(tinted)
    assert "gray profile does not fit colour" in " ".join(encoded.warnings)
    after = back(encoded)
    assert (after.carried.is_gray, after.carried.icc) == (False, None)
    np.testing.assert_allclose(after.pixels, tinted.pixels, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("icc", pictures.profile("sRGB"), "ICC profile"),
        ("exif", pictures.exif(), "EXIF"),
        ("xmp", pictures.XMP, "XMP"),
        ("iptc", b"\x1c\x02\x78\x00\x01a", "IPTC"),
        ("photoshop", b"8BIM\x03\xed\0\0\0\0\0\0", "Photoshop resources"),
        ("dpi", (300.0, 300.0), "resolution (dpi)"),
        ("texts", (Text(keyword="Title", text="Sea"),), "text"),
    ],
)
def test_every_payload_that_a_format_cannot_hold_is_named(field, value, words):
    encoded = encode(image_of(**{field: value}), WriteOptions(format="ppm"))
    assert encoded.warnings == (f"PPM has no place for {words}: it is left out.",)
    assert not getattr(back(encoded).carried, field)


def test_blocks_of_one_format_are_named_when_another_is_written():
    extras = (
        Extra(name="gAMA", payload=bytes(4)),
        Extra(name="cHRM", payload=bytes(32)),
    )
    image = image_of(extras=extras)
    assert encode(image).warnings == ()
    (warning,) = encode(image, WriteOptions(format="tiff")).warnings
    assert warning == "Blocks that TIFF does not know are left out: cHRM, gAMA."


def test_old_warnings_of_reading_are_not_repeated():
    assert encode(image_of(warnings=("It is an animation.",))).warnings == ()


def test_the_picture_that_is_written_stays_as_it_was():
    image = clear(0.5, icc=b"profile", exif=pictures.exif())
    encode(image, WriteOptions(format="ppm", metadata="none"))
    assert image.carried.icc == b"profile"
    assert image.alpha is not None
    assert image.carried.exif == pictures.exif()


def test_a_thumbnail_that_no_longer_fits_is_dropped_rather_than_wrong():
    block = pictures.exif(thumbnail=b"\xff\xd8\xff\xd9")
    image = image_of(exif=block)
    changed = image.with_pixels(1 - image.pixels)
    written = back(encode(changed)).carried.exif
    assert written is not None
    assert exif.thumbnail(written) is None


def test_a_gray_profile_does_not_travel_into_a_format_without_gray():
    icc = bytearray(pictures.profile("sRGB"))
    icc[16:20] = b"GRAY"
    image = decode(pictures.png(pictures.samples(6, 9, 1), icc=bytes(icc)))
    assert encode(image, WriteOptions(format="jpeg")).warnings == ()
    coloured = encode(image, WriteOptions(format="webp"))
    assert "gray profile does not fit colour" in " ".join(coloured.warnings)
    assert decode(coloured.data).carried.icc is None


@pytest.mark.parametrize(("name", "is_told"), [("png", True), ("jpeg", False)])
def test_a_quality_without_meaning_is_told_of(name, is_told):
    warnings = encode(image_of(), WriteOptions(format=name, quality=80)).warnings
    assert any("quality" in warning for warning in warnings) == is_told


BROKEN = b"MM\0*\xff\xff\xff\xff"  # its first directory lies outside


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_broken_exif_is_kept_where_it_is_only_bytes(name):
    encoded = encode(image_of(exif=BROKEN), WriteOptions(format=name))
    assert encoded.warnings == ()
    assert decode(encoded.data).carried.exif == BROKEN


@pytest.mark.parametrize("name", ["tiff", "avif"])
def test_broken_exif_is_told_of_where_it_must_be_read(name):
    encoded = encode(image_of(exif=BROKEN), WriteOptions(format=name))
    assert "cannot hold broken EXIF" in " ".join(encoded.warnings)
    assert decode(encoded.data).carried.exif is None
