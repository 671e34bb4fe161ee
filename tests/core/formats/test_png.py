"""PNG: 8 and 16 bits in every arrangement, and each chunk that still holds true."""

import io
import struct
import zlib

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import BadImage
from pellucid.core.image import Image, Text
from pellucid.core.options import WriteOptions
from pellucid.core.reading import decode
from pellucid.core.writing import encode

PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4))
PASSES += ((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # x, y, step across, step down
COLOUR = {
    b"gAMA": struct.pack(">I", 45_455),
    b"cHRM": struct.pack(">8I", *range(31_270, 31_278)),
    b"sRGB": b"\0",
    b"sBIT": b"\5\6\5",
    b"bKGD": struct.pack(">3H", 1, 2, 3),
    b"cICP": b"\x0c\x0d\0\1",
}


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def file_of(
    header: tuple[int, ...], rows: bytes, *chunks: tuple[bytes, bytes]
) -> bytes:
    """A PNG of a header and unpacked rows, filter bytes included."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", *header)), *chunks]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def interlaced(pixels: np.ndarray) -> bytes:
    """Adam7 by hand, for 8 and 16 bits."""
    height, width, channels = pixels.shape
    deep = pixels.astype(pixels.dtype.newbyteorder(">"))
    rows = b"".join(
        b"\0" + row.tobytes()
        for x, y, across, down in PASSES
        for row in deep[y::down, x::across]
        if row.size
    )
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    return file_of((width, height, 8 * pixels.itemsize, colour, 0, 0, 1), rows)


def samples_of(data: bytes) -> np.ndarray:
    """The samples as the file says they are, (height, width, channels)."""
    image = decode(data)
    kind = image.carried.sample_type
    planes = image.pixels[:, :, :1] if image.carried.is_gray else image.pixels
    if image.alpha is not None:
        planes = np.dstack([planes, image.alpha])
    return np.rint(planes * np.float32(np.iinfo(kind).max)).astype(kind)


def names(data: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 8])
        at += 12 + length
    return found


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 5), (8, 8), (21, 13)])
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_interlaced_pictures_are_read_exactly(channels, kind, size):
    pixels = pictures.samples(size[1], size[0], channels, kind)
    np.testing.assert_array_equal(samples_of(interlaced(pixels)), pixels)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_is_written_is_read_by_another_program(channels, kind):
    pixels = pictures.samples(19, 23, channels, kind)
    data = encode(decode(pictures.png(pixels))).data
    picture = Pillow.open(io.BytesIO(data))
    if kind == "uint8" or channels == 1:  # more Pillow does not hold
        np.testing.assert_array_equal(np.asarray(picture).reshape(pixels.shape), pixels)
    else:
        assert np.asarray(picture).shape[:2] == (19, 23)
    np.testing.assert_array_equal(samples_of(data), pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (300, 7)])
def test_filters_and_chunks_are_undone_exactly(shape):
    smooth = np.add.outer(np.arange(shape[0]), 3 * np.arange(shape[1])) % 65_536
    pixels = smooth.astype(np.uint16)[:, :, None].repeat(3, axis=2)
    data = encode(decode(pictures.png(pixels))).data
    np.testing.assert_array_equal(samples_of(data), pixels)


def test_smooth_pictures_get_small_by_filters():
    ramp = np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8)
    pixels = ramp[:, :, None].repeat(3, axis=2)
    assert len(encode(decode(pictures.png(pixels))).data) < 1_000


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_gray_span_the_whole_range(depth):
    levels = 2**depth
    bits = "".join(f"{level:0{depth}b}" for level in range(levels))
    row = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2)
    row = row.to_bytes(-(-len(bits) // 8), "big")
    image = decode(file_of((levels, 1, depth, 0, 0, 0, 0), b"\0" + row))
    wanted = np.arange(levels) / (levels - 1)
    np.testing.assert_allclose(image.pixels[0, :, 0], wanted, atol=1e-6)
    assert image.carried.is_gray


def test_a_palette_is_looked_up_with_its_alpha():
    palette = pictures.samples(1, 3, 3)[0]
    places = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in places)
    chunks = ((b"PLTE", palette.tobytes()), (b"tRNS", bytes([0, 128])))
    image = decode(file_of((3, 2, 8, 3, 0, 0, 0), rows, *chunks))
    np.testing.assert_array_equal(np.rint(image.pixels * 255), palette[places])
    assert image.alpha is not None
    alpha = np.array([0, 128, 255])[places]
    np.testing.assert_array_equal(np.rint(image.alpha * 255), alpha)
    np.testing.assert_array_equal(
        samples_of(encode(image).data), np.dstack([palette[places], alpha])
    )


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_one_colour_may_be_transparent(channels, kind):
    pixels = pictures.samples(4, 5, channels, kind)
    key = struct.pack(f">{channels}H", *pixels[1, 2])
    image = decode(pictures.png(pixels, chunks=((b"tRNS", key),)))
    assert image.alpha is not None
    np.testing.assert_array_equal(image.alpha, (pixels != pixels[1, 2]).any(axis=2))
    assert image.alpha[1, 2] == 0
    assert image.alpha.sum() >= 18


def test_chunks_about_colour_come_back_in_front_of_the_pixels():
    data = pictures.png(pictures.samples(4, 5, 3), chunks=tuple(COLOUR.items()))
    after = encode(decode(data)).data
    for name, body in COLOUR.items():
        assert after.count(chunk(name, body)) == 1
        assert names(after).index(name) < names(after).index(b"IDAT")


def test_a_profile_and_the_srgb_chunk_never_stand_together():
    icc = pictures.profile("sRGB")
    data = pictures.png(pictures.samples(4, 5, 3), icc=icc, chunks=((b"sRGB", b"\0"),))
    found = names(encode(decode(data)).data)
    assert b"iCCP" in found
    assert b"sRGB" not in found


def test_chunks_about_channels_that_are_gone_are_left_out():
    data = pictures.png(pictures.samples(4, 5, 3), chunks=tuple(COLOUR.items()))
    image = decode(data)
    gray = image.with_carried(is_gray=True).with_pixels(
        image.pixels[:, :, :1].repeat(3, axis=2)
    )
    found = names(encode(gray).data)
    assert b"gAMA" in found
    assert not {b"sBIT", b"bKGD"} & set(found)


def test_resolution_comes_back():
    per_metre = struct.pack(">IIB", 11_811, 5_906, 1)
    data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"pHYs", per_metre),))
    image = decode(data)
    assert image.carried.dpi == pytest.approx((300, 150), abs=0.02)
    assert chunk(b"pHYs", per_metre) in encode(image).data


@pytest.mark.parametrize("body", [struct.pack(">IIB", 1, 2, 0), bytes(9), b"short"])
def test_an_aspect_ratio_is_no_resolution(body):
    data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"pHYs", body),))
    assert decode(data).carried.dpi is None


def test_chunks_that_are_safe_to_copy_are_copied_and_others_are_not():
    chunks = ((b"prVt", b"safe"), (b"prVT", b"unsafe"), (b"tIME", bytes(7)))
    after = encode(decode(pictures.png(pictures.samples(4, 5, 3), chunks=chunks))).data
    assert chunk(b"prVt", b"safe") in after
    assert b"prVT" not in names(after)


def test_captions_exif_xmp_and_iptc_come_back():
    record = b"\x1c\x02\x78\x00\x05Hello"
    block = pictures.exif(size=(5, 4))
    chunks = ((b"tEXt", b"Title\0Sea"), (b"iTXt", "Autor\0\0\0\0\0Ω".encode()))
    data = pictures.png(
        pictures.samples(4, 5, 3), exif=block, xmp=pictures.XMP, chunks=chunks
    )
    after = decode(encode(decode(data).with_carried(iptc=record)).data).carried
    assert (after.exif, after.xmp, after.iptc) == (block, pictures.XMP, record)
    assert set(after.texts) == {
        Text(keyword="Title", text="Sea"),
        Text(keyword="Autor", text="Ω"),
    }


def test_an_animation_gives_its_first_frame_and_that_is_said():
    frames = [Pillow.fromarray(pictures.samples(8, 9, 3, seed=s)) for s in (1, 2)]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    image = decode(out.getvalue())
    np.testing.assert_array_equal(np.rint(image.pixels * 255), frames[0])
    assert "It is an animation; only its first frame is read." in image.carried.warnings
    found = set(names(encode(image).data))
    assert not {b"acTL", b"fcTL", b"fdAT"} & found


def test_content_credentials_are_left_out_and_that_is_said():
    data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"caBX", b"jumb"),))
    image = decode(data)
    assert any("Content credentials" in w for w in image.carried.warnings)
    assert b"caBX" not in names(encode(image).data)


def test_a_broken_profile_is_left_out_and_that_is_said():
    for packed in (b"name\0\0no deflate", b"name\0\0" + zlib.compress(bytes(1 << 25))):
        data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"iCCP", packed),))
        carried = decode(data).carried
        assert carried.icc is None
        assert any("ICC profile is broken or huge" in w for w in carried.warnings)


def test_a_caption_with_a_wrong_checksum_does_not_cost_the_picture():
    data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"tEXt", b"Title\0Sea"),))
    image = decode(data.replace(b"Sea", b"Tea"))
    assert image.carried.texts == ()
    assert any("checksum" in warning for warning in image.carried.warnings)


def test_too_few_pixels_are_refused():
    with pytest.raises(BadImage, match="holds 16 of 17 bytes of pixels"):
        decode(file_of((16, 1, 8, 0, 0, 0, 0), bytes(16)))


def test_a_chunk_that_is_needed_and_unknown_is_refused():
    data = pictures.png(pictures.samples(4, 5, 3), chunks=((b"NEED", b""),))
    with pytest.raises(BadImage, match="do not know: NEED"):
        decode(data)


@pytest.mark.parametrize(
    "header", [(4, 1, 3, 0, 0, 0, 0), (4, 1, 8, 5, 0, 0, 0), (4, 1, 16, 3, 0, 0, 0)]
)
def test_impossible_depths_and_colours_are_refused(header):
    with pytest.raises(BadImage):
        decode(file_of(header, bytes(100)))


def test_a_wanted_depth_changes_the_samples_and_not_the_look():
    pixels = pictures.samples(4, 5, 3)
    deep = encode(decode(pictures.png(pixels)), WriteOptions(bit_depth=16)).data
    np.testing.assert_array_equal(samples_of(deep), pixels.astype(np.uint16) * 257)


def test_the_date_stays_and_what_may_be_untrue_is_told_of():
    date = (b"tIME", bytes([7, 234, 11, 20, 12, 0, 0]))
    data = pictures.png(pictures.samples(4, 5, 3), chunks=(date, (b"abCD", b"x")))
    image = decode(data)
    assert [extra.name for extra in image.carried.extras] == ["tIME"]
    assert "abCD is left out" in image.carried.warnings[0]
    assert date[1] in encode(image).data


def test_quick_files_are_larger_and_hold_the_same_pixels():
    rows = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(64, 64, 3)
    image = Image(rows**2)
    tight = encode(image, WriteOptions(format="png")).data
    quick = encode(image, WriteOptions(format="png", quick=True)).data
    assert len(quick) > len(tight)
    np.testing.assert_array_equal(decode(quick).pixels, decode(tight).pixels)
