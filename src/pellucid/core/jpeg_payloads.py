"""What the segments of a JPEG carry beside the picture, taken out and put back.

Source: T.871 (JFIF), CIPA DC-008 (Exif), XMP part 3 section 1.1.3, ICC.1 annex B.4,
Photoshop file formats (APP13).
"""

from __future__ import annotations

import hashlib
from typing import Any

from pellucid.core.errors import CannotWrite
from pellucid.core.image import Carried, Extra, Text
from pellucid.core.iptc import join, split
from pellucid.core.jpeg_segments import segment

EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
LONG_XMP = b"http://ns.adobe.com/xmp/extension/\0"
ICC, PHOTOSHOP, PICTURES = b"ICC_PROFILE\0", b"Photoshop 3.0\0", b"MPF\0"
SHORT_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
    b' xmpNote:HasExtendedXMP="%s"/></rdf:RDF></x:xmpmeta>'
)
ROOM = 65_533  # largest payload of one segment


class Payloads:
    """Sorts segments into what they hold."""

    def __init__(self) -> None:
        self.exif: bytes | None = None
        self.xmp: bytes | None = None
        self.long_xmp: list[bytes] = []
        self.icc: dict[int, bytes] = {}
        self.icc_count = 0
        self.photoshop: list[bytes] = []
        self.texts: list[Text] = []
        self.extras: list[Extra] = []
        self.warnings: list[str] = []

    def take(self, name: str, payload: bytes) -> None:
        """Put one segment where it belongs."""
        if name == "COM":
            text = payload.decode("utf-8", "surrogateescape")
            self.texts.append(Text(keyword="Comment", text=text))
        elif name == "APP1" and payload.startswith(EXIF) and self.exif is None:
            self.exif = payload[len(EXIF) :]
        elif name == "APP1" and payload.startswith(XMP) and self.xmp is None:
            self.xmp = payload[len(XMP) :]
        elif name == "APP1" and payload.startswith(LONG_XMP):
            self.long_xmp.append(payload)
        elif name == "APP2" and payload.startswith(ICC) and len(payload) >= 14:
            self.icc[payload[12]] = payload[14:]
            self.icc_count = max(self.icc_count, payload[13])
        elif name == "APP13" and payload.startswith(PHOTOSHOP):
            self.photoshop.append(payload[len(PHOTOSHOP) :])
        elif name == "APP2" and payload.startswith(PICTURES):
            what = "Further pictures in the file (previews or a gain map) are left out."
            self.warnings.append(what)
        elif name == "APP11":
            what = "Content credentials (APP11) are left out: a change would void them."
            self.warnings.append(what)
        elif name not in {"APP0", "APP14"}:  # the encoder writes these two anew
            self.extras.append(Extra(name=name, payload=payload))

    def fields(self) -> dict[str, Any]:
        """Everything found, as fields of `Carried`; call it once, at the end."""
        iptc, photoshop = split(b"".join(self.photoshop))
        return {
            "icc": self._profile(),
            "exif": self.exif,
            "xmp": self._packet(),
            "iptc": iptc,
            "photoshop": photoshop,
            "texts": tuple(self.texts),
            "extras": tuple(self.extras),
            "warnings": self.warnings,
        }

    def _packet(self) -> bytes | None:
        """Put a long packet together again, if a short one only stands for it.

        An extension beside a packet that says more of its own stays as it is.
        """
        name = self.long_xmp[0][len(LONG_XMP) :][:32] if self.long_xmp else b""
        if self.long_xmp and self.xmp == SHORT_XMP % name:
            pieces = {p[len(LONG_XMP) + 36 :][:4]: p for p in self.long_xmp}
            room = len(LONG_XMP) + 40
            whole = b"".join(pieces[at][room:] for at in sorted(pieces))
            digest = hashlib.md5(whole, usedforsecurity=False).hexdigest().upper()
            if digest.encode() == name:
                return whole
        self.extras += [Extra(name="APP1", payload=piece) for piece in self.long_xmp]
        return self.xmp

    def _profile(self) -> bytes | None:
        """Join the pieces of the ICC profile; a missing piece is told."""
        if not self.icc:
            return None
        if sorted(self.icc) != list(range(1, self.icc_count + 1)):
            self.warnings.append("Its ICC profile lacks a piece and is left out.")
            return None
        return b"".join(self.icc[number] for number in sorted(self.icc))


def with_payloads(coded: bytes, carried: Carried) -> bytes:
    """Put everything carried behind the JFIF header, or at the start without one."""
    end = 4 + int.from_bytes(coded[4:6], "big") if has_jfif(coded) else 2
    jfif = bytearray(coded[:end])
    if carried.dpi is not None:
        per_cm = carried.dpi_unit == "cm"
        jfif[13] = 2 if per_cm else 1
        for at, value in ((14, carried.dpi[0]), (16, carried.dpi[1])):
            count = round(value / 2.54 if per_cm else value)
            jfif[at : at + 2] = min(65_535, max(1, count)).to_bytes(2, "big")
    return b"".join([bytes(jfif), *_segments(carried), coded[end:]])


def has_jfif(coded: bytes) -> bool:
    """Whether there is a JFIF header, the place of the resolution."""
    return coded[2:4] == b"\xff\xe0"


def _segments(carried: Carried) -> list[bytes]:
    parts: list[bytes] = []
    if carried.exif:
        parts.append(segment("APP1", EXIF + carried.exif))
    extras = carried.extras if carried.format == "jpeg" else ()
    parts += _xmp_segments(carried.xmp or b"")
    parts += [segment(e.name, e.payload) for e in extras if e.name == "APP1"]
    parts += _in_pieces("APP2", ICC, carried.icc or b"")
    if carried.iptc or carried.photoshop:
        block = join(carried.iptc, carried.photoshop)
        room = ROOM - len(PHOTOSHOP)
        for start in range(0, len(block), room):
            piece = PHOTOSHOP + block[start : start + room]
            parts.append(segment("APP13", piece))
    parts += [segment(e.name, e.payload) for e in extras if e.name != "APP1"]
    for comment in (text.as_comment() for text in carried.texts):
        pieces = range(0, max(1, len(comment)), ROOM)
        parts += [segment("COM", comment[at : at + ROOM]) for at in pieces]
    return parts


def _xmp_segments(packet: bytes) -> list[bytes]:
    """Write XMP, in pieces when it is longer than a segment (XMP part 3, 1.1.3.1).

    The whole packet is then the extension, and a short one in front names it.
    """
    if len(packet) <= ROOM - len(XMP):
        return [segment("APP1", XMP + packet)] if packet else []
    name = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    parts = [segment("APP1", XMP + SHORT_XMP % name)]
    head = LONG_XMP + name + len(packet).to_bytes(4, "big")
    room = ROOM - len(head) - 4
    for at in range(0, len(packet), room):
        piece = head + at.to_bytes(4, "big") + packet[at : at + room]
        parts.append(segment("APP1", piece))
    return parts


def _in_pieces(name: str, head: bytes, payload: bytes) -> list[bytes]:
    room = ROOM - len(head) - 2
    pieces = [payload[at : at + room] for at in range(0, len(payload), room)]
    if len(pieces) > 255:
        raise CannotWrite("Its ICC profile is larger than JPEG can hold (16 MB).")
    return [
        segment(name, head + bytes([number, len(pieces)]) + piece)
        for number, piece in enumerate(pieces, start=1)
    ]
