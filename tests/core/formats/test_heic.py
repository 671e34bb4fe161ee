"""HEIC: read with all its bits where the package is there, and never written."""

import sys
from pathlib import Path

import numpy as np
import pictures
import pytest

from pellucid.core import exif
from pellucid.core.errors import CannotWrite, ImageError, MissingDependency, TooLarge
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode, find_format
from pellucid.core.writing import encode

GOLDEN = Path(__file__).parents[2] / "golden" / "heic"
HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def stored(name: str) -> bytes:
    """A tiny file, and the package that decodes it; else the test is skipped."""
    pytest.importorskip("pi_heif")
    return (GOLDEN / name).read_bytes()


def test_without_the_package_the_command_that_installs_it_is_shown(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(MissingDependency, match="pi-heif") as caught:
        decode(HEAD, source="sea.heic")
    assert str(caught.value).startswith("sea.heic: ")
    assert caught.value.hint == 'pip install "pellucid[heic]"'


@pytest.mark.parametrize("brand", ["heic", "heix", "mif1", "hevc"])
def test_brands_of_phones_are_known(brand):
    assert find_format(HEAD.replace(b"ftypheic", b"ftyp" + brand.encode())) == "heic"


def test_avif_that_calls_itself_mif1_stays_avif():
    assert find_format(b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1") == "avif"


def test_other_media_files_are_not_heic():
    assert find_format(HEAD.replace(b"ftypheic", b"ftypqt  ")) == ""


def test_a_turned_photo_is_turned_once():
    image = decode(stored("a8.heic"))
    assert (image.height, image.width) == (64, 48)
    np.testing.assert_allclose(image.pixels[0, 0], [0.01, 0.92, 0.38], atol=0.03)
    assert image.carried.sample_type == "uint8"
    assert not image.carried.is_lossless
    if image.carried.exif:
        assert exif.orientation(image.carried.exif) == 1


def test_ten_bits_are_read_as_more_than_eight():
    image = decode(stored("a10.heic"))
    assert (image.height, image.width) == (48, 64)
    assert image.carried.sample_type == "uint16"
    assert image.carried.encoding["bits"] == 10
    eight = np.rint(image.pixels * 255) / 255
    assert (np.abs(image.pixels - eight) > 1e-4).any()
    assert image.pixels.max() > 0.9


def test_alpha_is_read():
    image = decode(stored("aa.heic"))
    assert image.alpha is not None
    assert np.ptp(image.alpha) > 0.1


def test_the_limit_holds():
    with pytest.raises(TooLarge):
        decode(stored("a8.heic"), Limits(max_pixels=48 * 64 - 1))


def test_prefixes_are_refused():
    data = stored("a10.heic")
    for length in range(0, len(data), 7):
        with pytest.raises(ImageError):
            decode(data[:length])


def test_it_is_never_written_and_a_way_out_is_shown():
    image = decode(pictures.png(pictures.samples(4, 4, 3)))
    with pytest.raises(CannotWrite, match="HEIC is read, but not written") as caught:
        encode(image, WriteOptions(format="heic"))
    assert "--format" in caught.value.hint


def test_a_photo_of_a_phone_keeps_its_bits_in_png():
    image = decode(stored("a10.heic"))
    after = decode(encode(image, WriteOptions(format="png")).data)
    np.testing.assert_array_equal(after.pixels, image.pixels)
