"""WebP: lossless stays lossless, bit for bit, also below transparent pixels.

Source: WebP container specification (RFC 9649).
"""

from __future__ import annotations

import io
from itertools import count
from typing import Any, ClassVar

from PIL.WebPImagePlugin import WebPImageFile

from pellucid.core.errors import ASK_AGAIN, BadImage
from pellucid.core.image import Carried, Image
from pellucid.core.modes import open_header, planes_of, stacked, to_pillow
from pellucid.core.options import Limits, WriteOptions, check_parts
from pellucid.core.protocols import Format

DEFAULT_QUALITY = 90
KNOWN = {"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP "}
ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, XMP_FLAG = 0x20, 0x10, 0x08, 0x04


class WebP:
    """The format of the web: 8 bits, with or without loss, alpha."""

    title: ClassVar[str] = "WebP"
    extensions: ClassVar[tuple[str, ...]] = (".webp",)
    holds: ClassVar[frozenset[str]] = frozenset(
        {"alpha", "quality", "icc", "exif", "any_exif", "xmp"}
    )
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        """A RIFF file of the kind WEBP."""
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode a WebP, or the first frame of an animation."""
        chunks = _chunks(data)
        limits.check(*_size(chunks))
        planes = planes_of(open_header(WebPImageFile, data, limits))
        warnings: list[str] = []
        if "ANIM" in chunks:
            warnings.append("It is an animation; only its first frame is read.")
        if unknown := sorted(chunks.keys() - KNOWN):
            warnings.append(f"Blocks we do not know are left out: {unknown}.")
        exif = chunks.get("EXIF")
        carried = Carried(
            format="webp",
            icc=chunks.get("ICCP"),
            exif=exif.removeprefix(b"Exif\0\0") if exif else None,
            xmp=chunks.get("XMP "),
            encoding={"lossless": "VP8L" in chunks},
            coded=_coded(chunks),
            warnings=tuple(warnings),
        )
        return Image(planes.pixels, planes.alpha, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write the coded pixels again; code changed ones as the source was.

        Sources without loss are written without loss, unless a quality is asked for.
        """
        carried = image.carried
        is_webp = image.is_untouched and carried.format == "webp"
        if is_webp and carried.coded and options.quality is None:
            return _container(carried.coded, image)
        how: dict[str, Any] = {"quality": options.quality or DEFAULT_QUALITY}
        if options.quality is None and carried.is_lossless:
            how = {"lossless": True, "exact": True, "quality": 80}
        out = io.BytesIO()
        to_pillow(stacked(image, "uint8", gray=False)).save(
            out,
            "WEBP",
            icc_profile=carried.icc or b"",
            exif=carried.exif or b"",
            xmp=carried.xmp or b"",
            **how,
        )
        return out.getvalue()


def _chunks(data: bytes) -> dict[str, bytes]:
    """Read the chunks of the container; the first of each name counts."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise BadImage("The WebP file ends before its last chunk.", ASK_AGAIN)
    chunks: dict[str, bytes] = {}
    at = 12
    for number in count():
        if at + 8 > end:
            break
        check_parts(number)
        name = data[at : at + 4].decode("latin-1")
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise BadImage(f"The WebP file ends inside its chunk {name!r}.", ASK_AGAIN)
        chunks.setdefault(name, data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return chunks


def _coded(chunks: dict[str, bytes]) -> bytes | None:
    """Take the chunks that code a still picture, with their names and lengths."""
    if "ANIM" in chunks:
        return None
    names = [name for name in ("ALPH", "VP8 ", "VP8L") if name in chunks]
    return b"".join(_chunk(name, chunks[name]) for name in names)


def _chunk(name: str, payload: bytes) -> bytes:
    length = len(payload).to_bytes(4, "little")
    return name.encode("latin-1") + length + payload + bytes(len(payload) % 2)


def _container(coded: bytes, image: Image) -> bytes:
    """Put coded pixels and metadata into one file (RFC 9649, 2.7)."""
    carried = image.carried
    flags = ICC_FLAG if carried.icc else 0
    flags |= ALPHA_FLAG if image.alpha is not None else 0
    flags |= EXIF_FLAG if carried.exif else 0
    flags |= XMP_FLAG if carried.xmp else 0
    width, height = ((n - 1).to_bytes(3, "little") for n in (image.width, image.height))
    parts = [coded]
    if flags:
        parts.insert(0, _chunk("VP8X", bytes([flags, 0, 0, 0]) + width + height))
    if carried.icc:
        parts.insert(1, _chunk("ICCP", carried.icc))
    parts += [_chunk("EXIF", carried.exif)] if carried.exif else []
    parts += [_chunk("XMP ", carried.xmp)] if carried.xmp else []
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _size(chunks: dict[str, bytes]) -> tuple[int, int]:
    """Read width and height of the canvas."""
    if len(head := chunks.get("VP8X", b"")) >= 10:
        width, height = (int.from_bytes(head[i : i + 3], "little") for i in (4, 7))
        return width + 1, height + 1
    if len(head := chunks.get("VP8L", b"")) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if len(head := chunks.get("VP8 ", b"")) >= 10:
        width, height = (int.from_bytes(head[i : i + 2], "little") for i in (6, 8))
        return width & 0x3FFF, height & 0x3FFF
    raise BadImage("It holds no WebP picture.")


PLUGIN: type[Format] = WebP
