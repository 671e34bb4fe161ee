"""Whatever bytes come in: a picture goes out, or one of two errors."""

import struct
import sys

import numpy as np
import pictures
import pytest

from pellucid.core import exif, formats, xmp
from pellucid.core.errors import (
    BadImage,
    ImageError,
    MissingDependency,
    PluginError,
    TooLarge,
)
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode, find_format, turn
from pellucid.core.registry import FORMATS
from pellucid.core.writing import encode

PIXELS = pictures.samples(5, 8, 3)
FILES = {
    "avif": pictures.pillow(PIXELS, "AVIF"),
    "bmp": pictures.pillow(PIXELS, "BMP"),
    "gif": pictures.pillow(PIXELS, "GIF"),
    "jpeg": pictures.pillow(PIXELS, "JPEG", quality=50),
    "png": pictures.png(PIXELS),
    "ppm": pictures.pillow(PIXELS, "PPM"),
    "tiff": pictures.tiff(PIXELS),
    "webp": pictures.pillow(PIXELS, "WEBP", lossless=True),
}
MORE = {
    "16-bit png": pictures.png(pictures.samples(5, 8, 3, "uint16")),
    "palette png": pictures.pillow(PIXELS // 255, "PNG"),
    "progressive jpeg": pictures.pillow(PIXELS, "JPEG", progressive=True),
    "packed tiff": pictures.tiff(PIXELS, compression="zlib"),
    "tiff by pillow": pictures.pillow(PIXELS, "TIFF", compression="tiff_lzw"),
    "lossy webp": pictures.pillow(PIXELS, "WEBP"),
    "plain ppm": b"P3\n2 1\n255\n1 2 3 4 5 6",
}
# A format that fails as the word behind its name says, and counts its pixels.
FAILING = """
from pellucid.core.image import Image
import numpy as np
import struct

class Failing:
    title = "Failing"
    extensions = (".failing",)
    holds = frozenset()
    sample_types = ("uint8",)

    def recognises(self, head):
        return head.startswith(b"FAILING ")

    def decode(self, data, limits):
        raise eval(data[8:].decode())

PLUGIN = Failing
"""


@pytest.fixture
def failing_format(tmp_path):
    """A plug-in of this name, in a folder beside ours."""
    (tmp_path / "failing.py").write_text(FAILING)
    formats.__path__.append(str(tmp_path))
    yield
    formats.__path__.remove(str(tmp_path))
    sys.modules.pop("pellucid.core.formats.failing", None)


@pytest.mark.parametrize("name", FILES)
def test_a_format_is_found_by_its_content(name):
    assert find_format(FILES[name]) == name
    image = decode(FILES[name])
    assert (image.height, image.width, image.carried.format) == (5, 8, name)
    assert image.is_untouched


@pytest.mark.parametrize("name", [*FILES, *MORE])
def test_every_prefix_is_refused(name):
    data = (FILES | MORE)[name]
    decode(data)
    for length in range(len(data)):
        with pytest.raises(ImageError):
            decode(data[:length])


@pytest.mark.parametrize("name", [*FILES, *MORE])
def test_a_changed_byte_is_a_picture_or_an_image_error(name):
    data = bytearray((FILES | MORE)[name])
    rng = np.random.default_rng(11)
    for at in rng.permutation(len(data))[:80]:
        changed = data.copy()
        changed[at] ^= 1 << int(rng.integers(8))
        try:
            image = decode(bytes(changed), Limits(max_pixels=100_000))
        except ImageError as error:
            assert str(error)
        else:
            assert image.pixels.dtype == np.float32


@pytest.mark.parametrize(
    "raised",
    [
        "ValueError('of no value.')",
        "SyntaxError('not a TIFF file')",
        "EOFError()",
        "ZeroDivisionError('division by zero')",
        "struct.error('unpack requires 4 bytes')",
        "OSError(5, 'Input/output error')",
        "RecursionError('too deep')",
        "KeyError('no such tag')",
        "NotImplementedError('compression 99')",
    ],
)
def test_whatever_a_decoder_raises_becomes_bad_image(failing_format, raised):
    with pytest.raises(BadImage) as caught:
        decode(b"FAILING " + raised.encode())
    text = str(caught.value)
    assert text.startswith("It is a broken Failing file: ")
    assert text.endswith(".")
    assert not text.endswith("..")
    assert caught.value.__cause__ is not None


def test_a_decoder_without_words_is_named_by_its_kind(failing_format):
    with pytest.raises(BadImage, match="broken Failing file: EOFError"):
        decode(b"FAILING EOFError()")


def test_a_decoder_that_finds_no_memory_means_too_large(failing_format):
    with pytest.raises(TooLarge, match="not enough memory"):
        decode(b"FAILING MemoryError()")


@pytest.mark.parametrize("raised", ["KeyboardInterrupt()", "SystemExit(3)"])
def test_a_user_who_interrupts_is_heard(failing_format, raised):
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        decode(b"FAILING " + raised.encode())


def test_a_package_that_is_missing_is_said_with_its_hint(failing_format):
    raised = (
        b"__import__('pellucid.core.errors').core.errors.MissingDependency('a', 'b')"
    )
    with pytest.raises(MissingDependency) as caught:
        decode(b"FAILING " + raised, source="a.failing")
    assert (str(caught.value), caught.value.hint) == ("a.failing: a", "b")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", FILES["png"][:50]])
def test_the_source_stands_in_front_of_what_is_wrong(data):
    with pytest.raises(BadImage) as plain:
        decode(data)
    with pytest.raises(BadImage) as named:
        decode(data, source="holiday/sea.png")
    assert str(named.value) == f"holiday/sea.png: {plain.value}"
    assert named.value.hint == plain.value.hint


@pytest.mark.parametrize("name", FILES)
def test_the_limit_holds_in_every_format(name):
    with pytest.raises(TooLarge, match=r"sea: .* 8 x 5 "):
        decode(FILES[name], Limits(max_pixels=39), source="sea")
    assert (
        decode(FILES[name], Limits(max_pixels=40), source="sea").carried.source == "sea"
    )


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3)])
def test_turning_agrees_with_what_a_person_sees(orientation, shape):
    plane = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    turned = turn(plane, orientation)
    np.testing.assert_array_equal(turned, pictures.upright(plane, orientation))
    assert turned.flags.c_contiguous


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_to_all_planes(orientation):
    samples = pictures.samples(5, 8, 4)
    packet = pictures.XMP.replace(
        b'dc:format="photo"',
        b'dc:format="photo" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        b' tiff:Orientation="%d"' % orientation,
    )
    data = pictures.png(
        samples,
        exif=pictures.exif(orientation),
        xmp=packet,
        chunks=((b"pHYs", bytes.fromhex("00000b12 00001625 01")),),  # 72 by 144 dpi
    )
    image = decode(data)
    wanted = pictures.upright(samples, orientation)
    assert image.alpha is not None
    np.testing.assert_array_equal(np.rint(image.pixels * 255), wanted[:, :, :3])
    np.testing.assert_array_equal(np.rint(image.alpha * 255), wanted[:, :, 3])
    assert image.carried.orientation == orientation
    assert image.carried.exif is not None
    assert exif.orientation(image.carried.exif) == 1
    assert image.carried.xmp == packet.replace(
        b'Orientation="%d"' % orientation, b'Orientation="1"'
    )
    assert image.carried.xmp == xmp.with_orientation(packet, 1)
    assert image.carried.dpi is not None
    dpi = [round(value) for value in image.carried.dpi]
    assert dpi == ([144, 72] if orientation > 4 else [72, 144])


