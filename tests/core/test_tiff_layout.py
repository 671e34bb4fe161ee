"""Samples of TIFF come out of every layout exactly as they were put in."""

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pictures
import pytest
import tifffile
from PIL import Image as Pillow

from pellucid.core import tiff_layout
from pellucid.core.errors import BadImage
from pellucid.core.ifd import parse_header, read_directory
from pellucid.core.tiff_layout import Layout, check_blocks, pieces, read_layout


def layout_of(data: bytes) -> Layout:
    byteorder, offset, is_big = parse_header(data)
    entries = read_directory(data, offset, byteorder, is_big).entries
    return read_layout(entries, byteorder, len(data))


def stored(data: bytes) -> np.ndarray:
    """All samples of the first page, (height, width, channels)."""
    layout = layout_of(data)
    check_blocks(layout, data)
    shape = (layout.height, layout.width, layout.channels)
    found = np.zeros(shape, layout.dtype.newbyteorder("="))
    for rows, channels, samples in pieces(layout, data):
        found[rows, :, channels] = samples
    return found


def by_libtiff(samples: np.ndarray, packing: str, predictor: int = 1) -> bytes:
    """A packed TIFF by Pillow, one channel or 8 bits."""
    out = io.BytesIO()
    plain = samples[:, :, 0] if samples.shape[2] == 1 else samples
    Pillow.fromarray(plain).save(
        out, "TIFF", compression=packing, tiffinfo={317: predictor}
    )
    return out.getvalue()


def with_number(data: bytes, tag: int, value: int) -> bytes:
    """Change the number of a tag that stands in a little-endian directory."""
    _, offset, _ = parse_header(data)
    at = read_directory(data, offset, "<").values[tag]
    return data[:at] + struct.pack("<I", value) + data[at + 4 :]


@pytest.mark.parametrize("how", [{}, {"tile": (16, 16)}, {"rowsperstrip": 5}])
@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "uint32", "float32"])
def test_blocks_of_any_kind_come_out_exactly(kind, byteorder, compression, how):
    for channels in (1, 3, 4):
        samples = pictures.samples(37, 21, channels, kind)
        data = pictures.tiff(
            samples, compression=compression, byteorder=byteorder, **how
        )
        np.testing.assert_array_equal(stored(data), samples)
        assert layout_of(data).byteorder == byteorder


@pytest.mark.parametrize("how", [{}, {"tile": (16, 32)}, {"rowsperstrip": 7}])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_channels_may_stand_one_after_the_other(compression, how):
    samples = pictures.samples(37, 21, 3, "uint16")
    planes = np.ascontiguousarray(samples.transpose(2, 0, 1))
    out = io.BytesIO()
    options: dict[str, Any] = {"photometric": "rgb", "metadata": None} | how
    tifffile.imwrite(
        out, planes, planarconfig="separate", compression=compression, **options
    )
    assert layout_of(out.getvalue()).is_planar
    np.testing.assert_array_equal(stored(out.getvalue()), samples)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "uint32"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("how", [{}, {"tile": (16, 16)}])
def test_differences_are_added_up(kind, byteorder, how):
    samples = pictures.samples(20, 33, 3, kind)
    options = {"compression": "zlib", "predictor": 2, "byteorder": byteorder} | how
    data = pictures.tiff(samples, **options)
    assert layout_of(data).predictor == 2
    np.testing.assert_array_equal(stored(data), samples)


@pytest.mark.parametrize(
    "packing", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"]
)
@pytest.mark.parametrize(
    ("kind", "channels"), [("uint8", 1), ("uint8", 3), ("uint16", 1)]
)
def test_packings_of_libtiff_are_undone(packing, kind, channels):
    samples = pictures.samples(41, 29, channels, kind)
    data = by_libtiff(samples, packing)
    assert layout_of(data).compression != 1
    np.testing.assert_array_equal(stored(data), samples)


