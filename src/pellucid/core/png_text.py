"""Text in PNG: captions, XMP, and the metadata that other programs hide in text.

Source: W3C PNG 11.3.3; XMP part 3 (keyword ``XML:com.adobe.xmp``); the ``Raw profile
type`` keywords are a convention of ImageMagick that many programs read.
"""

from __future__ import annotations

import zlib

from pellucid.core.image import Carried, Extra, Text
from pellucid.core.iptc import from_raw_profile, to_raw_profile
from pellucid.core.png_chunks import Chunk

XMP_KEYWORD = "XML:com.adobe.xmp"
RAW = "Raw profile type "
MAX_TEXT = 1 << 24  # bytes one chunk may unpack to
MAX_TEXTS = 1 << 26  # and all of them together
WORTH_PACKING = 1024  # bytes


class TextChunks:
    """Sorts text chunks into captions and hidden metadata."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.unusual: list[Extra] = []
        self.exif: bytes | None = None
        self.xmp: bytes | None = None
        self.iptc: bytes | None = None
        self.warnings: list[str] = []
        self.room = MAX_TEXTS

    def take(self, chunk: Chunk) -> None:
        """Put one text chunk where it belongs; what cannot be read stays as it is."""
        read = {"tEXt": self._plain, "zTXt": self._packed, "iTXt": self._international}
        found = read[chunk.name](chunk.payload)
        if found is None:
            self.unusual.append(Extra(name=chunk.name, payload=chunk.payload))
            return
        keyword, text = found
        self.room -= len(text)
        if self._take_hidden(keyword, text):
            return
        encoding = "utf-8" if chunk.name == "iTXt" else "latin-1"
        try:
            self.texts.append(Text(keyword=keyword, text=text.decode(encoding)))
        except UnicodeDecodeError:
            self.unusual.append(Extra(name=chunk.name, payload=chunk.payload))

    @staticmethod
    def of(carried: Carried) -> list[Chunk]:
        """Write XMP and IPTC as the text chunks that other programs look for."""
        chunks: list[Chunk] = []
        if carried.xmp:
            head = XMP_KEYWORD.encode() + b"\0\0\0\0\0"
            chunks.append(Chunk("iTXt", head + carried.xmp))
        if carried.iptc:
            text = to_raw_profile(carried.iptc)
            chunks.append(text_chunk(Text(keyword=RAW + "iptc", text=text)))
        return chunks

    def _plain(self, payload: bytes) -> tuple[str, bytes] | None:
        keyword, zero, text = payload.partition(b"\0")
        return (keyword.decode("latin-1"), text) if zero and keyword else None

    def _packed(self, payload: bytes) -> tuple[str, bytes] | None:
        keyword, _, rest = payload.partition(b"\0")
        text = self._unpacked(rest[1:]) if rest[:1] == b"\0" else None
        return (
            (keyword.decode("latin-1"), text) if keyword and text is not None else None
        )

    def _international(self, payload: bytes) -> tuple[str, bytes] | None:
        """Language and translated keyword have no place in `Text`: kept as a block."""
        keyword, _, rest = payload.partition(b"\0")
        if not keyword or len(rest) < 4 or rest[2:4] != b"\0\0":
            return None
        text = self._unpacked(rest[4:]) if rest[0] else rest[4:]
        return (keyword.decode("latin-1"), text) if text is not None else None

    def _unpacked(self, packed: bytes) -> bytes | None:
        unpacker = zlib.decompressobj()
        try:
            text = unpacker.decompress(packed, min(MAX_TEXT, max(1, self.room)))
        except zlib.error:
            return None
        return text if unpacker.eof else None

    def _take_hidden(self, keyword: str, text: bytes) -> bool:
        if keyword == XMP_KEYWORD and self.xmp is None:
            self.xmp = text
            return True
        if not keyword.startswith(RAW):
            return False
        data = from_raw_profile(text.decode("latin-1"))
        if not data:
            return False
        kind = keyword.removeprefix(RAW).lower()
        if kind in {"exif", "app1"} and data.startswith(b"Exif\0\0") and not self.exif:
            self.exif = data[6:]
        elif kind == "xmp" and self.xmp is None:
            self.xmp = data
        elif kind == "iptc" and self.iptc is None:
            self.iptc = data
        else:
            return False
        return True


def text_chunk(text: Text) -> Chunk:
    """Write a caption: Latin-1 where it fits, else UTF-8; packed when it is long."""
    keyword = text.keyword.encode("latin-1", "replace")[:79].strip() or b"Comment"
    try:
        plain = text.text.encode("latin-1")
    except UnicodeEncodeError:
        words = text.text.encode("utf-8", "replace")
        if len(words) < WORTH_PACKING:
            return Chunk("iTXt", keyword + b"\0\0\0\0\0" + words)
        return Chunk("iTXt", keyword + b"\0\x01\0\0\0" + zlib.compress(words, 9))
    if len(plain) < WORTH_PACKING:
        return Chunk("tEXt", keyword + b"\0" + plain)
    return Chunk("zTXt", keyword + b"\0\0" + zlib.compress(plain, 9))
