"""Camera raw: developed where the package is there, and never written."""

import io
import sys

import numpy as np
import pictures
import pytest
import tifffile

from pellucid.core.errors import BadImage, CannotWrite, MissingDependency, TooLarge
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.reading import decode, find_format
from pellucid.core.writing import encode

IDENTITY = (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)


def dng(level: float = 0.5, size: int = 64) -> bytes:
    """A DNG of a gray wall: one level behind a red, green, green, blue filter."""
    out = io.BytesIO()
    mosaic = np.full((size, size), int(level * 65_535), np.uint16)
    tags = [
        (271, 2, 0, "Pellucid", True),
        (272, 2, 0, "Test camera", True),
        (33421, 3, 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, 1, 4, (0, 1, 1, 2), True),  # CFAPattern
        (50706, 1, 4, (1, 4, 0, 0), True),  # DNGVersion
        (50708, 2, 0, "Test camera", True),  # UniqueCameraModel
        (50714, 3, 1, 0, True),  # BlackLevel
        (50717, 4, 1, 65_535, True),  # WhiteLevel
        (50721, 10, 9, IDENTITY, True),  # ColorMatrix1
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
        (50778, 3, 1, 21, True),  # CalibrationIlluminant1: D65
    ]
    tifffile.imwrite(
        out, mosaic, photometric="cfa", extratags=tags, metadata=None, software=False
    )
    return out.getvalue()


def test_a_filter_array_is_raw_and_not_tiff():
    assert find_format(dng()) == "raw"
    assert find_format(pictures.tiff(pictures.samples(4, 4, 3))) == "tiff"


def test_without_the_package_the_command_that_installs_it_is_shown(monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(MissingDependency, match="rawpy") as caught:
        decode(dng(), source="sea.dng")
    assert str(caught.value).startswith("sea.dng: ")
    assert caught.value.hint == 'pip install "pellucid[raw]"'


def test_a_gray_wall_is_gray_and_in_the_curve_of_srgb():
    pytest.importorskip("rawpy")
    image = decode(dng(0.5))
    assert (image.height, image.width) == (64, 64)
    assert image.carried.sample_type == "uint16"
    middle = image.pixels[16:48, 16:48]
    assert np.ptp(middle) < 0.02
    assert abs(middle.mean() - (1.055 * 0.5 ** (1 / 2.4) - 0.055)) < 0.02
    assert "developed from raw" in image.carried.warnings[0]


def test_brightness_is_not_made_up():
    pytest.importorskip("rawpy")
    dark, bright = (decode(dng(level)).pixels.mean() for level in (0.1, 0.8))
    assert dark < 0.4 < 0.8 < bright


def test_the_words_of_the_camera_are_kept():
    pytest.importorskip("rawpy")
    image = decode(dng())
    after = decode(encode(image, WriteOptions(format="tiff")).data)
    assert after.carried.exif is not None
    assert b"Test camera" in after.carried.exif
    assert after.carried.sample_type == "uint16"


def test_the_same_file_gives_the_same_picture():
    pytest.importorskip("rawpy")
    np.testing.assert_array_equal(decode(dng()).pixels, decode(dng()).pixels)


def test_the_limit_holds():
    pytest.importorskip("rawpy")
    with pytest.raises(TooLarge, match="64 x 64"):
        decode(dng(), Limits(max_pixels=64 * 64 - 1))


@pytest.mark.parametrize(
    "head", [b"FUJIFILMCCD-RAW ", b"IIRO\x08\0\0\0", b"IIU\0\x08\0"]
)
def test_a_scrap_with_a_magic_number_is_refused(head):
    pytest.importorskip("rawpy")
    with pytest.raises(BadImage, match="LibRaw cannot develop it"):
        decode(head + bytes(200))


def test_it_is_never_written_and_a_way_out_is_shown():
    image = decode(pictures.png(pictures.samples(4, 4, 3)))
    for name in ("raw", "dng"):
        with pytest.raises(
            CannotWrite, match="cannot be written as camera raw"
        ) as caught:
            encode(image, WriteOptions(format=name))
        assert "--format" in caught.value.hint