@pytest.mark.parametrize("packing", ["tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize(("kind", "predictor"), [("uint16", 2), ("float32", 3)])
def test_packed_differences_of_libtiff_are_undone(packing, kind, predictor):
    samples = pictures.samples(41, 29, 1, kind)
    data = by_libtiff(samples, packing, predictor)
    np.testing.assert_array_equal(stored(data), samples)


def test_packed_integer_differences_of_floats_are_undone():
    samples = pictures.samples(41, 29, 1, "float32")
    data = by_libtiff(samples, "tiff_lzw", 2)
    np.testing.assert_array_equal(
        np.asarray(Pillow.open(io.BytesIO(data))), samples[..., 0]
    )
    np.testing.assert_array_equal(stored(data), samples)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_bigtiff_is_read_like_tiff(byteorder, compression):
    samples = pictures.samples(20, 33, 3, "uint16")
    data = pictures.tiff(
        samples, bigtiff=True, byteorder=byteorder, compression=compression
    )
    assert parse_header(data)[2]
    np.testing.assert_array_equal(stored(data), samples)


def test_bits_may_stand_the_wrong_way_round():
    samples = pictures.samples(20, 33, 3)
    reversed_bits = np.packbits(np.unpackbits(samples, axis=-1).reshape(-1, 8)[:, ::-1])
    data = pictures.tiff(reversed_bits.reshape(samples.shape), orientation=2)
    orientation, fill_order = (struct.pack("<HHI", tag, 3, 1) for tag in (274, 266))
    data = data.replace(orientation, fill_order)
    assert layout_of(data).is_reversed
    np.testing.assert_array_equal(stored(data), samples)


def test_large_pictures_are_unpacked_piece_by_piece(monkeypatch):
    samples = pictures.samples(64, 21, 3, "uint16")
    data = pictures.tiff(samples, compression="zlib", rowsperstrip=3)
    monkeypatch.setattr(tiff_layout, "PIECE_BYTES", 1000)
    assert sum(1 for _ in pieces(layout_of(data), data)) > 10
    np.testing.assert_array_equal(stored(data), samples)


@pytest.mark.parametrize("place", range(4))
def test_a_broken_block_is_refused(place):
    data = bytearray(pictures.tiff(pictures.samples(32, 21, 3), compression="zlib"))
    layout = layout_of(bytes(data))
    at = layout.offsets[0] + place * layout.sizes[0] // 4
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(BadImage):
        stored(bytes(data))


def test_a_block_that_holds_too_little_is_refused():
    samples = pictures.samples(8, 8, 1)
    data = pictures.tiff(samples, compression="zlib")
    layout = layout_of(data)
    short = zlib.compress(samples.tobytes()[:-1])
    layout = replace(layout, offsets=(len(data),), sizes=(len(short),))
    with pytest.raises(BadImage, match="holds 63 of 64 bytes"):
        list(pieces(layout, data + short))


def test_a_block_of_lzw_that_is_broken_is_refused():
    data = by_libtiff(pictures.samples(41, 29, 3), "tiff_lzw")
    layout = layout_of(data)
    start = layout.offsets[0]
    broken = data[: start + 100] + b"\xff" * 100 + data[start + 200 :]
    with pytest.raises((BadImage, OSError)):
        stored(broken)


def test_blocks_that_overlap_are_refused():
    data = pictures.tiff(
        pictures.samples(64, 64, 1), compression="zlib", rowsperstrip=1
    )
    layout = layout_of(data)
    check_blocks(layout, data)
    same = replace(layout, offsets=(8,) * 64, sizes=(len(data) - 8,) * 64)
    with pytest.raises(BadImage, match="overlap"):
        check_blocks(same, data)


def test_blocks_that_are_missing_are_refused():
    data = pictures.tiff(pictures.samples(64, 8, 3), compression="zlib", rowsperstrip=8)
    layout = layout_of(data)
    few = replace(layout, offsets=layout.offsets[:5], sizes=layout.sizes[:5])
    with pytest.raises(BadImage, match="5 of 8 blocks"):
        check_blocks(few, data)
    planar = replace(layout, is_planar=True)
    with pytest.raises(BadImage, match="8 of 24 blocks"):
        check_blocks(planar, data)


def test_blocks_that_end_behind_the_file_are_refused():
    for compression in (None, "zlib"):
        samples = pictures.samples(64, 8, 3)
        data = pictures.tiff(samples, compression=compression, rowsperstrip=8)
        with pytest.raises(BadImage, match="ends inside its pixels"):
            stored(data[:-1])


@pytest.mark.parametrize("size", [0, 1, 10_000_000])
def test_the_wrong_size_of_a_single_plain_strip_does_not_matter(size):
    samples = pictures.samples(8, 8, 3)
    data = with_number(pictures.tiff(samples), 279, size)
    np.testing.assert_array_equal(stored(data), samples)
    with pytest.raises(BadImage, match="ends inside its pixels"):
        stored(data[:-1])


@pytest.mark.parametrize("tag", [256, 257])
def test_a_picture_without_pixels_is_refused(tag):
    data = with_number(pictures.tiff(pictures.samples(8, 8, 3)), tag, 0)
    with pytest.raises(BadImage, match="TIFF header says"):
        layout_of(data)


@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [(277, 0, "0 channels"), (277, 65, "65 channels"), (339, 6, "complex numbers")],
)
def test_impossible_channels_are_refused(tag, value, words):
    data = with_number(pictures.tiff(pictures.samples(8, 8, 1, "float32")), tag, value)
    with pytest.raises(BadImage, match=words):
        layout_of(data)


def test_channels_of_unequal_depth_are_refused():
    data = pictures.tiff(pictures.samples(8, 8, 3))
    data = data.replace(struct.pack("<3H", 8, 8, 8), struct.pack("<3H", 5, 6, 5))
    with pytest.raises(BadImage, match=r"differ in depth: \(5, 6, 5\)"):
        layout_of(data)


def test_only_whole_bytes_in_packings_of_bytes_are_plain():
    assert layout_of(pictures.tiff(pictures.samples(8, 8, 3))).is_plain
    jpeg = pictures.pillow(pictures.samples(8, 8, 3), "TIFF", compression="jpeg")
    assert not layout_of(jpeg).is_plain
    out = io.BytesIO()
    Pillow.new("1", (8, 8)).save(out, "TIFF")
    assert not layout_of(out.getvalue()).is_plain
