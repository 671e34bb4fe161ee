"""BMP: with alpha and an ICC profile where there are any (version 5 header).

Source: Microsoft, BITMAPV5HEADER.
"""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np
from PIL.BmpImagePlugin import BmpImageFile

from pellucid.core.errors import BadImage
from pellucid.core.image import Carried, Image
from pellucid.core.modes import open_header, planes_of, stacked
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format
from pellucid.core.resolution import from_per_metre, per_metre

FILE_HEADER, INFO_HEADER, V5_HEADER = 14, 40, 124
EMBEDDED, SRGB = 0x4D424544, 0x73524742  # bV5CSType: PROFILE_EMBEDDED, LCS_sRGB
PHOTOGRAPHIC = 4  # LCS_GM_IMAGES


class Bmp:
    """The old format of Windows: 8 bits, lossless, alpha."""

    title: ClassVar[str] = "BMP"
    extensions: ClassVar[tuple[str, ...]] = (".bmp", ".dib")
    holds: ClassVar[frozenset[str]] = frozenset({"alpha", "gray", "icc", "dpi"})
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        """The letters BM and a header size that exists."""
        size = int.from_bytes(data[14:18], "little")
        return data.startswith(b"BM") and size in {12, 40, 52, 56, 64, 108, 124}

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode any BMP that Pillow knows."""
        picture = open_header(BmpImageFile, data, limits)
        if not all(picture.size):
            raise BadImage(f"Its BMP header says {picture.size} pixels.")
        planes = planes_of(picture)
        across, down = struct.unpack_from("<ii", data, 38) if len(data) > 46 else (0, 0)
        is_short = data[14] == 12  # the oldest header has no resolution
        has_dpi = across > 0 and down > 0 and not is_short
        carried = Carried(
            format="bmp",
            is_gray=planes.is_gray,
            icc=_profile(data),
            dpi=(from_per_metre(across), from_per_metre(down)) if has_dpi else None,
            dpi_unit="metre",
            encoding={"lossless": True},
        )
        return Image(planes.pixels, planes.alpha, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write 8 (gray), 24 or, with alpha, 32 bits per pixel, bottom row first."""
        del options
        carried, alpha = image.carried, image.alpha is not None
        samples = stacked(image, "uint8", gray=carried.is_gray)
        height, width, channels = samples.shape
        order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
        rows = np.zeros((height, -(-width * channels // 4) * 4), np.uint8)
        rows[:, : width * channels] = samples[::-1, :, order].reshape(height, -1)
        pixels = rows.tobytes()
        gray = channels == 1
        palette = b"".join(bytes([v, v, v, 0]) for v in range(256)) if gray else b""
        size = V5_HEADER if alpha or carried.icc else INFO_HEADER
        start = FILE_HEADER + size + len(palette)
        profile = carried.icc or b""
        total = start + len(pixels) + len(profile)
        across, down = (per_metre(v) for v in carried.dpi) if carried.dpi else (0, 0)
        header = struct.pack("<2sIHHI", b"BM", total, 0, 0, start)
        header += struct.pack(
            "<IiiHHIIiiII",
            *(size, width, height, 1, 8 * channels, 3 if alpha else 0),
            *(len(pixels), across, down, 256 if gray else 0, 0),
        )
        if size == V5_HEADER:
            header += _colour_header(alpha, len(palette) + len(pixels), profile)
        return b"".join([header, palette, pixels, profile])


def _colour_header(alpha: bool, body: int, profile: bytes) -> bytes:
    """The part of the version 5 header behind the 40 bytes that all share.

    Args:
        body: Bytes of palette and pixels, which stand before the profile.
    """
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000) if alpha else (0, 0, 0, 0)
    space = EMBEDDED if profile else SRGB
    at = V5_HEADER + body if profile else 0
    ends = (0,) * 12  # CIEXYZ end points and gammas, unused with these spaces
    numbers = (*masks, space, *ends, PHOTOGRAPHIC, at, len(profile), 0)
    return struct.pack("<21I", *numbers)


def _profile(data: bytes) -> bytes | None:
    """Read the profile that a version 5 header points to."""
    if data[14] != V5_HEADER or len(data) < FILE_HEADER + V5_HEADER:
        return None
    if int.from_bytes(data[70:74], "little") != EMBEDDED:
        return None
    at, size = struct.unpack_from("<II", data, 126)
    profile = data[FILE_HEADER + at : FILE_HEADER + at + size]
    return profile if profile and len(profile) == size else None


PLUGIN: type[Format] = Bmp
