"""Chunks of PNG are read with their checksums, and pixels are counted."""

import struct
import zlib

import numpy as np
import pictures
import pytest

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.options import Limits
from pellucid.core.png_chunks import Chunk, check_pixels, read_chunks, write_chunk

PIXELS = pictures.samples(6, 9, 3)
PNG = pictures.png(PIXELS, chunks=((b"tEXt", b"Title\0Sea"),))
HEAD = PNG[:8]


def rebuilt(*chunks: tuple[bytes, bytes]) -> bytes:
    return HEAD + b"".join(
        struct.pack(">I", len(body))
        + name
        + body
        + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def header(width: int = 9, height: int = 6, depth: int = 8, colour: int = 2) -> bytes:
    return struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def test_all_chunks_come_in_order():
    chunks, warnings = read_chunks(PNG, Limits())
    assert [chunk.name for chunk in chunks] == ["IHDR", "tEXt", "IDAT", "IEND"]
    assert chunks[1].payload == b"Title\0Sea"
    assert warnings == []


def test_written_chunks_are_those_that_were_read():
    chunks, _ = read_chunks(PNG, Limits())
    assert HEAD + b"".join(write_chunk(chunk) for chunk in chunks) == PNG


def test_names_say_what_a_chunk_is_for():
    assert Chunk("IDAT", b"").is_critical
    assert not Chunk("tEXt", b"").is_critical
    assert Chunk("tEXt", b"").is_safe_to_copy
    assert not Chunk("tIME", b"").is_safe_to_copy
    assert not Chunk("PLTe", b"").is_safe_to_copy


def test_every_prefix_is_refused():
    for length in range(8, len(PNG)):
        with pytest.raises(BadImage):
            read_chunks(PNG[:length], Limits())


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT", b"IEND"])
def test_a_wrong_checksum_of_the_picture_is_refused(name):
    at = PNG.index(name)
    (length,) = struct.unpack(">I", PNG[at - 4 : at])
    broken = bytearray(PNG)
    broken[at + 4 + length] ^= 1
    with pytest.raises(BadImage, match=f"chunk {name.decode()} is wrong"):
        read_chunks(bytes(broken), Limits())


def test_a_wrong_checksum_of_a_caption_leaves_the_caption_out():
    broken = PNG.replace(b"Title\0Sea", b"Title\0Tea")
    chunks, warnings = read_chunks(broken, Limits())
    assert "tEXt" not in [chunk.name for chunk in chunks]
    assert warnings == ["The checksum of its PNG chunk tEXt is wrong; it is left out."]


def test_an_unknown_chunk_that_is_needed_is_refused():
    with pytest.raises(BadImage, match="do not know: NEED"):
        read_chunks(rebuilt((b"IHDR", header()), (b"NEED", b"")), Limits())


def test_a_file_must_begin_with_its_header():
    with pytest.raises(BadImage, match="does not begin with a PNG header"):
        read_chunks(rebuilt((b"tEXt", b"a\0b"), (b"IHDR", header())), Limits())
    with pytest.raises(BadImage, match="does not begin with a PNG header"):
        read_chunks(rebuilt((b"IHDR", header()[:12])), Limits())


@pytest.mark.parametrize("size", [(0, 6), (9, 0)])
def test_a_header_without_pixels_is_refused(size):
    with pytest.raises(BadImage, match=f"{size[0]} x {size[1]} pixels"):
        read_chunks(rebuilt((b"IHDR", header(*size))), Limits())


def test_a_header_above_the_limit_is_too_large_though_nothing_follows():
    with pytest.raises(TooLarge):
        read_chunks(rebuilt((b"IHDR", header(60_000, 60_000))), Limits())


def test_bytes_that_are_no_chunk_are_refused():
    with pytest.raises(BadImage, match="no PNG chunk at byte 33"):
        read_chunks(PNG[:33] + b"\0\0\0\0\0\0\0\0" + PNG[33:], Limits())


def test_bytes_behind_the_end_are_told_unless_they_are_zero():
    assert read_chunks(PNG + bytes(9), Limits())[1] == []
    (warning,) = read_chunks(PNG + b"PK\x03\x04", Limits())[1]
    assert warning == "4 bytes behind the picture are left out."


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_all_pixels_are_counted_and_one_less_is_refused(channels, kind):
    data = pictures.png(pictures.samples(6, 9, channels, kind))
    chunks, _ = read_chunks(data, Limits())
    check_pixels(chunks)
    raw = zlib.decompress(chunks[1].payload)
    short = [chunks[0], Chunk("IDAT", zlib.compress(raw[:-1])), chunks[2]]
    with pytest.raises(BadImage, match=f"holds {len(raw) - 1} of {len(raw)} bytes"):
        check_pixels(short)


def test_pixels_may_be_spread_over_chunks():
    chunks, _ = read_chunks(PNG, Limits())
    packed = chunks[2].payload
    parts = [Chunk("IDAT", packed[i : i + 1]) for i in range(len(packed))]
    check_pixels([chunks[0], *parts, Chunk("IEND", b"")])
    with pytest.raises(BadImage):
        check_pixels([chunks[0], *parts[: len(parts) // 2], Chunk("IEND", b"")])


def test_packed_data_that_are_broken_are_refused():
    with pytest.raises(BadImage, match="packed pixels are broken"):
        check_pixels([Chunk("IHDR", header()), Chunk("IDAT", b"no deflate")])


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (9, 6), (17, 13)])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_seven_passes_of_adam7_are_counted(size, depth):
    width, height = size
    pattern = "16462646 77777777 56565656 77777777 36463646 77777777 56565656 77777777"
    rows = np.array([list(row) for row in pattern.split()], int)
    whole = np.tile(rows, (height // 8 + 1, width // 8 + 1))[:height, :width]
    total = 0
    for number in range(1, 8):
        counts = (whole == number).sum(axis=1)
        total += sum(1 + -(-count * depth // 8) for count in counts[counts > 0])
    interlaced = header(width, height, depth, 0)[:12] + b"\x01"
    exact = Chunk("IDAT", zlib.compress(bytes(total)))
    check_pixels([Chunk("IHDR", interlaced), exact])
    short = Chunk("IDAT", zlib.compress(bytes(total - 1)))
    with pytest.raises(BadImage, match=f"of {total} bytes"):
        check_pixels([Chunk("IHDR", interlaced), short])
