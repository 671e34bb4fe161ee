"""What every format promises, those of tomorrow included."""

from __future__ import annotations

import re
import sys
import textwrap

import numpy as np
import pictures
import pytest

import pellucid.core.formats
from pellucid import BadImage, Image, Limits, WriteOptions, decode, encode, read, write
from pellucid.core.errors import CannotWrite, MissingDependency
from pellucid.core.image import Carried, Text
from pellucid.core.reading import find_format
from pellucid.core.registry import FORMATS

NAMES = FORMATS.names()
WRITTEN = [name for name in NAMES if FORMATS.get(name).sample_types]
PAYLOADS = {
    "alpha",
    "gray",
    "gray_alpha",
    "premultiplied",
    "quality",
    "any_exif",
    "icc",
    "exif",
    "xmp",
    "iptc",
    "photoshop",
    "dpi",
    "texts",
}


def photo(height: int, width: int) -> Image:
    """A gray ramp of few levels, which every format can hold."""
    ramp = (
        np.linspace(0, 255, height * width).reshape(height, width, 1).astype(np.uint8)
    )
    pixels = (ramp // 16 * 16).repeat(3, axis=2)
    return Image(pixels.astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("name", NAMES)
def test_a_format_says_what_it_is(name):
    kind = FORMATS.get(name)
    assert kind.title
    assert kind.holds <= PAYLOADS
    assert all(re.fullmatch(r"\.[a-z0-9]+", suffix) for suffix in kind.extensions)
    assert all(np.dtype(sample_type) for sample_type in kind.sample_types)
    assert kind.__doc__


def test_no_two_formats_claim_one_extension():
    claimed = [suffix for name in NAMES for suffix in FORMATS.get(name).extensions]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 70), (70, 1), (17, 31), (64, 64)])
@pytest.mark.parametrize("name", WRITTEN)
def test_any_size_comes_back(name, size):
    image = photo(*size)
    back = decode(encode(image, WriteOptions(format=name)).data)
    assert back.pixels.shape == image.pixels.shape
    assert back.carried.format == name
    if back.carried.is_lossless:
        np.testing.assert_array_equal(back.pixels, image.pixels)
    else:
        assert np.abs(back.pixels - image.pixels).mean() < 0.03


@pytest.mark.parametrize("size", [(1, 70_000), (70_000, 1), (1, 40_000), (20_000, 1)])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_very_long_picture_comes_back_or_is_refused(name, size):
    image = photo(*size)
    try:
        data = encode(image, WriteOptions(format=name)).data
    except CannotWrite:
        return
    assert decode(data).pixels.shape == image.pixels.shape


@pytest.mark.parametrize("name", WRITTEN)
def test_broken_metadata_are_written_as_they_are_or_refused(name):
    for exif in (b"", b"MM", b"MM\0*\xff\xff\xff\xff", b"\0" * 99, b"II*\0\x08\0\0\0"):
        image = Image(photo(9, 9).pixels, None, Carried(exif=exif, xmp=b"<not xml"))
        try:
            data = encode(image, WriteOptions(format=name)).data
        except CannotWrite:
            continue
        assert decode(data).pixels.shape == image.pixels.shape


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_recognised_by_one_format_only(name):
    data = encode(photo(20, 20), WriteOptions(format=name)).data
    claims = [other for other in NAMES if FORMATS.get(other)().recognises(data)]
    assert claims == [name] == [find_format(data)]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_cut_file_is_refused(name):
    data = encode(photo(40, 40), WriteOptions(format=name)).data
    for end in range(0, len(data) - 1, max(1, len(data) // 40)):
        with pytest.raises(BadImage):
            decode(data[:end])


@pytest.mark.parametrize("name", WRITTEN)
def test_the_limit_is_asked_before_pixels_are_decoded(name):
    data = encode(photo(40, 40), WriteOptions(format=name)).data
    with pytest.raises(pellucid.TooLarge, match="40 x 40"):
        decode(data, Limits(max_pixels=1599))


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_format_says_it_holds_comes_back(name):
    holds = FORMATS.get(name).holds
    carried = Carried(
        icc=pictures.profile("Display P3"),
        exif=pictures.exif(1, size=(20, 20)),
        xmp=pictures.XMP,
        iptc=b"\x1c\x02\x78\x00\x07caption",
        dpi=(300.0, 300.0),
        texts=(Text(keyword="Comment", text="by the sea"),),
    )
    encoded = encode(
        Image(photo(20, 20).pixels, None, carried), WriteOptions(format=name)
    )
    back = decode(encoded.data).carried
    for field in ("icc", "xmp", "iptc", "texts"):
        if field in holds:
            assert getattr(back, field) == getattr(carried, field), field
        else:
            assert not getattr(back, field), field
    if "dpi" in holds:
        assert back.dpi == pytest.approx((300, 300), abs=0.02)
    if "exif" in holds:
        assert back.exif is not None
        assert b"Test camera\0" in back.exif
    lost = {"icc", "exif", "xmp", "iptc", "dpi", "texts"} - holds
    assert len(encoded.warnings) == len(lost)


@pytest.mark.parametrize("name", WRITTEN)
def test_writing_does_not_change_the_picture_given(name):
    image = photo(10, 10)
    before = image.pixels.copy()
    encode(image, WriteOptions(format=name))
    np.testing.assert_array_equal(image.pixels, before)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_picture_gives_the_same_bytes(name):
    first, second = (encode(photo(9, 9), WriteOptions(format=name)) for _ in range(2))
    assert first.data == second.data


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WRITTEN)))
def test_what_is_only_read_says_so(name):
    with pytest.raises(pellucid.PellucidError, match="written"):
        encode(photo(4, 4), WriteOptions(format=name))


