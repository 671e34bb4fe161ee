"""The samples of 16-bit PNG, and the rows of any PNG on their way into a file.

Pillow undoes compression, filters and interlacing, but hands 16-bit colour out as 8
bits. So its unpacker is asked twice: once for the high bytes and once for the low.
Source: W3C PNG (third edition), sections 9 and 12.7.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from pellucid.core.modes import Planes
from pellucid.core.samples import ROWS_BYTES

GRAY, RGB, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
HIGHEST = np.float32(65_535)
# What to ask Pillow for, and what the bytes that it answers are worth.
UNPACKERS: dict[int, tuple[tuple[str, float], ...]] = {
    GRAY: (("I;16B", 1),),
    GRAY_ALPHA: (("RGBA", 1),),  # two 16-bit samples are as wide as four 8-bit ones
    RGB: (("RGB;16B", 256), ("RGB;16L", 1)),
    RGB_ALPHA: (("RGBA;16B", 256), ("RGBA;16L", 1)),
}


def deep_planes(data: bytes, colour: int, key: tuple[int, ...] | None) -> Planes:
    """Decode 16-bit samples.

    Args:
        data: A PNG of 16 bits.
        colour: Its colour type.
        key: The samples of the one transparent colour, if there is one.
    """
    with PngImageFile(io.BytesIO(data)) as picture:
        width, height = picture.size
    channels = 1 if colour in {GRAY, GRAY_ALPHA} else 3
    values = np.zeros((height, width, channels), np.float32)
    has_alpha = colour in {GRAY_ALPHA, RGB_ALPHA}
    alpha = np.zeros((height, width), np.float32) if has_alpha else None
    for unpacker, worth in UNPACKERS[colour]:  # sums of integers: exact in float32
        for rows, samples in _unpacked(data, unpacker):
            values[rows] += samples[:, :, :channels] * np.float32(worth)
            if alpha is not None:
                alpha[rows] += samples[:, :, -1] * np.float32(worth)
    if key is not None:
        alpha = (values != np.array(key, np.float32)).any(axis=2).astype(np.float32)
    elif alpha is not None:
        alpha /= HIGHEST
    values /= HIGHEST
    pixels = values.repeat(3, axis=2) if channels == 1 else values
    return Planes(pixels=pixels, alpha=alpha, is_gray=channels == 1)


def _unpacked(data: bytes, unpacker: str) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Decode with one of Pillow's unpackers, some rows at a time."""
    picture = PngImageFile(io.BytesIO(data))
    picture.tile = [picture.tile[0]._replace(args=unpacker)]
    width, height = picture.size
    step = max(1, ROWS_BYTES // (width * 4))
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        samples = np.asarray(picture.crop((0, top, width, rows.stop)))
        if unpacker == "RGBA":
            samples = np.ascontiguousarray(samples).view(">u2")
        yield rows, samples.reshape(rows.stop - top, width, -1)


def compressed(samples: NDArray[Any], level: int = 6) -> Iterator[bytes]:
    """Filter row by row, deflate, and cut into chunks of a megabyte.

    Args:
        samples: (height, width, channels), 8 or 16 bits.
        level: Of deflate; 1 takes a third of the time of 6, and a tenth more room.
    """
    height, width, channels = samples.shape
    step = channels * samples.itemsize
    packer = zlib.compressobj(level, strategy=zlib.Z_FILTERED)
    above = np.zeros(width * step, np.uint8)
    part = bytearray()
    rows = max(1, (1 << 22) // (width * step))
    for top in range(0, height, rows):
        block = np.ascontiguousarray(samples[top : top + rows])
        raw = block.astype(block.dtype.newbyteorder(">")).view(np.uint8)
        raw = raw.reshape(block.shape[0], -1)
        part += packer.compress(_filtered(raw, above, step).tobytes())
        above = raw[-1]
        while len(part) > 1 << 20:
            yield bytes(part[: 1 << 20])
            del part[: 1 << 20]
    part += packer.flush()
    yield bytes(part)


def _filtered(
    raw: NDArray[np.uint8], above: NDArray[np.uint8], step: int
) -> NDArray[np.uint8]:
    """Choose a filter per row: the smallest sum of absolute differences (12.7).

    Args:
        raw: (rows, bytes) of one block.
        above: The row before the block.
        step: Bytes of one pixel.

    Returns:
        (rows, 1 + bytes): the filter's number, then the filtered bytes.
    """
    up = np.vstack([above[None], raw[:-1]])
    left = np.zeros_like(raw)
    left[:, step:] = raw[:, :-step] if step < raw.shape[1] else 0
    corner = np.zeros_like(raw)
    corner[:, step:] = up[:, :-step] if step < raw.shape[1] else 0
    guesses = (np.zeros_like(raw), left, up, _paeth(left, up, corner))
    best = np.empty((raw.shape[0], raw.shape[1] + 1), np.uint8)
    lowest = np.full(raw.shape[0], np.iinfo(np.int64).max)
    for number, guess in zip((0, 1, 2, 4), guesses, strict=True):
        rest = raw - guess
        cost = np.minimum(rest, 0 - rest).sum(axis=1, dtype=np.int64)
        better = cost < lowest
        lowest[better] = cost[better]
        best[better, 0] = number
        best[better, 1:] = rest[better]
    return best


def _paeth(
    left: NDArray[np.uint8], up: NDArray[np.uint8], corner: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Pick the neighbour nearest to left + up - corner (9.4)."""
    a, b, c = (plane.astype(np.int16) for plane in (left, up, corner))
    to_left, to_up = np.abs(b - c), np.abs(a - c)
    to_corner = np.abs(a + b - 2 * c)
    nearest = np.where(to_up <= to_corner, up, corner)
    is_left = (to_left <= to_up) & (to_left <= to_corner)
    return np.where(is_left, left, nearest)
