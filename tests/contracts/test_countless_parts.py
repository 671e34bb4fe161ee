"""Files of countless tiny parts are refused before they take minutes."""

from __future__ import annotations

import struct
import zlib

import pictures
import pytest

from pellucid import ImageError, decode
from pellucid.core.options import MAX_PARTS

COUNT = MAX_PARTS + 1
PIXELS = pictures.samples(4, 4, 3)


def png() -> bytes:
    whole = pictures.png(PIXELS)
    chunk = struct.pack(">I4sI", 0, b"teSt", zlib.crc32(b"teSt"))
    return whole[:33] + chunk * COUNT + whole[33:]


def jpeg() -> bytes:
    whole = pictures.pillow(PIXELS, "JPEG")
    return whole[:2] + b"\xff\xe5\0\x02" * COUNT + whole[2:]


def webp() -> bytes:
    whole = pictures.pillow(PIXELS, "WEBP")
    body = whole[8:] + b"none\0\0\0\0" * COUNT
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def gif() -> bytes:
    whole = pictures.pillow(PIXELS[:, :, :1], "GIF")
    return whole[:-1] + b"\x21\xfe" + b"\x01x" * COUNT + b"\0;"


def tiff() -> bytes:
    entry = struct.pack("<HHII", 273, 4, COUNT, 26)
    return b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4) + bytes(4 * COUNT)


@pytest.mark.timeout(20)  # without a limit this takes minutes
@pytest.mark.parametrize("make", [png, jpeg, webp, gif, tiff])
def test_countless_parts_are_refused(make):
    data = make()
    with pytest.raises(ImageError):
        decode(data)
