"""PNG: 8 and 16 bits exactly, every chunk that still holds true.

Pillow undoes compression, filters and interlacing. It hands 16-bit colour out as 8
bits, so its unpacker is asked twice: once for the high bytes and once for the low.
Source: W3C PNG (third edition), PNG extensions 1.5, XMP part 3 (iTXt keyword).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from pellucid.core.image import Carried, Extra, Image
from pellucid.core.modes import open_header, planes_of, stacked
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.png_chunks import Chunk, check_pixels, read_chunks, write_chunk
from pellucid.core.png_text import TextChunks, text_chunk
from pellucid.core.protocols import Format
from pellucid.core.samples import to_unit

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
COLOUR_TYPES = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGB_ALPHA}
# What says how to look at the numbers stands first (5.6 of the standard).
COLOUR_CHUNKS = ("cICP", "mDCV", "cLLI", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD")
LEFT_OUT = {
    "acTL": "It is an animation; only its first frame is read.",
    "caBX": "Content credentials (caBX) are left out: a change would void them.",
}
MAX_PROFILE = 1 << 24
INCH = 0.0254


class Png:
    """The lossless format of the web: 8 or 16 bits, alpha, any metadata."""

    title: ClassVar[str] = "PNG"
    extensions: ClassVar[tuple[str, ...]] = (".png", ".apng")
    holds: ClassVar[frozenset[str]] = frozenset(
        {"alpha", "icc", "exif", "xmp", "iptc", "dpi", "texts"}
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
        samples = _deep_samples(picture, SIGNATURE + essence, colour)
        key = _transparent_key(chunks, colour)
        carried |= {"is_gray": colour in {GRAY, GRAY_ALPHA}, "sample_type": "uint16"}
        return _deep_image(samples, key, Carried(**carried))

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write 8 or 16 bits, as the samples say."""
        del options  # PNG loses nothing, so there is no quality to choose
        kind, gray = image.carried.sample_type, image.carried.is_gray
        samples = stacked(image, kind, gray=gray)
        height, width, channels = samples.shape
        depth = 8 * samples.itemsize
        colour = COLOUR_TYPES[channels]
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        chunks = [
            Chunk("IHDR", header),
            *_colour_chunks(image.carried, colour),
            *_metadata_chunks(image.carried),
            *(Chunk("IDAT", part) for part in _compressed(samples)),
            Chunk("IEND", b""),
        ]
        return SIGNATURE + b"".join(write_chunk(chunk) for chunk in chunks)


DECODES = frozenset({"IHDR", "PLTE", "tRNS", "IDAT", "IEND"})


def _deep_samples(picture: Any, data: bytes, colour: int) -> NDArray[np.uint16]:
    """Decode 16-bit samples, (height, width, channels), with Pillow's unpackers."""
    if colour == GRAY:
        return np.asarray(picture)[:, :, None].astype(np.uint16)
    tile = picture.tile
    if colour == GRAY_ALPHA:  # two 16-bit samples are as wide as four 8-bit ones
        picture.tile = [tile[0]._replace(args="RGBA")]
        return np.ascontiguousarray(np.asarray(picture)).view(">u2").astype(np.uint16)
    mode = "RGB" if colour == RGB else "RGBA"
    other = PngImageFile(io.BytesIO(data))
    picture.tile = [tile[0]._replace(args=f"{mode};16B")]
    samples = np.asarray(picture).astype(np.uint16)
    samples <<= 8
    other.tile = [tile[0]._replace(args=f"{mode};16L")]
    samples |= np.asarray(other)
    return samples


def _transparent_key(chunks: list[Chunk], colour: int) -> tuple[int, ...] | None:
    """The one colour that tRNS declares transparent, as 16-bit samples."""
    for chunk in chunks:
        if chunk.name == "tRNS" and colour in {GRAY, RGB}:
            count = 1 if colour == GRAY else 3
            if len(chunk.payload) >= 2 * count:
                return struct.unpack_from(f">{count}H", chunk.payload)
    return None


def _deep_image(
    samples: NDArray[np.uint16], key: tuple[int, ...] | None, carried: Carried
) -> Image:
    alpha = None
    if samples.shape[2] in {2, 4}:
        alpha = to_unit(samples[:, :, -1])
        samples = samples[:, :, :-1]
    elif key is not None:
        alpha = (samples != np.array(key, np.uint16)).any(axis=2).astype(np.float32)
    pixels = to_unit(samples)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return Image(np.ascontiguousarray(pixels), alpha, carried)


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
    return {"dpi": (across * INCH, down * INCH), "dpi_unit": "metre"}


def _stays_true(chunk: Chunk, colour: int) -> bool:
    """Whether a block is right for the file that we would write."""
    if colour == PALETTE and chunk.name in {"bKGD", "sBIT"}:
        return False  # they speak of the palette
    return chunk.name in COLOUR_CHUNKS or chunk.is_safe_to_copy


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
        across, down = (max(1, round(value / INCH)) for value in carried.dpi)
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


def _compressed(samples: NDArray[Any]) -> Iterator[bytes]:
    """Filter row by row, deflate, and cut into chunks of a megabyte."""
    height, width, channels = samples.shape
    step = channels * samples.itemsize
    packer = zlib.compressobj(6, strategy=zlib.Z_FILTERED)
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


PLUGIN: type[Format] = Png
