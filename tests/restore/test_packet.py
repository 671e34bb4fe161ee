from dataclasses import replace

import pictures
import pytest

from pellucid.core.errors import CannotWrite, SettingsError
from pellucid.core.records import Receipt, Request
from pellucid.core.xmp_properties import properties
from pellucid.restore.packet import EMPTY, NAMESPACE, receipt_in, with_receipt

RECEIPT = Receipt(
    input_sha256="0" * 64,
    output_sha256=None,
    versions={"numpy": "2"},
    model="fake",
    request=Request(prompt='5 < 6 & "so on" ]]> \u00fc \x01 \ue000'),
    seed=0,
    device="cpu",
)
FORMAT = ("http://purl.org/dc/elements/1.1/", "format")


def test_a_receipt_comes_back_from_a_packet_of_its_own():
    packet = with_receipt(None, replace(RECEIPT, output_sha256="1" * 64))
    assert receipt_in(packet) == RECEIPT
    assert packet.startswith(b"<?xpacket begin")
    assert packet.endswith(b'<?xpacket end="w"?>')


def test_what_the_packet_held_stays():
    packet = with_receipt(pictures.XMP, RECEIPT)
    assert receipt_in(packet) == RECEIPT
    assert len(properties(packet, lambda name: name == FORMAT)) == 1


def test_a_receipt_takes_the_place_of_an_earlier_one():
    first = with_receipt(pictures.XMP, RECEIPT)
    second = replace(RECEIPT, model="other")
    packet = with_receipt(first, second)
    assert receipt_in(packet) == second
    assert packet.count(b"<pellucid:Receipt>") == 1


def test_another_prefix_for_rdf_is_understood():
    renamed = pictures.XMP.replace(b"rdf:", b"r:").replace(b"xmlns:rdf", b"xmlns:r")
    assert receipt_in(with_receipt(renamed, RECEIPT)) == RECEIPT


def test_a_packet_without_a_receipt_has_none():
    assert receipt_in(EMPTY) is None
    assert receipt_in(pictures.XMP) is None


@pytest.mark.parametrize(
    "packet",
    [
        b"<broken",
        b"<a/>",
        b"\xff\xfe",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a><!-- </rdf:RDF> --></a>",
    ],
)
def test_a_packet_that_cannot_be_read_is_not_written_over(packet: bytes):
    with pytest.raises(CannotWrite, match="takes no receipt"):
        with_receipt(packet, RECEIPT)


def test_what_is_no_receipt_is_not_read_as_one():
    packet = with_receipt(None, RECEIPT)
    with pytest.raises(SettingsError):
        receipt_in(packet.replace(b'"model"', b'"modal"'))
    start = packet.index(b"<pellucid:Receipt>") + len(b"<pellucid:Receipt>")
    end = packet.index(b"</pellucid:Receipt>")
    with pytest.raises(SettingsError):
        receipt_in(packet[:start] + packet[end:])
    assert NAMESPACE.encode() in packet
