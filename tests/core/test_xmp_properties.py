"""Where properties stand: spans that really are the property."""

import pytest

from pellucid.core.xmp_properties import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NAMES,
    Name,
    properties,
)

NS = "urn:a"


def wanted(name: Name) -> bool:
    return name[0] == NS


def test_elements_and_attributes_are_found_with_their_values():
    packet = b"<r xmlns:p='urn:a'\n p:x = \"1\"><p:y q='>'>  2 </p:y ><p:z/></r>"
    found = {each.name[1]: each for each in properties(packet, wanted)}
    assert packet[slice(*found["x"].whole)] == b'\n p:x = "1"'
    assert packet[slice(*found["x"].value)] == b"1"  # pyright: ignore
    assert packet[slice(*found["y"].whole)] == b"<p:y q='>'>  2 </p:y >"
    assert packet[slice(*found["y"].value)] == b"  2 "  # pyright: ignore
    assert packet[slice(*found["z"].whole)] == b"<p:z/>"
    assert found["z"].value is None


def test_the_namespace_counts_and_not_the_prefix():
    packet = b"<p:r xmlns:p='urn:b' p:x='1'><r xmlns='urn:a' x='2'/></p:r>"
    assert [each.name for each in properties(packet, wanted)] == [(NS, "r")]


def test_names_outside_of_ascii_are_found():
    packet = "<r xmlns:é='urn:a' é:ü='1'/>".encode()
    (found,) = properties(packet, wanted)
    assert packet[slice(*found.whole)] == " é:ü='1'".encode()


def test_comments_and_cdata_are_not_mistaken():
    packet = b"<r xmlns:p='urn:a'><!-- <p:x/> --><![CDATA[<p:x/>]]></r>"
    assert properties(packet, wanted) == []


def test_items_of_lists_are_nested():
    rdf = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    packet = b"<r xmlns:p='urn:a' xmlns:q='%s'><q:li p:x='1'/><p:x/></r>" % rdf
    assert [each.is_nested for each in properties(packet, wanted)] == [True, False]


@pytest.mark.parametrize(
    "packet",
    [
        b"<!DOCTYPE r><r/>",
        b"<!doctype r><r/>",
        "<r/>".encode("utf-16"),
        b"<?xml version='1.0' encoding='iso-8859-1'?><r/>",
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<r>" + bytes(1) + b"</r>",
        b" " * (MAX_BYTES + 1),
        b"<r>" + b"<a/>" * MAX_NAMES + b"</r>",
    ],
    ids=["doctype", "lower", "utf-16", "latin-1", "deep", "zero", "long", "many"],
)
def test_what_could_deceive_is_refused(packet: bytes):
    with pytest.raises(ValueError, match="packet"):
        properties(packet, wanted)
