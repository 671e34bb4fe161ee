"""A camera's raw file is told from a finished picture."""

import io
import struct

import numpy as np
import pictures
import pytest
import tifffile

from pellucid.core.camera_raw import is_camera_raw

# (tag, type, count, value) that stand in one line of a directory.
ONE_PIXEL = [(256, 4, 1, 1), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1)]


def directory(*entries: tuple[int, int, int, int], order: str = "<") -> bytes:
    mark = b"II" if order == "<" else b"MM"
    table = struct.pack(order + "2sHIH", mark, 42, 8, len(ONE_PIXEL) + len(entries))
    for tag, kind, count, value in sorted([*ONE_PIXEL, *entries]):
        place = struct.pack(order + "HH", value, 0) if kind == 3 else b""
        place = place or struct.pack(order + "I", value)
        table += struct.pack(order + "HHI", tag, kind, count) + place
    return table + bytes(4)


@pytest.mark.parametrize(
    "head",
    [
        b"FUJIFILMCCD-RAW 0201FF389502X-T30",
        b"IIRO\x08\0\0\0",  # Olympus
        b"IIRS\x08\0\0\0",
        b"MMOR\0\0\0\x08",
        b"IIU\0\x18\0\0\0",  # Panasonic
        b"\0MRM\0\0\0\0",  # Minolta
        b"\0\0\0\x18ftypcrx \0\0\0\x01",  # Canon CR3
        b"II*\0\x10\0\0\0CR\x02\0",  # Canon CR2
    ],
)
def test_magic_numbers_of_cameras_are_known(head):
    assert is_camera_raw(head)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "entries",
    [
        [(50706, 1, 4, 0x0401)],  # DNGVersion
        [(262, 3, 1, 32803)],  # a colour filter array
        [(262, 3, 1, 34892)],  # LinearRaw
        [(254, 4, 1, 1), (271, 2, 4, 0), (330, 4, 1, 200)],  # a preview of a maker
    ],
)
def test_a_tiff_of_what_a_sensor_saw_is_raw(entries, order):
    assert is_camera_raw(directory(*entries, order=order))


@pytest.mark.parametrize(
    "entries",
    [
        [(262, 3, 1, 1)],
        [(271, 2, 4, 0), (330, 4, 1, 200)],  # smaller copies behind a whole picture
        [(254, 4, 1, 1), (271, 2, 4, 0)],
        [(254, 4, 1, 1), (330, 4, 1, 200)],
    ],
)
def test_a_finished_tiff_is_not_raw(entries):
    assert not is_camera_raw(directory(*entries))


def test_a_filter_array_written_by_another_program_is_raw():
    out = io.BytesIO()
    tifffile.imwrite(out, np.zeros((4, 4), np.uint16), photometric="cfa")
    assert is_camera_raw(out.getvalue())


def test_pictures_and_scraps_are_not_raw():
    pixels = pictures.samples(4, 4, 3)
    whole = pictures.tiff(pixels)
    assert not is_camera_raw(whole)
    assert not is_camera_raw(pictures.png(pixels))
    for length in range(40):
        assert not is_camera_raw(whole[:length])
    assert not is_camera_raw(b"II*\0\xff\xff\xff\xff" + bytes(32))
