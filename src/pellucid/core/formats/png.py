"""PNG: 8 and 16 bits exactly, every chunk that still holds true.

Source: W3C PNG (third edition), PNG extensions 1.5, XMP part 3 (iTXt keyword).
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, ClassVar

from PIL.PngImagePlugin import PngImageFile

from pellucid.core.image import Carried, Extra, Image
from pellucid.core.modes import open_header, planes_of, stacked
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.png_chunks import Chunk, check_pixels, read_chunks, write_chunk
from pellucid.core.png_samples import (
    GRAY,
    GRAY_ALPHA,
    PALETTE,
    RGB,
    RGB_ALPHA,
    compressed,
    deep_planes,
)
from pellucid.core.png_text import TextChunks, text_chunk
from pellucid.core.protocols import Format
from pellucid.core.resolution import from_per_metre, per_metre

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGB_ALPHA}
DECODES = frozenset({"IHDR", "PLTE", "tRNS", "IDAT", "IEND"})
OF_PALETTE = frozenset({"bKGD", "sBIT", "hIST"})  # in palette pictures
NOT_TOLD = DECODES | OF_PALETTE | {"fcTL", "fdAT"}
# Not marked as safe to copy, and yet true of the same picture: its date, its place on a
# page, what its numbers measure.
KEPT = frozenset({"tIME", "oFFs", "sCAL", "pCAL", "sTER", "sPLT"})
# What says how to look at the numbers stands first (5.6 of the standard).
COLOUR_CHUNKS = ("cICP", "mDCV", "cLLI", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD")
LEFT_OUT = {
    "acTL": "It is an animation; only its first frame is read.",
    "caBX": "Content credentials (caBX) are left out: a change would void them.",
}
MAX_PROFILE = 1 << 24


class Png:
    """The lossless format of the web: 8 or 16 bits, alpha, any metadata."""

    title: ClassVar[str] = "PNG"
    extensions: ClassVar[tuple[str, ...]] = (".png", ".apng")
    holds: ClassVar[frozenset[str]] = frozenset(
        {
            "alpha",
            "gray",
            "gray_alpha",
            "icc",
            "exif",
            "any_exif",
            "xmp",
            "iptc",
            "dpi",
            "texts",
        }
    )
    sample_types: ClassVar[tuple[str, ...]] = ("uint8", "uint16")

    def recognises(self, data: bytes) -> bool:
        """The eight signature bytes."""
        return data.startswith(SIGNATURE)

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode a PNG, or the first frame of an APNG."""
        chunks, warnings = read_chunks(data, limits)
        check_pixels(chunks)
        essence = b"".join(write_chunk(c) for c in chunks if c.name in DECODES)
        picture = open_header(PngImageFile, SIGNATURE + essence, limits)
        header = chunks[0].payload
        depth, colour = header[8], header[9]
        carried = _carried(chunks, colour)
        carried["warnings"] = (*warnings, *carried["warnings"])
        if depth < 16:
            planes = planes_of(picture)
            carried |= {"is_gray": planes.is_gray}
            return Image(planes.pixels, planes.alpha, Carried(**carried))
        key = _transparent_key(chunks, colour)
        planes = deep_planes(SIGNATURE + essence, colour, key)
        carried |= {"is_gray": planes.is_gray, "sample_type": "uint16"}
        return Image(planes.pixels, planes.alpha, Carried(**carried))

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write 8 or 16 bits, as the samples say."""
        kind, gray = image.carried.sample_type, image.carried.is_gray
        level = 1 if options.quick else 6
        samples = stacked(image, kind, gray=gray)
        height, width, channels = samples.shape
        depth = 8 * samples.itemsize
        colour = COLOUR_TYPES[channels]
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        chunks = [
            Chunk("IHDR", header),
            *_colour_chunks(image.carried, colour),
            *_metadata_chunks(image.carried),
            *(Chunk("IDAT", part) for part in compressed(samples, level)),
            Chunk("IEND", b""),
        ]
        return SIGNATURE + b"".join(write_chunk(chunk) for chunk in chunks)


def _transparent_key(chunks: list[Chunk], colour: int) -> tuple[int, ...] | None:
    """The one colour that tRNS declares transparent, as 16-bit samples."""
    for chunk in chunks:
        if chunk.name == "tRNS" and colour in {GRAY, RGB}:
            count = 1 if colour == GRAY else 3
            if len(chunk.payload) >= 2 * count:
                return struct.unpack_from(f">{count}H", chunk.payload)
    return None


def _carried(chunks: list[Chunk], colour: int) -> dict[str, Any]:
    """Collect what the chunks beside the pixels hold, as fields of `Carried`."""
    texts = TextChunks()
    extras: list[Extra] = []
    fields: dict[str, Any] = {"format": "png", "encoding": {"lossless": True}}
    for chunk in chunks:
        if chunk.name in {"tEXt", "zTXt", "iTXt"}:
            texts.take(chunk)
        elif chunk.name == "iCCP":
            fields["icc"] = _profile(chunk.payload, texts.warnings)
        elif chunk.name == "eXIf":
            fields["exif"] = chunk.payload.removeprefix(b"Exif\0\0")
        elif chunk.name == "pHYs":
            fields |= _resolution(chunk.payload)
        elif chunk.name in LEFT_OUT:
            texts.warnings.append(LEFT_OUT[chunk.name])
        elif _stays_true(chunk, colour):
            extras.append(Extra(name=chunk.name, payload=chunk.payload))
        elif chunk.name not in NOT_TOLD:
            what = f"Its PNG chunk {chunk.name} is left out: it may be untrue now."
            texts.warnings.append(what)
    fields.setdefault("exif", texts.exif)
    return fields | {
        "xmp": texts.xmp,
        "iptc": texts.iptc,
        "texts": tuple(texts.texts),
        "extras": (*extras, *texts.unusual),
        "warnings": tuple(texts.warnings),
    }


def _resolution(payload: bytes) -> dict[str, Any]:
    if len(payload) != 9 or payload[8] != 1:  # without a unit it is only a ratio
        return {}
    across, down = struct.unpack(">II", payload[:8])
    if not (across and down):
        return {}
    return {"dpi": (from_per_metre(across), from_per_metre(down)), "dpi_unit": "metre"}


def _stays_true(chunk: Chunk, colour: int) -> bool:
    """Whether a block is right for the file that we would write."""
    if colour == PALETTE and chunk.name in OF_PALETTE:
        return False
    return chunk.name in KEPT.union(COLOUR_CHUNKS) or chunk.is_safe_to_copy


def _profile(payload: bytes, warnings: list[str]) -> bytes | None:
    _, _, packed = payload.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE)
    except zlib.error:
        profile = b""
    if not profile or unpacker.unconsumed_tail:
        warnings.append("Its ICC profile is broken or huge, and is left out.")
        return None
    return profile


def _colour_chunks(carried: Carried, colour: int) -> list[Chunk]:
    extras = {e.name: e.payload for e in carried.extras if carried.format == "png"}
    names = [name for name in COLOUR_CHUNKS if name in extras]
    if carried.icc:
        names = [name for name in names if name != "sRGB"]  # never both (11.3.2.5)
    sizes = {GRAY: (1, 2), GRAY_ALPHA: (2, 2), RGB: (3, 6), RGB_ALPHA: (4, 6)}[colour]
    for name, size in zip(("sBIT", "bKGD"), sizes, strict=True):
        if name in names and len(extras[name]) != size:
            names.remove(name)
    chunks = [Chunk(name, extras[name]) for name in names]
    if carried.icc:
        packed = b"ICC profile\0\0" + zlib.compress(carried.icc, 9)
        chunks.insert(0, Chunk("iCCP", packed))
    return chunks


def _metadata_chunks(carried: Carried) -> list[Chunk]:
    chunks: list[Chunk] = []
    if carried.dpi:
        across, down = (per_metre(value) for value in carried.dpi)
        chunks.append(Chunk("pHYs", struct.pack(">IIB", across, down, 1)))
    if carried.exif:
        chunks.append(Chunk("eXIf", carried.exif))
    chunks += TextChunks.of(carried)
    chunks += [text_chunk(text) for text in carried.texts]
    if carried.format == "png":
        chunks += [
            Chunk(extra.name, extra.payload)
            for extra in carried.extras
            if extra.name not in COLOUR_CHUNKS
        ]
    return chunks


PLUGIN: type[Format] = Png
