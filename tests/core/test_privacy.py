"""Policies: what each of them lets through."""

import struct

import pytest

from pellucid.core import exif, iptc
from pellucid.core.errors import SettingsError
from pellucid.core.ifd import Entry, Tree
from pellucid.core.image import Carried, Extra, Text
from pellucid.core.privacy import apply_policy

MAKE = {0x10F: Entry(0x10F, 2, 6, b"Canon\0")}
GPS = {1: Entry(1, 2, 2, b"N\0")}
XMP = (
    b"<r xmlns:e='http://ns.adobe.com/exif/1.0/'"
    b" xmlns:d='http://purl.org/dc/elements/1.1/' d:title='Sea' e:GPSLatitude='1'/>"
)
RECORD = b"\x1c\x02\x78\x00\x05Hello"


def resource(number: int, payload: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(payload)) + payload


CARRIED = Carried(
    format="png",
    icc=b"profile",
    exif=exif.from_tree(Tree(ifd0=MAKE, gps=GPS), "<"),
    xmp=XMP,
    iptc=RECORD,
    photoshop=resource(0x0409, b"thumbs") + resource(0x03ED, b"dots"),
    dpi=(300.0, 300.0),
    texts=(
        Text(keyword="Title", text="Sea"),
        Text(keyword="Raw profile type exif", text="x"),
        Text(keyword="Raw profile type APP1", text="x"),
        Text(keyword="Raw profile type xmp", text="x"),
        Text(keyword="XML:com.adobe.xmp", text="x"),
        Text(keyword="exif:GPSLatitude", text="48/1"),
    ),
    extras=(
        Extra(name="gAMA", payload=b"\0\0\xb1\x8f"),
        Extra(name="tIME", payload=bytes(7)),
    ),
    source="sea.png",
)


def test_keep_keeps_everything():
    assert apply_policy(CARRIED, "keep") is CARRIED


def test_safe_drops_places_and_keeps_captions():
    safe = apply_policy(CARRIED, "safe")
    assert safe.exif == exif.from_tree(Tree(ifd0=MAKE), "<")
    assert safe.xmp == XMP.replace(b" e:GPSLatitude='1'", b"")
    assert safe.photoshop == resource(0x03ED, b"dots")
    assert safe.texts == (Text(keyword="Title", text="Sea"),)
    assert safe.extras == CARRIED.extras
    assert (safe.icc, safe.iptc, safe.dpi) == (b"profile", RECORD, (300.0, 300.0))
    assert safe.warnings == ()


def test_safe_twice_is_safe_once():
    once = apply_policy(CARRIED, "safe")
    assert apply_policy(once, "safe") == once


def test_none_keeps_what_says_how_pixels_look():
    nothing = apply_policy(CARRIED, "none")
    expected = Carried(
        format="png",
        icc=b"profile",
        dpi=(300.0, 300.0),
        extras=CARRIED.extras[:1],
        source="sea.png",
    )
    assert nothing == expected


def test_what_cannot_be_read_is_dropped_and_told():
    broken = Carried(exif=b"x", xmp=b"x", photoshop=b"x", warnings=("It is old.",))
    safe = apply_policy(broken, "safe")
    assert (safe.exif, safe.xmp, safe.photoshop) == (None, None, None)
    assert safe.warnings[0] == "It is old."
    names = [warning.split()[1] for warning in safe.warnings[1:]]
    assert names == ["EXIF", "XMP", "Photoshop"]


def test_empty_blocks_become_none():
    safe = apply_policy(Carried(exif=b"", xmp=b"", photoshop=b""), "safe")
    assert safe == Carried()


def test_resources_of_nothing_but_previews_are_dropped_without_a_word():
    safe = apply_policy(Carried(photoshop=resource(0x0409, b"thumbs")), "safe")
    assert safe == Carried()


@pytest.mark.parametrize("name", ["eXIf", "APP1", "APP6", "APP12", "prVt", "tEXt"])
def test_blocks_that_nobody_can_read_are_dropped_and_told(name: str):
    safe = apply_policy(Carried(extras=(Extra(name=name, payload=b"GPS"),)), "safe")
    assert safe.extras == ()
    assert safe.warnings == (
        f"The block {name!r} is left out: nothing says what stands in it.",
    )


def test_captions_in_other_languages_stay():
    caption = Extra(name="iTXt", payload=b"Title\0\0\0de\0Titel\0Meer")
    hidden = Extra(name="iTXt", payload=b"XML:com.adobe.xmp\0\0\0x\0\0<GPS>")
    safe = apply_policy(Carried(extras=(caption, hidden)), "safe")
    assert safe.extras == (caption,)


def test_iptc_in_a_text_is_cleaned():
    block = iptc.join(RECORD, resource(0x0422, b"Exif copy."))
    keyword = "Raw profile type iptc"
    text = Text(keyword=keyword, text=iptc.to_raw_profile(block))
    record = Text(keyword=keyword, text=iptc.to_raw_profile(RECORD))
    broken = Text(keyword=keyword, text="what")
    safe = apply_policy(Carried(texts=(text, record, broken)), "safe")
    left = [iptc.from_raw_profile(each.text) for each in safe.texts]
    assert left == [iptc.join(RECORD, None), RECORD]
    assert len(safe.warnings) == 1


def test_an_unknown_policy_is_refused():
    with pytest.raises(SettingsError, match="`save`") as caught:
        apply_policy(CARRIED, "save")
    assert caught.value.hint == "Did you mean `safe`?"
