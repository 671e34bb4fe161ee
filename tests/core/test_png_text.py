"""Captions stay captions; hidden metadata is found; bombs stay small."""

import zlib

import pictures
import pytest

from pellucid.core import png_text
from pellucid.core.image import Carried, Text
from pellucid.core.png_chunks import Chunk
from pellucid.core.png_text import TextChunks, text_chunk

RECORD = b"\x1c\x02\x78\x00\x05Hello"


def taken(*chunks: Chunk) -> TextChunks:
    found = TextChunks()
    for chunk in chunks:
        found.take(chunk)
    return found


def raw_profile(kind: str, data: bytes) -> bytes:
    """As ImageMagick writes it: name, length, lines of 72 hexadecimal digits."""
    digits = data.hex()
    lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    return f"\n{kind}\n{len(data):8d}\n{lines}\n".encode()


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk("tEXt", b"Title\0caf\xe9"),
        Chunk("zTXt", b"Title\0\0" + zlib.compress(b"caf\xe9")),
        Chunk("iTXt", b"Title\0\0\0\0\0" + "café".encode()),
        Chunk("iTXt", b"Title\0\x01\0\0\0" + zlib.compress("café".encode())),
    ],
)
def test_the_three_kinds_of_text_are_read(chunk):
    found = taken(chunk)
    assert found.texts == [Text(keyword="Title", text="café")]
    assert found.unusual == []


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk("tEXt", b"no keyword ends here"),
        Chunk("tEXt", b"\0text"),
        Chunk("zTXt", b"Title\0\x05" + zlib.compress(b"x")),
        Chunk("zTXt", b"Title\0\0no deflate"),
        Chunk("zTXt", b"Title\0\0" + zlib.compress(b"x" * 99)[:-5]),
        Chunk("iTXt", b"Title\0\0\0de\0Titel\0Meer"),  # a language, a translation
        Chunk("iTXt", b"Title\0"),
        Chunk("iTXt", b"Title\0\0\0\0\0\xff\xfe"),
    ],
)
def test_what_cannot_be_read_stays_as_it_is(chunk):
    found = taken(chunk)
    assert found.texts == []
    assert [(e.name, e.payload) for e in found.unusual] == [(chunk.name, chunk.payload)]


def test_xmp_is_found_under_its_keyword():
    found = taken(Chunk("iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + pictures.XMP))
    assert found.xmp == pictures.XMP
    assert found.texts == []


def test_only_the_first_xmp_counts_and_the_second_is_not_lost():
    chunk = Chunk("iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<second/>")
    first = Chunk("iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + pictures.XMP)
    found = taken(first, chunk)
    assert found.xmp == pictures.XMP
    assert [text.text for text in found.texts] == ["<second/>"]


@pytest.mark.parametrize("kind", ["exif", "APP1"])
def test_exif_that_imagemagick_hid_is_found(kind):
    block = pictures.exif()
    text = raw_profile(kind, b"Exif\0\0" + block)
    packed = b"Raw profile type " + kind.encode() + b"\0\0" + zlib.compress(text)
    found = taken(Chunk("zTXt", packed))
    assert found.exif == block
    assert found.texts == []


def test_iptc_and_xmp_that_imagemagick_hid_are_found():
    iptc = Chunk("tEXt", b"Raw profile type iptc\0" + raw_profile("iptc", RECORD))
    xmp = Chunk("tEXt", b"Raw profile type xmp\0" + raw_profile("xmp", pictures.XMP))
    found = taken(iptc, xmp)
    assert (found.iptc, found.xmp) == (RECORD, pictures.XMP)


@pytest.mark.parametrize(
    "text",
    [b"", b"\nexif\n  5\nnot hex\n", b"\nexif\n 99\n4578\n", b"\nexif\n 2\n4d4d\n"],
)
def test_a_broken_hidden_profile_stays_text(text):
    found = taken(Chunk("tEXt", b"Raw profile type exif\0" + text))
    assert found.exif is None
    assert [each.keyword for each in found.texts] == ["Raw profile type exif"]


def test_a_bomb_is_not_unpacked():
    bomb = Chunk("zTXt", b"Title\0\0" + zlib.compress(bytes(1 << 25), 9))
    assert len(bomb.payload) < 40_000
    found = taken(bomb)
    assert found.texts == []
    assert [extra.payload for extra in found.unusual] == [bomb.payload]


def test_many_bombs_share_one_bound(monkeypatch):
    monkeypatch.setattr(png_text, "MAX_TEXTS", 10_000)
    chunk = Chunk("zTXt", b"Title\0\0" + zlib.compress(b"x" * 4_000, 9))
    found = taken(*[chunk] * 50)
    assert sum(len(text.text) for text in found.texts) <= 10_000
    assert len(found.texts) + len(found.unusual) == 50


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sea", "tEXt"),
        ("café", "tEXt"),
        ("Ωκεανός", "iTXt"),
        ("long " * 500, "zTXt"),
        ("μακρύ " * 500, "iTXt"),
    ],
)
def test_a_caption_is_written_as_plainly_as_it_can_be(text, name):
    wanted = Text(keyword="Title", text=text)
    chunk = text_chunk(wanted)
    assert chunk.name == name
    assert len(chunk.payload) < 1_100
    assert taken(chunk).texts == [wanted]


def test_an_impossible_keyword_is_made_possible():
    for keyword in ("", "   ", "k" * 200, "λέξη"):
        chunk = text_chunk(Text(keyword=keyword, text="Sea"))
        (text,) = taken(chunk).texts
        assert text.text == "Sea"
        assert 1 <= len(text.keyword) <= 79


def test_xmp_and_iptc_are_written_where_other_programs_look():
    chunks = TextChunks.of(Carried(xmp=pictures.XMP, iptc=RECORD))
    found = taken(*chunks)
    assert (found.xmp, found.iptc, found.texts) == (pictures.XMP, RECORD, [])
    assert TextChunks.of(Carried()) == []
