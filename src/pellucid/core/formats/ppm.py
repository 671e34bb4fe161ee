"""PPM, PGM and PBM, plain and raw, up to 16 bits, exactly.

Pillow brings 16-bit colour to 8 bits here, so these few lines are our own.
Source: Netpbm, ppm(5), pgm(5), pbm(5).
"""

from __future__ import annotations

import re
import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import ASK_AGAIN, BadImage
from pellucid.core.image import Carried, Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format

# Magic number and two or three numbers, with comments between them.
GAP = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])+"
HEADER = re.compile(rb"P([2356])" + (GAP + rb"(\d{1,9})") * 3 + rb"[ \t\r\n\v\f]")
BITMAP = re.compile(rb"P([14])" + (GAP + rb"(\d{1,9})") * 2 + rb"[ \t\r\n\v\f]")
COMMENT = re.compile(rb"#[^\r\n]*")


class Ppm:
    """The plainest format: numbers and nothing beside them."""

    title: ClassVar[str] = "PPM"
    extensions: ClassVar[tuple[str, ...]] = (".ppm", ".pgm", ".pbm", ".pnm")
    holds: ClassVar[frozenset[str]] = frozenset({"gray"})
    sample_types: ClassVar[tuple[str, ...]] = ("uint8", "uint16")

    def recognises(self, data: bytes) -> bool:
        """P1 to P6 and white space."""
        return bool(re.match(rb"P[1-6][ \t\r\n\v\f#]", data))

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode any of the six kinds."""
        match = HEADER.match(data[:4096]) or BITMAP.match(data[:4096])
        if match is None:
            raise BadImage("Its PPM header is broken.")
        kind, width, height, *rest = (int(number) for number in match.groups())
        highest = rest[0] if rest else 1
        if not (width and height and 0 < highest < 65_536):
            what = f"Its PPM header says {width} x {height}, values up to {highest}."
            raise BadImage(what)
        limits.check(width, height)
        channels = 3 if kind in {3, 6} else 1
        body = memoryview(data)[match.end() :]
        samples = _samples(kind, body, (height, width, channels), highest)
        if int(samples.max()) > highest:
            raise BadImage(f"A value is {samples.max()}, above its maximum {highest}.")
        if kind in {1, 4}:
            samples = 1 - samples  # in bitmaps 1 is black
        pixels = np.divide(samples, np.float32(highest), dtype=np.float32)
        if channels == 1:
            pixels = np.repeat(pixels, 3, axis=2)
        carried = Carried(
            format="ppm",
            sample_type="uint8" if highest < 256 else "uint16",
            is_gray=channels == 1,
            encoding={"lossless": True, "highest": highest if rest else 255},
        )
        return Image(pixels, None, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write raw gray (P5) or colour (P6), with the maximum value of the source."""
        del options
        carried = image.carried
        deep = carried.sample_type == "uint16"
        highest = carried.encoding.get("highest") if carried.format == "ppm" else None
        if highest is None or (highest > 255) != deep:
            highest = 65_535 if deep else 255
        colours = image.pixels[:, :, :1] if carried.is_gray else image.pixels
        samples = np.rint(colours * np.float32(highest))
        kind = "P5" if carried.is_gray else "P6"
        header = f"{kind}\n{image.width} {image.height}\n{highest}\n".encode()
        return header + samples.astype(">u2" if deep else "u1").tobytes()


def _samples(
    kind: int, body: memoryview, shape: tuple[int, int, int], highest: int
) -> NDArray[Any]:
    height, width, channels = shape
    if kind == 4:
        row = -(-width // 8)
        _need(len(body), row * height)
        bits = np.frombuffer(body, np.uint8, row * height).reshape(height, row)
        return np.unpackbits(bits, axis=1)[:, :width, None]
    count = height * width * channels
    if kind in {5, 6}:
        dtype = np.dtype("u1" if highest < 256 else ">u2")
        _need(len(body), count * dtype.itemsize)
        return np.frombuffer(body, dtype, count).reshape(shape)
    text = COMMENT.sub(b" ", bytes(body))
    if kind == 1:  # digits may stand without a gap between them
        text = b" ".join(re.findall(rb"[01]", text[: 4 * count + 4096]))
    values = _numbers(text)
    _need(len(values), count)
    return values[:count].reshape(shape)


def _numbers(text: bytes) -> NDArray[Any]:
    """Read numbers that stand between white space."""
    if re.search(rb"[^0-9 \t\r\n\v\f]", text):
        raise BadImage("Among its PPM values is one that is not a number.")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return np.fromstring(text, np.int64, sep=" ")


def _need(there: int, needed: int) -> None:
    if there < needed:
        what = f"The PPM file holds {there} of the {needed} values it announces."
        raise BadImage(what, ASK_AGAIN)


PLUGIN: type[Format] = Ppm
