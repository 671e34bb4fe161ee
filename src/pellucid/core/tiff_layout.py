"""How a TIFF file lays out its samples, and the samples themselves, any depth.

Pillow's libtiff unpacks LZW and its like well, but brings 16-bit colour to 8 bits. So
such blocks are put into a small TIFF that declares them plain bytes; libtiff unpacks
those, and byte order, predictor and channels are undone here. Deflate and LZMA go
to the standard library.

Source: TIFF 6.0, sections 7, 8, 14, 15; Adobe Photoshop TIFF technical notes 3
(predictor 3); sample formats of section 19.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile

from pellucid.core.errors import ASK_AGAIN, BadImage
from pellucid.core.ifd import Byteorder, Entry
from pellucid.core.modes import quiet
from pellucid.core.options import check_parts

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, CHANNELS, STRIP_ROWS, STRIP_SIZES = 273, 277, 278, 279
PLANAR, PREDICTOR, TILE_WIDTH, TILE_HEIGHT = 284, 317, 322, 323
TILE_OFFSETS, TILE_SIZES, EXTRA_SAMPLES, SAMPLE_FORMAT = 324, 325, 338, 339
FILL_ORDER = 266
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
COLOURS = {  # channels that are colour
    **{WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, PALETTE: 1},
    **{RGB: 3, YCBCR: 3, LAB: 3, CMYK: 4},
}

LZMA = 34925
OURS = frozenset({8, 32946, LZMA})  # Deflate and LZMA: the standard library has them
BYTE_PACKINGS = {  # packings that know nothing of pixels
    **{1: "none", 5: "lzw", 8: "deflate", 32946: "deflate"},
    **{32773: "packbits", LZMA: "lzma", 50000: "zstd"},
}
KINDS = {1: "u", 2: "i", 3: "f"}  # SampleFormat to numpy
PIECE_BYTES = 1 << 24  # strips are unpacked in pieces of about this size

Samples = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The numbers that say where samples stand and what they are.

    Attributes:
        width, height: Pixels.
        channels: Samples per pixel, extra ones included.
        bits: Bits per sample, of all channels.
        kind: ``u``, ``i`` or ``f`` as in numpy.
        photometric: What the first channels mean (`RGB`, `CMYK` ...).
        extras: ExtraSamples: 0 unspecified, 1 premultiplied, 2 plain alpha.
        compression: Number of the packing.
        predictor: 1 none, 2 differences, 3 differences of float bytes.
        is_planar: Channels stand one after the other.
        is_reversed: Bits of a byte stand the wrong way round (FillOrder 2).
        block: Width and height of a tile, or of a strip.
        is_tiled: Blocks are tiles.
        offsets, sizes: Where blocks stand and how long they are, in bytes.
        byteorder: ``<`` or ``>``.
    """

    width: int
    height: int
    channels: int
    bits: int
    kind: str
    photometric: int
    extras: tuple[int, ...]
    compression: int
    predictor: int
    is_planar: bool
    is_reversed: bool
    block: tuple[int, int]
    is_tiled: bool
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    byteorder: Byteorder

    @property
    def colours(self) -> int:
        """Channels that are colour, not alpha or something else."""
        return COLOURS.get(self.photometric, 0)

    @property
    def is_plain(self) -> bool:
        """Whether `pieces` can read it: whole bytes in a packing of bytes."""
        types = {"u": (8, 16, 32), "i": (8, 16, 32), "f": (16, 32, 64)}
        return (
            self.compression in BYTE_PACKINGS
            and self.bits in types[self.kind]
            and self.photometric in {WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, CMYK, LAB}
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one sample in the file."""
        return np.dtype(f"{self.byteorder}{self.kind}{self.bits // 8}")


def read_layout(
    entries: dict[int, Entry], byteorder: Byteorder, default_size: int
) -> Layout:
    """Read the layout from a directory.

    Args:
        default_size: Bytes of the file, the size of a strip that does not say.

    Raises:
        BadImage: If a number that is needed is missing or impossible.
    """

    def numbers(tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        entry = entries.get(tag)
        check_parts(entry.count if entry else 0)
        return (entry.ints(byteorder) if entry else ()) or default

    width, height = (numbers(tag, (0,))[0] for tag in (WIDTH, HEIGHT))
    if width <= 0 or height <= 0:
        raise BadImage(f"Its TIFF header says {width} x {height} pixels.")
    bits, formats = numbers(BITS, (1,)), numbers(SAMPLE_FORMAT, (1,))
    if len(set(bits)) > 1 or len(set(formats)) > 1:
        what = f"Its channels differ in depth: {bits[:8]} bits, format {formats[:8]}."
        raise BadImage(what, "Save it with equal channels.")
    channels = numbers(CHANNELS, (1,))[0]
    is_tiled = TILE_OFFSETS in entries
    rows = min(numbers(STRIP_ROWS, (height,))[0], height)
    block = (width, rows)
    if is_tiled:
        block = (numbers(TILE_WIDTH, (0,))[0], numbers(TILE_HEIGHT, (0,))[0])
    if min(block) <= 0 or max(block) > 1 << 24 or not 1 <= channels <= 64:
        raise BadImage(f"Its blocks are {block} pixels of {channels} channels.")
    kind = KINDS.get(formats[0], "u" if formats[0] == 4 else "")
    if not kind:
        raise BadImage(f"Its samples have the format {formats[0]} (complex numbers).")
    return Layout(
        width=width,
        height=height,
        channels=channels,
        bits=bits[0],
        kind=kind,
        photometric=numbers(PHOTOMETRIC, (BLACK_IS_ZERO,))[0],
        extras=numbers(EXTRA_SAMPLES),
        compression=numbers(COMPRESSION, (1,))[0],
        predictor=numbers(PREDICTOR, (1,))[0],
        is_planar=numbers(PLANAR, (1,))[0] == 2 and channels > 1,
        is_reversed=numbers(FILL_ORDER, (1,))[0] == 2,
        block=block,
        is_tiled=is_tiled,
        offsets=numbers(TILE_OFFSETS if is_tiled else STRIP_OFFSETS),
        sizes=numbers(TILE_SIZES if is_tiled else STRIP_SIZES, (default_size,)),
        byteorder=byteorder,
    )


def check_blocks(layout: Layout, data: bytes) -> None:
    """See that every block is there, before anything is unpacked.

    Raises:
        BadImage: If blocks are missing, end behind the file, or overlap so much that
            unpacking them would take more than the picture needs.
    """
    across, down = blocks_across(layout), blocks_down(layout)
    needed = across * down * (layout.channels if layout.is_planar else 1)
    if len(layout.offsets) < needed or len(layout.sizes) < needed:
        what = f"It has {len(layout.offsets)} of {needed} blocks of pixels."
        raise BadImage(what, ASK_AGAIN)
    spans = zip(layout.offsets[:needed], layout.sizes[:needed], strict=True)
    ends = [offset + size for offset, size in spans]
    if layout.compression == 1 and len(ends) == 1:
        return  # some writers leave the size of a single strip wrong
    if max(ends) > len(data):
        raise BadImage("The TIFF file ends inside its pixels.", ASK_AGAIN)
    if sum(layout.sizes[:needed]) > 2 * len(data):
        raise BadImage("Its blocks of pixels overlap.")


def blocks_across(layout: Layout) -> int:
    """Blocks beside each other."""
    return -(-layout.width // layout.block[0])


def blocks_down(layout: Layout) -> int:
    """Blocks below each other, in one plane."""
    return -(-layout.height // layout.block[1])


def pieces(layout: Layout, data: bytes) -> Iterator[tuple[slice, slice, Samples]]:
    """Unpack the samples, some rows at a time.

    Yields:
        Rows, channels, and their samples (rows, width, channels) in native order.

    Raises:
        BadImage: If a block is broken.
    """
    per_pixel = 1 if layout.is_planar else layout.channels
    across, down = blocks_across(layout), blocks_down(layout)
    row_bytes = across * layout.block[0] * per_pixel * layout.bits // 8
    step = max(1, PIECE_BYTES // (row_bytes * layout.block[1]))
    for plane in range(layout.channels if layout.is_planar else 1):
        channels = slice(plane, plane + per_pixel)
        for top in range(0, down, step):
            count = min(step, down - top)
            first = (plane * down + top) * across
            numbers = range(first, first + count * across)
            rows = slice(top * layout.block[1], (top + count) * layout.block[1])
            rows = slice(rows.start, min(rows.stop, layout.height))
            blocks = [
                data[o : o + n] for o, n in (_span(layout, data, i) for i in numbers)
            ]
            unpack = _by_python if layout.compression in OURS else _by_libtiff
            if layout.compression == 1 and not layout.is_reversed:
                unpack = _as_they_are
            unpacked = unpack(layout, blocks, rows.stop - rows.start, per_pixel)
            yield rows, channels, _samples(layout, unpacked, per_pixel)


def _as_they_are(
    layout: Layout, blocks: list[bytes], rows: int, per_pixel: int
) -> NDArray[np.uint8]:
    """Put unpacked blocks side by side, (rows, bytes of a row)."""
    width = layout.block[0] * per_pixel * layout.bits // 8
    across = blocks_across(layout)
    if not layout.is_tiled:
        return np.frombuffer(b"".join(blocks), np.uint8).reshape(rows, width)
    tiles = np.frombuffer(b"".join(blocks), np.uint8)
    tiles = tiles.reshape(-1, across, layout.block[1], width).swapaxes(1, 2)
    return tiles.reshape(-1, across * width)[:rows]


def _by_python(
    layout: Layout, blocks: list[bytes], rows: int, per_pixel: int
) -> NDArray[np.uint8]:
    """Unpack Deflate or LZMA, and see that every block holds all it must."""
    row = layout.block[0] * per_pixel * layout.bits // 8
    unpacked: list[bytes] = []
    for number, block in enumerate(blocks):
        tall = layout.block[1]
        if not layout.is_tiled:
            tall = min(tall, rows - number * tall)
        unpacker = _unpacker(layout.compression)
        try:
            raw = unpacker.decompress(block, row * tall)
        except Exception as error:  # zlib and lzma have errors of their own
            what = f"Its packed pixels are broken: {error}."
            raise BadImage(what, ASK_AGAIN) from error
        if len(raw) < row * tall:
            what = f"A block holds {len(raw)} of {row * tall} bytes."
            raise BadImage(what, ASK_AGAIN)
        unpacked.append(raw)
    return _as_they_are(layout, unpacked, rows, per_pixel)


def _unpacker(compression: int) -> Any:
    if compression == LZMA:
        from lzma import LZMADecompressor  # some builds of Python lack it

        return LZMADecompressor()
    return zlib.decompressobj()


def _by_libtiff(
    layout: Layout, blocks: list[bytes], rows: int, per_pixel: int
) -> NDArray[np.uint8]:
    """Let libtiff unpack a TIFF of gray bytes that holds these blocks."""
    with quiet():
        file = io.BytesIO(_disguised(layout, blocks, rows, per_pixel))
        return np.asarray(TiffImageFile(file))


def _disguised(layout: Layout, blocks: list[bytes], rows: int, per_pixel: int) -> bytes:
    """Write a TIFF of gray bytes that holds some blocks, still packed."""
    width = layout.block[0] * per_pixel * layout.bits // 8
    place, size = STRIP_OFFSETS, STRIP_SIZES
    shape = {STRIP_ROWS: layout.block[1]}
    if layout.is_tiled:
        place, size = TILE_OFFSETS, TILE_SIZES
        shape = {TILE_WIDTH: width, TILE_HEIGHT: layout.block[1]}
    tags = {WIDTH: width * blocks_across(layout), HEIGHT: rows, BITS: 8}
    tags |= {COMPRESSION: layout.compression, PHOTOMETRIC: BLACK_IS_ZERO, CHANNELS: 1}
    tags |= {FILL_ORDER: 2 if layout.is_reversed else 1} | shape
    head = 8 + 2 + 12 * (len(tags) + 2) + 4
    sizes = [len(block) for block in blocks]
    many = len(blocks) > 1
    start = head + (8 * len(blocks) if many else 0)
    offsets = [start + sum_ for sum_ in _running(sizes)]
    values = {tag: (1, value) for tag, value in tags.items()}
    values[place] = (len(blocks), head if many else offsets[0])
    values[size] = (len(blocks), head + 4 * len(blocks) if many else sizes[0])
    table = b"".join(
        struct.pack("<HHII", tag, 4, count, value)
        for tag, (count, value) in sorted(values.items())
    )
    lists = struct.pack(f"<{2 * len(blocks)}I", *offsets, *sizes) if many else b""
    header = struct.pack("<2sHIH", b"II", 42, 8, len(values))
    return b"".join([header, table, bytes(4), lists, *blocks])


def _span(layout: Layout, data: bytes, number: int) -> tuple[int, int]:
    """Offset and size of a block; a single unpacked strip is as long as it must be."""
    offset, size = layout.offsets[number], layout.sizes[number]
    if layout.compression == 1:
        per_pixel = 1 if layout.is_planar else layout.channels
        row = layout.block[0] * per_pixel * layout.bits // 8
        rows = layout.block[1]
        if not layout.is_tiled:
            top = number % blocks_down(layout) * rows
            rows = min(rows, layout.height - top)
        size = row * rows
        if offset + size > len(data):
            raise BadImage("The TIFF file ends inside its pixels.", ASK_AGAIN)
    return offset, size


def _running(sizes: list[int]) -> Iterator[int]:
    total = 0
    for size in sizes:
        yield total
        total += size


def _samples(layout: Layout, rows: NDArray[np.uint8], per_pixel: int) -> Samples:
    """Turn rows of bytes into samples, (rows, width, channels)."""
    height = rows.shape[0]
    blocks = rows.reshape(height, blocks_across(layout), -1)
    if layout.predictor == 3:
        samples = _undo_float_differences(layout, blocks, per_pixel)
    else:
        # Differences are whole numbers, also where the bits are those of floats.
        whole = np.dtype(f"{layout.byteorder}u{layout.bits // 8}")
        samples = np.ascontiguousarray(blocks).view(whole)
        samples = samples.reshape(*blocks.shape[:2], -1, per_pixel)
        native = whole.newbyteorder("=")
        if layout.predictor == 2:
            samples = np.cumsum(samples, axis=2, dtype=native)
        samples = samples.astype(native, copy=False)
        samples = samples.view(layout.dtype.newbyteorder("="))
    return samples.reshape(height, -1, per_pixel)[:, : layout.width]


def _undo_float_differences(
    layout: Layout, blocks: NDArray[np.uint8], per_pixel: int
) -> Samples:
    """Add up byte differences, then gather the bytes of each float.

    A row holds all first (highest) bytes, then all second ones, and so on; each byte
    is the difference to the one ``per_pixel`` bytes before.
    """
    size = layout.bits // 8
    shape = blocks.shape[:2]
    sums = blocks.reshape(*shape, -1, per_pixel)
    sums = np.cumsum(sums, axis=2, dtype=np.uint8).reshape(*shape, size, -1)
    gathered = np.ascontiguousarray(np.moveaxis(sums, 2, -1))
    floats = gathered.view(f">f{size}").astype(f"=f{size}")
    return floats.reshape(*shape, -1, per_pixel)