def test_a_stranger_adds_a_format_by_adding_one_file(tmp_path, monkeypatch, request):
    source = '''
        """Raw gray bytes behind a tiny header, for the test."""

        import numpy as np
        from pellucid.core.image import Carried, Image
        from pellucid.core.protocols import Format


        class Plain:
            """Width and height in two bytes, then gray bytes."""

            title = "plain"
            extensions = (".plain",)
            holds = frozenset()
            sample_types = ("uint8",)

            def recognises(self, head):
                return head.startswith(b"PLAIN")

            def decode(self, data, limits):
                width, height = data[5], data[6]
                limits.check(width, height)
                gray = np.frombuffer(data, np.uint8, width * height, 7)
                pixels = gray.reshape(height, width, 1).repeat(3, axis=2) / 255
                return Image(pixels.astype(np.float32), None, Carried(format="plain"))

            def encode(self, image, options):
                gray = np.rint(image.pixels[:, :, 0] * 255).astype(np.uint8)
                return b"PLAIN" + bytes([image.width, image.height]) + gray.tobytes()


        PLUGIN: type[Format] = Plain
    '''
    (tmp_path / "plain.py").write_text(textwrap.dedent(source))
    folder = pellucid.core.formats.__path__
    monkeypatch.setattr(pellucid.core.formats, "plain", None, raising=False)
    monkeypatch.setitem(sys.modules, "pellucid.core.formats.plain", None)
    monkeypatch.delitem(sys.modules, "pellucid.core.formats.plain")
    folder.append(str(tmp_path))
    request.addfinalizer(lambda: folder.remove(str(tmp_path)))
    assert "plain" in FORMATS.names()
    write(photo(4, 6), tmp_path / "a.plain")
    back = read(tmp_path / "a.plain")
    assert back.carried.format == "plain"
    np.testing.assert_array_equal(back.pixels, photo(4, 6).pixels)
    (tmp_path / "b.plain").write_bytes(b"PLAIN\x09\x09")
    with pytest.raises(BadImage, match=r"b\.plain: It is a broken plain file"):
        read(tmp_path / "b.plain")


@pytest.mark.parametrize("name", ["heic", "raw"])
def test_a_missing_package_is_named_with_its_command(name, monkeypatch):
    package, head = {
        "heic": ("pi_heif", b"\0\0\0\x18ftypheic" + bytes(60)),
        "raw": ("rawpy", b"FUJIFILMCCD-RAW " + bytes(60)),
    }[name]
    monkeypatch.setitem(sys.modules, package, None)  # makes the import fail for real
    with pytest.raises(MissingDependency) as caught:
        decode(head)
    assert caught.value.hint == f'pip install "pellucid[{name}]"'
    assert caught.value.exit_code == 3
