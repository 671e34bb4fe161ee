"""What a JPEG carries is taken out and put back, also in several pieces."""

from __future__ import annotations

import pictures
import pytest

from pellucid.core.errors import CannotWrite
from pellucid.core.image import Carried
from pellucid.core.jpeg_payloads import Payloads, has_jfif, with_payloads
from pellucid.core.jpeg_segments import segment
from pellucid.core.reading import decode
from pellucid.core.writing import encode

JPEG = pictures.pillow(pictures.samples(24, 32, 3), "JPEG")


def test_every_segment_has_one_place():
    found = Payloads()
    found.take("APP1", b"Exif\0\0MM")
    found.take("APP1", b"http://ns.adobe.com/xap/1.0/\0<x/>")
    found.take("APP2", b"ICC_PROFILE\0\x02\x02file")
    found.take("APP2", b"ICC_PROFILE\0\x01\x02pro")
    found.take("APP12", b"Ducky")
    found.take("APP14", b"Adobe")
    found.take("APP11", b"JP")
    found.take("COM", b"by the sea")
    fields = found.fields()
    assert (fields["exif"], fields["xmp"], fields["icc"]) == (
        b"MM",
        b"<x/>",
        b"profile",
    )
    assert [extra.name for extra in fields["extras"]] == ["APP12"]
    assert [text.text for text in fields["texts"]] == ["by the sea"]
    (warning,) = fields["warnings"]
    assert "Content credentials" in warning


def test_a_profile_that_lacks_a_piece_is_left_out_and_told():
    found = Payloads()
    found.take("APP2", b"ICC_PROFILE\0\x02\x02file")
    fields = found.fields()
    assert fields["icc"] is None
    assert fields["warnings"] == ["Its ICC profile lacks a piece and is left out."]


def test_payloads_stand_behind_the_header():
    carried = Carried(exif=b"MM", dpi=(300.0, 200.0))
    data = with_payloads(JPEG, carried)
    assert has_jfif(data)
    assert data[14:18] == b"\x01\x2c\x00\xc8"
    assert data[20:].startswith(b"\xff\xe1\x00\x0aExif\0\0MM")


def test_a_profile_beyond_all_segments_is_refused():
    with pytest.raises(CannotWrite, match="ICC profile"):
        with_payloads(JPEG, Carried(icc=bytes(255 * 65_519 + 1)))


def test_a_long_xmp_packet_is_written_in_pieces_and_comes_back():
    words = b"<x:xmpmeta>" + b"sea and sand " * 20_000 + b"</x:xmpmeta>"
    coded = encode(decode(JPEG).with_carried(xmp=words))
    assert coded.warnings == ()
    assert decode(coded.data).carried.xmp == words
    again = encode(decode(coded.data)).data
    assert again == coded.data


def test_the_extension_of_another_program_stays_as_it_is():
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32
    piece = head + (6).to_bytes(4, "big") + bytes(4) + b"<more>"
    packet = b"http://ns.adobe.com/xap/1.0/\0<its own words/>"
    data = JPEG[:2] + segment("APP1", packet) + segment("APP1", piece) + JPEG[2:]
    image = decode(data)
    assert image.carried.xmp == b"<its own words/>"
    assert piece in encode(image).data
