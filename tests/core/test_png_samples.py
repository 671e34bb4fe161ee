"""Sixteen bits in, sixteen bits out; rows filtered so that they pack well."""

from __future__ import annotations

import zlib

import numpy as np
import pictures
import pytest

from pellucid.core.png_samples import compressed, deep_planes

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_sixteen_bit_sample_is_decoded_exactly(channels):
    samples = pictures.samples(40, 30, channels, "uint16")
    planes = deep_planes(pictures.png(samples), COLOUR_TYPES[channels], None)
    colours = samples[:, :, : 1 if channels < 3 else 3]
    wanted = np.broadcast_to(colours / np.float32(65_535), planes.pixels.shape)
    np.testing.assert_array_equal(planes.pixels, wanted.astype(np.float32))
    assert planes.is_gray == (channels < 3)
    if channels in {2, 4}:
        alpha = (samples[:, :, -1] / np.float32(65_535)).astype(np.float32)
        np.testing.assert_array_equal(planes.alpha, alpha)


def test_only_the_exact_colour_is_transparent():
    samples = np.full((1, 3, 3), 1000, np.uint16)
    samples[0, 1, 2] = 1001
    planes = deep_planes(pictures.png(samples), 2, (1000, 1000, 1000))
    assert planes.alpha is not None
    assert planes.alpha.tolist() == [[0.0, 1.0, 0.0]]


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (40, 30)])
def test_filtered_rows_undo_to_the_samples(size, channels, kind):
    samples = pictures.samples(size[0], size[1], channels, kind)
    packed = b"".join(compressed(samples))
    rows = unfiltered(zlib.decompress(packed), size[0], channels * samples.itemsize)
    big_endian = samples.astype(samples.dtype.newbyteorder(">"))
    assert rows == big_endian.tobytes()


def test_filters_make_a_smooth_picture_small():
    ramp = np.arange(256, dtype=np.uint16)[:, None, None] * np.full((1, 256, 3), 200)
    ramp = (ramp + np.arange(256)[None, :, None] * 50).astype(np.uint16)
    packed = b"".join(compressed(ramp))
    assert len(packed) < len(zlib.compress(ramp.astype(">u2").tobytes())) / 1.5


def unfiltered(data: bytes, height: int, step: int) -> bytes:
    """Section 9.2 of the standard, word for word and byte by byte."""
    length = len(data) // height
    above, out = bytearray(length - 1), bytearray()
    for start in range(0, len(data), length):
        kind, row = data[start], bytearray(data[start + 1 : start + length])
        for x in range(len(row)):
            left = row[x - step] if x >= step else 0
            corner = above[x - step] if x >= step else 0
            up = above[x]
            near = left + up - corner
            distances = [abs(near - left), abs(near - up), abs(near - corner)]
            paeth = (left, up, corner)[distances.index(min(distances))]
            guess = (0, left, up, (left + up) // 2, paeth)[kind]
            row[x] = (row[x] + guess) & 255
        above = row
        out += row
    return bytes(out)
