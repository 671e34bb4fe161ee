"""Files that other programs would write, made without a line of our own writers."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import tifffile
from PIL import Image as Pillow
from PIL import PngImagePlugin

# Red, green, blue and white of each space, as CIE xy; gamma of its curve.
SPACES = {
    "sRGB": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290), 2.2),
    "Display P3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.3290), 2.2),
    "Adobe RGB": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290), 2.2),
    "ProPhoto": (
        *((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585)),
        1.8,
    ),
}
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="photo"/>'
    b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def samples(
    height: int, width: int, channels: int, kind: str = "uint8", seed: int = 5
) -> np.ndarray:
    """Noise that uses the whole range of a type, (height, width, channels)."""
    rng = np.random.default_rng(seed)
    shape = (height, width, channels)
    if np.dtype(kind).kind == "f":
        return rng.random(shape).astype(kind)
    return rng.integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)


def profile(space: str) -> bytes:
    """A matrix profile of version 2, valid for LittleCMS (ICC.1:2001-04)."""
    *corners, gamma = SPACES[space]
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in corners]).T
    white = columns[:, 3]
    bradford = np.array(
        [
            [0.8951, 0.2664, -0.1614],
            [-0.7502, 1.7135, 0.0367],
            [0.0389, -0.0685, 1.0296],
        ]
    )
    d50 = np.array([0.9642, 1.0, 0.8249])
    gains = np.diag((bradford @ d50) / (bradford @ white))
    scaled = columns[:, :3] * np.linalg.solve(columns[:, :3], white)
    matrix = np.linalg.inv(bradford) @ gains @ bradford @ scaled

    def xyz(values: np.ndarray) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(int(v * 65536) for v in values))

    name = space.encode() + b"\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, int(gamma * 256), 0)
    tags = {b"desc": text, b"wtpt": xyz(d50), b"cprt": b"text\0\0\0\0CC0\0"}
    for number, colour in enumerate((b"r", b"g", b"b")):
        tags[colour + b"XYZ"] = xyz(matrix[:, number])
        tags[colour + b"TRC"] = curve
    at, table, body = 132 + 12 * len(tags), b"", b""
    for tag, value in tags.items():
        value += bytes(-len(value) % 4)
        table += struct.pack(">4sII", tag, at + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">3i", *(int(v * 65536) for v in d50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def exif(
    orientation: int = 1, *, thumbnail: bytes = b"", size: tuple[int, int] = (0, 0)
) -> bytes:
    """An EXIF block as a camera writes it: big-endian, Exif and GPS directories."""
    main: dict[int, tuple[int, bytes]] = {
        0x010F: (2, b"Pellucid\0"),
        0x0110: (2, b"Test camera\0"),
        0x0112: (3, struct.pack(">H", orientation)),
        0x8769: (4, b"\0\0\0\0"),
        0x8825: (4, b"\0\0\0\0"),
    }
    detail = {
        0x829A: (5, struct.pack(">II", 1, 250)),
        0x927C: (7, bytes(range(200))),
        0xA002: (4, struct.pack(">I", size[0])),
        0xA003: (4, struct.pack(">I", size[1])),
        0xA431: (2, b"SERIAL-4711\0"),
    }
    place = {
        0x0001: (2, b"N\0"),
        0x0002: (5, struct.pack(">6I", 48, 1, 12, 1, 30, 1)),
    }
    small = {0x0201: (4, b"\0\0\0\0"), 0x0202: (4, struct.pack(">I", len(thumbnail)))}
    length = {2: 1, 3: 2, 4: 4, 5: 8, 7: 1}

    def room(entries: dict[int, tuple[int, bytes]]) -> int:
        values = sum(len(v) + len(v) % 2 for _, v in entries.values() if len(v) > 4)
        return 6 + 12 * len(entries) + values

    def directory(
        entries: dict[int, tuple[int, bytes]], at: int, following: int
    ) -> bytes:
        table, body = struct.pack(">H", len(entries)), b""
        start = at + 6 + 12 * len(entries)
        for tag, (kind, value) in sorted(entries.items()):
            table += struct.pack(">HHI", tag, kind, len(value) // length[kind])
            if len(value) <= 4:
                table += value.ljust(4, b"\0")
            else:
                table += struct.pack(">I", start + len(body))
                body += value + bytes(len(value) % 2)
        return table + struct.pack(">I", following) + body

    at_detail = 8 + room(main)
    at_place = at_detail + room(detail)
    at_small = at_place + room(place)
    main[0x8769] = (4, struct.pack(">I", at_detail))
    main[0x8825] = (4, struct.pack(">I", at_place))
    block = struct.pack(">2sHI", b"MM", 42, 8)
    block += directory(main, 8, at_small if thumbnail else 0)
    block += directory(detail, at_detail, 0) + directory(place, at_place, 0)
    if thumbnail:
        small[0x0201] = (4, struct.pack(">I", at_small + room(small)))
        block += directory(small, at_small, 0) + thumbnail
    return block


def png(
    pixels: np.ndarray,
    *,
    icc: bytes = b"",
    exif: bytes = b"",
    xmp: bytes = b"",
    chunks: tuple[tuple[bytes, bytes], ...] = (),
) -> bytes:
    """A PNG of 8 or 16 bits with unfiltered rows, (height, width, 1 to 4)."""
    height, width, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    deep = pixels.dtype.newbyteorder(">")
    rows = pixels.astype(deep).reshape(height, -1).view(np.uint8)
    rows = np.hstack([np.zeros((height, 1), np.uint8), rows])
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * pixels.itemsize, colour, 0, 0, 0
    )
    parts = [(b"IHDR", header)]
    parts += [(b"iCCP", b"name\0\0" + zlib.compress(icc))] if icc else []
    parts += [(b"eXIf", exif)] if exif else []
    parts += [(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)] if xmp else []
    parts += [*chunks, (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + name
        + body
        + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def tiff(
    pixels: np.ndarray,
    *,
    icc: bytes = b"",
    xmp: bytes = b"",
    orientation: int = 0,
    compression: str | None = None,
    **how: Any,
) -> bytes:
    """A TIFF by tifffile, (height, width, 1 to 4)."""
    channels = pixels.shape[2]
    tags = [(700, 1, len(xmp), xmp, True)] if xmp else []
    tags += [(274, 3, 1, orientation, True)] if orientation else []
    options: dict[str, Any] = {"metadata": None, "software": False}
    if channels in {2, 4}:
        options["extrasamples"] = ["unassalpha"]
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        pixels[:, :, 0] if channels == 1 else pixels,
        photometric="rgb" if channels > 2 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        iccprofile=icc or None,
        compression=compression,
        extratags=tags,
        **options | how,
    )
    return out.getvalue()


def pillow(pixels: np.ndarray, name: str, **how: Any) -> bytes:
    """A file by Pillow, 8 bits."""
    out = io.BytesIO()
    if pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    Pillow.fromarray(pixels).save(out, name, **how)
    return out.getvalue()


def png_text(**words: str) -> PngImagePlugin.PngInfo:
    """Text chunks for Pillow."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in words.items():
        info.add_text(keyword, text)
    return info


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """What a person sees, by Pillow's own constants."""
    turns = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: lambda p: np.rot90(p, 1),
    }
    return np.ascontiguousarray(turns.get(orientation, lambda p: p)(pixels))


def ink_profile() -> bytes:
    """A CMYK profile of version 2 in which full inks are paler than full light."""
    corners = np.indices((2, 2, 2, 2)).reshape(4, -1).T  # the last ink runs fastest
    cyan, magenta, yellow, black = corners.T
    light = 255 * (1 - black) * (1 - (0.3 * cyan + 0.4 * magenta + 0.1 * yellow))
    green_red = 128 + (1 - black) * (-30 * cyan + 60 * magenta)
    blue_yellow = 128 + (1 - black) * (-40 * cyan + 70 * yellow)
    grid = np.rint(np.stack([light, green_red, blue_yellow], axis=1)).astype(np.uint8)
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).ravel())
    table += 4 * ramp + grid.tobytes() + 3 * ramp
    name = b"Test inks\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = {
        b"desc": text,
        b"cprt": b"text\0\0\0\0CC0\0",
        b"wtpt": white,
        b"A2B0": table,
    }
    start, index, body = 132 + 12 * len(tags), b"", b""
    for tag, value in tags.items():
        index += struct.pack(">4sII", tag, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"none", 0x02400000, b"prtr", b"CMYK", b"Lab "
    )
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + index + body
