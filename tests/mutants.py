"""Broken files by the thousand, in a process of their own.

``python tests/mutants.py SEED COUNT`` damages samples at random, reads them, writes
those that are still pictures, and prints what happened as JSON. A crash or a hang is
seen by whoever started it.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pictures

from pellucid import BadImage, Image, TooLarge, WriteOptions, decode, encode
from pellucid.core.errors import CannotWrite

HOSTILE = Path(__file__).parent / "hostile"
LARGEST_SAMPLE = 60_000  # bytes; larger ones only slow the search down
LARGEST_WRITTEN = 50_000  # pixels
MARKS = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\0\0\0\0")
MARKS += (b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xd8", b"\xff\xd9")


def samples() -> list[bytes]:
    """Every hostile file, and sound files of every format, depth and layout."""
    found = [path.read_bytes() for path in sorted(HOSTILE.glob("*/*"))]
    sound: list[bytes] = []
    profile = pictures.profile("sRGB")
    for kind in ("uint8", "uint16", "float32"):
        for channels in (1, 3, 4):
            pixels = pictures.samples(24, 30, channels, kind)
            payloads: dict[str, Any] = {
                "xmp": pictures.XMP,
                "icc": pictures.profile("sRGB"),
            }
            sound.append(pictures.tiff(pixels, compression="zlib", **payloads))
            sound.append(pictures.tiff(pixels, tile=(16, 16)))
            if kind != "float32":
                sound.append(pictures.png(pixels, exif=pictures.exif(6), **payloads))
    pixels = pictures.samples(24, 30, 3)
    exif = pictures.exif(6, thumbnail=pictures.pillow(pixels, "JPEG"))
    how: list[tuple[str, dict[str, Any]]] = [
        ("JPEG", {"exif": b"Exif\0\0" + exif, "xmp": pictures.XMP}),
        ("JPEG", {"progressive": True, "icc_profile": profile}),
        ("WEBP", {"lossless": True, "exif": exif, "xmp": pictures.XMP}),
        *(
            ("WEBP", {}),
            ("AVIF", {"exif": exif}),
            ("BMP", {}),
            ("GIF", {}),
            ("PPM", {}),
        ),
    ]
    sound += [pictures.pillow(pixels, name, **options) for name, options in how]
    return [data for data in found + 4 * sound if len(data) < LARGEST_SAMPLE]


def mutate(data: bytes, rnd: random.Random) -> bytes:
    """Damage a file in 1 to 16 places, most of them near its start."""
    changed = bytearray(data)
    for _ in range(rnd.choice((1, 1, 2, 4, 8, 16))):
        if len(changed) < 4:
            break
        at = rnd.randrange(min(len(changed), rnd.choice((64, 300, len(changed)))))
        match rnd.randrange(6):
            case 0:
                changed[at] ^= 1 << rnd.randrange(8)
            case 1:
                changed[at] = rnd.randrange(256)
            case 2:
                mark = rnd.choice(MARKS)
                changed[at : at + len(mark)] = mark
            case 3:
                del changed[at : at + rnd.randrange(1, 32)]
            case 4:
                other = rnd.randrange(len(changed))
                changed[at:at] = changed[other : other + rnd.randrange(1, 64)]
            case _:
                del changed[rnd.randrange(max(2, len(changed) // 4), len(changed)) :]
    return _with_checksums(bytes(changed)) if rnd.random() < 0.7 else bytes(changed)


def _with_checksums(data: bytes) -> bytes:
    """Make PNG checksums right again, so that damage reaches the decoder."""
    if not data.startswith(b"\x89PNG"):
        return data
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            break
        chunk = data[at + 4 : at + 8 + length]
        out += data[at : at + 8 + length] + struct.pack(">I", zlib.crc32(chunk))
        at += 12 + length
    return bytes(out) + data[at:]


def written_and_read(image: Image, rnd: random.Random) -> None:
    """Write a picture of odd metadata in some format; what was written can be read."""
    name = rnd.choice(("jpeg", "png", "tiff", "webp", "avif", "bmp", "gif", "ppm"))
    policy = rnd.choice(("keep", "safe", "none"))
    try:
        data = encode(image, WriteOptions(format=name, metadata=policy)).data
    except CannotWrite:
        return
    assert decode(data).pixels.shape == image.pixels.shape


def peak_mib() -> float:
    """Peak memory of this process alone; getrusage would count its parent too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run(seed: int, count: int) -> dict[str, object]:
    """Read mutants and count what came of them."""
    rnd = random.Random(seed)
    sources, outcomes, slowest = samples(), Counter[str](), 0.0
    for _ in range(count):
        data = mutate(rnd.choice(sources), rnd)
        start = time.perf_counter()
        try:
            image = decode(data)
            outcome = "picture"
            if image.width * image.height < LARGEST_WRITTEN:
                written_and_read(image, rnd)
        except (BadImage, TooLarge) as error:
            outcome = type(error).__name__
        outcomes[outcome] += 1
        slowest = max(slowest, time.perf_counter() - start)
    memory = peak_mib()
    return {"outcomes": outcomes, "slowest_s": slowest, "memory_mib": memory}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
