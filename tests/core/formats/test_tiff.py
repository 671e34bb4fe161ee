"""TIFF: any depth without loss, with the tags that still hold true."""

import io
import struct
from typing import Any

import numpy as np
import pictures
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

EXIF, GPS = 0x8769, 0x8825
DEPTHS = ("uint8", "uint16", "uint32", "int32", "float16", "float32", "float64")


def again(data: bytes) -> bytes:
    """Read and write without a change."""
    encoded = encode(decode(data))
    assert encoded.warnings == ()
    return encoded.data


def by_tifffile(samples: np.ndarray, **how: Any) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {"metadata": None} | how
    tifffile.imwrite(out, samples, **options)
    return out.getvalue()


def directories(data: bytes) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """Tags as Pillow reads them: the main ones, Exif and GPS."""
    block = Pillow.open(io.BytesIO(data)).getexif()
    return dict(block), dict(block.get_ifd(EXIF)), dict(block.get_ifd(GPS))


def photo(**how: Any) -> bytes:
    """A TIFF with EXIF and GPS, as Pillow writes it."""
    block = Pillow.Exif()
    block.load(b"Exif\0\0" + pictures.exif(size=(9, 6)))
    out = io.BytesIO()
    Pillow.fromarray(pictures.samples(6, 9, 3)).save(out, "TIFF", exif=block, **how)
    return out.getvalue()