def test_exact_samples_are_turned_like_the_pixels():
    samples = pictures.samples(5, 8, 3, "uint32")
    image = decode(pictures.tiff(samples, orientation=6))
    np.testing.assert_array_equal(image.carried.exact, pictures.upright(samples, 6))


def test_odd_metadata_is_told_and_carried():
    data = pictures.png(PIXELS, exif=b"no EXIF at all", icc=b"no profile")
    carried = decode(data).carried
    assert (carried.exif, carried.icc) == (b"no EXIF at all", b"no profile")
    assert carried.warnings == (
        "Its EXIF block cannot be read; it is carried as it is.",
        "Its ICC profile is broken; it is carried as it is.",
    )


def test_a_profile_for_other_colours_is_told():
    gray = pictures.profile("sRGB").replace(b"RGB XYZ ", b"GRAYXYZ ")
    (warning,) = decode(pictures.png(PIXELS, icc=gray)).carried.warnings
    assert warning.startswith("Its ICC profile is for GRAY")
    assert decode(pictures.png(PIXELS[:, :, :1], icc=gray)).carried.warnings == ()


def test_a_broken_format_from_outside_spoils_no_file_of_ours(tmp_path, monkeypatch):
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n"
    )
    points = "[pellucid.formats]\naaa = no_such_module_at_all:Format\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "aaa" in FORMATS.names()
    assert decode(FILES["png"]).carried.format == "png"
    with pytest.raises(PluginError, match="no_such_module_at_all"):
        decode(b"something that nobody knows")


def test_parts_of_exif_that_cannot_be_read_are_told_of():
    camera = struct.pack(">HHI4s", 0x0110, 2, 4, b"abc\0")
    outside = struct.pack(">HHII", 0x010F, 2, 99, 9999)
    pointer = struct.pack(">HHII", 0x8769, 4, 1, 5000)
    block = b"MM\0*\0\0\0\x08\0\x03" + outside + camera + pointer + bytes(4)
    image = decode(pictures.png(pictures.samples(4, 4, 3), exif=block))
    assert image.carried.exif == block
    (warning,) = image.carried.warnings
    assert warning.startswith("Its EXIF has parts that cannot be read (2)")


def test_parts_of_exif_in_tiff_that_cannot_be_read_are_told_of():
    image = decode(pictures.png(pictures.samples(4, 4, 3), exif=pictures.exif()))
    data = bytearray(encode(image, WriteOptions(format="tiff")).data)
    assert decode(bytes(data)).carried.warnings == ()
    record = struct.pack(">HHI", 0x927C, 7, 200)  # the note of the maker
    at = data.index(record)
    data[at + 8 : at + 12] = b"\x7f\xff\xff\xff"
    (warning,) = decode(bytes(data)).carried.warnings
    assert warning == "Its EXIF has parts that cannot be read (1), left out here."