@pytest.mark.parametrize("kind", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_depth_comes_back_bit_for_bit(kind, channels):
    samples = pictures.samples(13, 22, channels, kind)
    if kind == "int32":
        samples = np.abs(samples.astype(np.int64)).clip(0, 2**31 - 1).astype(kind)
    after = tifffile.imread(io.BytesIO(again(pictures.tiff(samples))))
    assert after.dtype == kind
    np.testing.assert_array_equal(after.reshape(samples.shape), samples)


def test_changed_pixels_of_32_bits_are_written_and_others_stay_exact():
    samples = pictures.samples(13, 22, 3, "uint32")
    image = decode(pictures.tiff(samples))
    pixels = image.pixels.copy()
    pixels[0] = 1 - pixels[0]
    after = tifffile.imread(io.BytesIO(encode(image.with_pixels(pixels)).data))
    np.testing.assert_array_equal(after[1:], samples[1:])
    np.testing.assert_allclose(
        after[0], (2**32 - 1) - samples[0].astype(float), atol=300
    )


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_floats_beyond_the_range_and_no_numbers_are_refused(kind):
    for value, words in ((1.5, "reach from"), (-0.5, "reach from"), (np.nan, "NaN")):
        samples = pictures.samples(4, 4, 3, kind)
        samples[2, 2, 1] = value
        with pytest.raises(BadImage, match=words):
            decode(pictures.tiff(samples))


def test_packing_and_byte_order_are_kept():
    for compression, order in ((None, "<"), (None, ">"), ("zlib", "<"), ("zlib", ">")):
        samples = pictures.samples(4, 5, 3, "uint16")
        data = pictures.tiff(samples, compression=compression, byteorder=order)
        with tifffile.TiffFile(io.BytesIO(again(data))) as file:
            assert file.byteorder == order
            assert (file.pages[0].compression == 1) == (compression is None)


def test_one_page_of_many_is_read_and_that_is_said():
    frames = pictures.samples(4, 5, 3)[None].repeat(3, axis=0)
    frames[1:] = 0
    image = decode(by_tifffile(frames, photometric="rgb"))
    np.testing.assert_array_equal(np.rint(image.pixels * 255), frames[0])
    assert image.carried.warnings == ("It has further pages; only the first is read.",)


def test_exif_and_places_survive_from_tiff_to_tiff():
    before, after = directories(photo()), directories(again(photo()))
    assert after[1:] == before[1:]
    assert after[1][0xA431] == "SERIAL-4711"
    assert after[2][1] == "N"
    for tag in (0x010F, 0x0110):
        assert after[0][tag] == before[0][tag]


def test_exif_survives_from_tiff_to_jpeg_and_back():
    jpeg = encode(decode(photo()), WriteOptions(format="jpeg")).data
    tiff = encode(decode(jpeg), WriteOptions(format="tiff")).data
    assert directories(jpeg)[1:] == directories(photo())[1:]
    assert directories(tiff)[1:] == directories(photo())[1:]
    assert directories(tiff)[0][0x010F] == "Pellucid"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_not_written_again(orientation):
    samples = pictures.samples(5, 8, 3)
    data = again(pictures.tiff(samples, orientation=orientation))
    np.testing.assert_array_equal(
        np.asarray(Pillow.open(io.BytesIO(data))),
        pictures.upright(samples, orientation),
    )
    assert directories(data)[0].get(274, 1) == 1


@pytest.mark.parametrize(("unit", "name"), [("INCH", "inch"), ("CENTIMETER", "cm")])
def test_resolution_keeps_its_unit(unit, name):
    how = {"resolution": (118.11, 59.5), "resolutionunit": unit}
    data = pictures.tiff(pictures.samples(4, 5, 3), **how)
    image = decode(data)
    scale = 2.54 if name == "cm" else 1
    assert image.carried.dpi == pytest.approx((118.11 * scale, 59.5 * scale))
    assert image.carried.dpi_unit == name
    tags = directories(encode(image).data)[0]
    assert (float(tags[282]), float(tags[283])) == pytest.approx((118.11, 59.5))
    assert tags[296] == (3 if name == "cm" else 2)


def test_descriptions_and_private_tags_come_back():
    tags = [
        (270, 2, 0, "A day at the sea", True),
        (33432, 2, 0, "(c) Somebody", True),
        (65000, 3, 3, (1, 2, 3), True),
        (65001, 7, 5, b"\0\1\2\3\4", True),
    ]
    out = by_tifffile(pictures.samples(4, 5, 3), photometric="rgb", extratags=tags)
    found = directories(again(out))[0]
    assert found[270] == "A day at the sea"
    assert found[33432] == "(c) Somebody"
    assert found[65000] == (1, 2, 3)
    assert found[65001] == b"\0\1\2\3\4"


def test_payloads_come_back_in_their_tags():
    record, dots = b"\x1c\x02\x78\x00\x06Hello!", b"8BIM\x03\xed\0\0\0\0\0\x04dots"
    image = decode(pictures.tiff(pictures.samples(4, 5, 3)))
    icc = pictures.profile("Display P3")
    image = image.with_carried(icc=icc, xmp=pictures.XMP, iptc=record, photoshop=dots)
    data = encode(image).data
    found = Pillow.open(io.BytesIO(data))
    assert found.info["icc_profile"] == icc
    after = decode(data).carried
    wanted = (icc, pictures.XMP, record, dots)
    assert (after.icc, after.xmp, after.iptc, after.photoshop) == wanted


@pytest.mark.parametrize("premultiplied", [True, False])
def test_the_kind_of_alpha_is_kept(premultiplied):
    kind = "assocalpha" if premultiplied else "unassalpha"
    samples = pictures.samples(4, 5, 4)
    data = by_tifffile(samples, photometric="rgb", extrasamples=[kind])
    assert decode(data).carried.is_premultiplied == premultiplied
    with tifffile.TiffFile(io.BytesIO(again(data))) as file:
        page: Any = file.pages[0]
        assert page.extrasamples == ((1,) if premultiplied else (2,))
        np.testing.assert_array_equal(file.asarray(), samples)


def test_a_channel_without_a_meaning_is_left_out_and_that_is_said():
    samples = pictures.samples(4, 5, 4)
    data = by_tifffile(samples, photometric="rgb", extrasamples=["unspecified"])
    image = decode(data)
    assert image.alpha is None
    np.testing.assert_array_equal(np.rint(image.pixels * 255), samples[:, :, :3])
    assert "neither colour nor alpha" in image.carried.warnings[0]


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_five_channels_are_refused(planar):
    samples = pictures.samples(6, 7, 5)
    if planar == "separate":
        samples = samples.transpose(2, 0, 1).copy()
    extra = ["unspecified", "unspecified"]
    how: dict[str, Any] = {"photometric": "rgb", "planarconfig": planar}
    with pytest.raises(BadImage, match="5 channels"):
        decode(by_tifffile(samples, extrasamples=extra, **how))


def test_an_array_that_was_cut_into_pages_is_no_picture():
    out = io.BytesIO()
    tifffile.imwrite(out, pictures.samples(6, 7, 5), photometric="minisblack")
    with pytest.raises(BadImage, match="array of 6 x 7 x 5, cut into 6 pages"):
        decode(out.getvalue())


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_where_white_is_zero_it_becomes_one(kind, compression):
    samples = pictures.samples(4, 5, 1, kind)
    data = by_tifffile(
        samples[:, :, 0], photometric="miniswhite", compression=compression
    )
    image = decode(data)
    highest = 1 if kind == "float32" else np.iinfo(kind).max
    np.testing.assert_allclose(
        image.pixels, (1 - samples / highest).repeat(3, 2), atol=1e-6
    )
    after = tifffile.imread(io.BytesIO(again(data)))
    np.testing.assert_array_equal(after, highest - samples[:, :, 0])


def test_where_white_is_zero_alpha_stays_alpha():
    samples = pictures.samples(4, 5, 2)
    data = by_tifffile(samples, photometric="miniswhite", extrasamples=["unassalpha"])
    image = decode(data)
    assert image.alpha is not None
    np.testing.assert_array_equal(np.rint(image.alpha * 255), samples[:, :, 1])


def test_palettes_and_few_bits_are_read_as_pillow_reads_them():
    picture = Pillow.fromarray(pictures.samples(9, 14, 3))
    for mode, packing in (("P", None), ("1", "group4"), ("1", None), ("P", "tiff_lzw")):
        out = io.BytesIO()
        how = {"compression": packing} if packing else {}
        picture.convert(mode).save(out, "TIFF", **how)
        image = decode(out.getvalue())
        shown = picture.convert(mode).convert("RGB")
        np.testing.assert_array_equal(np.rint(image.pixels * 255), shown)


def test_jpeg_inside_tiff_is_read():
    smooth = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    data = pictures.pillow(smooth, "TIFF", compression="jpeg", quality=95)
    image = decode(data)
    np.testing.assert_allclose(image.pixels * 255, smooth, atol=6)
    assert not image.carried.is_lossless


def inked(samples: np.ndarray, **how: Any) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(samples, "CMYK").save(out, "TIFF", **how)
    return out.getvalue()


def test_inks_without_a_profile_follow_the_plain_formula():
    samples = pictures.samples(4, 5, 4)
    image = decode(inked(samples))
    wanted = (1 - samples[:, :, :3] / 255) * (1 - samples[:, :, 3:] / 255)
    np.testing.assert_allclose(image.pixels, wanted, atol=1e-6)
    assert any("(1-C)(1-K)" in warning for warning in image.carried.warnings)


@pytest.mark.parametrize("packing", ["raw", "tiff_lzw", "jpeg"])
def test_inks_with_a_profile_get_the_colours_it_says(packing):
    cyan = np.zeros((16, 16, 4), np.uint8)
    cyan[:, :, 0] = 255
    data = inked(cyan, compression=packing, icc_profile=pictures.ink_profile())
    image = decode(data)
    wanted = np.array([0, 188, 243]) / 255
    np.testing.assert_allclose(image.pixels[8, 8], wanted, atol=4 / 255)
    assert image.carried.icc is None


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_inks_may_have_alpha(kind):
    samples = pictures.samples(4, 5, 5, kind)
    how: dict[str, Any] = {"photometric": "separated", "planarconfig": "contig"}
    image = decode(by_tifffile(samples, extrasamples=["unassalpha"], **how))
    inks = samples / np.iinfo(kind).max
    wanted = (1 - inks[:, :, :3]) * (1 - inks[:, :, 3:4])
    np.testing.assert_allclose(image.pixels, wanted, atol=1e-5)
    assert image.alpha is not None
    np.testing.assert_allclose(image.alpha, inks[:, :, 4], atol=1e-5)


LAB8 = np.array([[[204, 20, 236], [128, 246, 10]]], np.uint8)  # a and b are signed


def test_lab_becomes_srgb_and_that_is_said():
    image = decode(by_tifffile(LAB8, photometric="cielab"))
    wanted = ImageCms.profileToProfile(
        Pillow.frombytes("LAB", (2, 1), LAB8.tobytes()),
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
        flags=ImageCms.Flags.NOOPTIMIZE,
    )
    np.testing.assert_allclose(image.pixels * 255, np.asarray(wanted), atol=2)
    assert "CIE Lab was converted to sRGB." in image.carried.warnings
    deep = (LAB8.astype(np.uint16) << 8).astype(np.uint16)
    np.testing.assert_allclose(
        decode(by_tifffile(deep, photometric="cielab")).pixels, image.pixels, atol=0.01
    )


def test_lab_in_planes_is_the_same_lab():
    planes = LAB8.transpose(2, 0, 1).copy()
    data = by_tifffile(planes, photometric="cielab", planarconfig="separate")
    contig = decode(by_tifffile(LAB8, photometric="cielab"))
    np.testing.assert_allclose(decode(data).pixels, contig.pixels, atol=1e-6)


def test_lab_of_floats_is_the_same_lab_or_refused():
    lab = np.concatenate(
        [LAB8[..., :1] / 255 * 100, LAB8[..., 1:].view(np.int8)], axis=2
    )
    data = by_tifffile(lab.astype(np.float32), photometric="cielab")
    try:
        pixels = decode(data).pixels
    except BadImage:
        return
    contig = decode(by_tifffile(LAB8, photometric="cielab"))
    np.testing.assert_allclose(pixels, contig.pixels, atol=0.01)


def test_a_bigtiff_of_a_palette_is_read():
    palette = pictures.samples(3, 256, 1, "uint16")[:, :, 0]
    places = pictures.samples(4, 5, 1)[:, :, 0]
    for compression in (None, "zlib"):
        how: dict[str, Any] = {"photometric": "palette", "colormap": palette}
        data = by_tifffile(places, bigtiff=True, compression=compression, **how)
        wanted = (palette >> 8).T[places]
        np.testing.assert_array_equal(np.rint(decode(data).pixels * 255), wanted)


def test_a_header_above_the_limit_is_too_large():
    data = pictures.tiff(pictures.samples(4, 5, 3))
    with pytest.raises(TooLarge, match="5 x 4"):
        decode(data, Limits(max_pixels=19))


def test_a_tag_that_cannot_be_read_is_told_and_left_out():
    data = bytearray(photo())
    record = struct.pack("<HHI", 0x010F, 2, 9)
    at = data.index(record)
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    image = decode(bytes(data))
    assert (
        "Its TIFF tag 271 could not be read and is left out." in image.carried.warnings
    )
    assert 0x0110 in directories(encode(image).data)[0]
