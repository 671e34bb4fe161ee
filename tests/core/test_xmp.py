"""XMP edits: a few bytes change, and private things are proven to be gone."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core import xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMES = {
    "rdf": RDF,
    "tiff": xmp.TIFF,
    "exif": xmp.EXIF,
    "xmp": xmp.XMP,
    "img": xmp.THUMBNAIL,
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "ex": "http://cipa.jp/exif/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "drone": "http://www.dji.com/drone-dji/1.0/",
}


def packet(attributes: str = "", elements: str = "", **prefixes: str) -> bytes:
    spaces = " ".join(f'xmlns:{k}="{v}"' for k, v in (NAMES | prefixes).items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}>\n'
        f' <rdf:Description rdf:about=""{attributes}>{elements}</rdf:Description>\n'
        "</rdf:RDF></x:xmpmeta>\n   \n<?xpacket end='w'?>"
    ).encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (' tiff:Orientation="6"', ' tiff:Orientation="1"'),
        ("\n  tiff:Orientation = '6'", "\n  tiff:Orientation = '1'"),
        (' a=">" tiff:Orientation="8"', ' a=">" tiff:Orientation="1"'),
    ],
)
def test_the_orientation_in_an_attribute_is_written(before: str, after: str):
    assert xmp.orientation(packet(before)) in {6, 8}
    assert xmp.with_orientation(packet(before), 1) == packet(after)


@pytest.mark.parametrize("prefix", ["tiff", "t", "ns1"])
def test_the_orientation_in_an_element_is_written(prefix: str):
    before = packet("", f"<{prefix}:Orientation>6</{prefix}:Orientation>", t=xmp.TIFF)
    before = before.replace(
        b'xmlns:t="', b'xmlns:ns1="http://ns.adobe.com/tiff/1.0/" xmlns:t="'
    )
    assert xmp.orientation(before) == 6
    after = xmp.with_orientation(before, 1)
    assert after == before.replace(b"Orientation>6<", b"Orientation>1<")


def test_only_the_namespace_of_tiff_counts():
    before = packet(' tiff:Orientation="6"', tiff="urn:something-else")
    assert xmp.orientation(before) is None
    assert xmp.with_orientation(before, 1) == before


def test_a_comment_is_not_written():
    before = packet("", "<!-- <tiff:Orientation>6</tiff:Orientation> -->")
    assert xmp.with_orientation(before, 1) == before


def test_the_orientation_of_another_picture_stays():
    inner = "<dc:x><rdf:Bag><rdf:li tiff:Orientation='6'/></rdf:Bag></dc:x>"
    assert xmp.orientation(packet("", inner)) is None
    assert xmp.with_orientation(packet("", inner), 1) == packet("", inner)


@pytest.mark.parametrize("value", ["", "0", "9", "-1", "six", "66"])
def test_an_impossible_orientation_is_none(value: str):
    assert xmp.orientation(packet(f' tiff:Orientation="{value}"')) is None


def test_sizes_become_true_in_both_forms():
    form = " tiff:ImageWidth='{}' exif:PixelYDimension='{}'"
    inner = "<tiff:ImageLength>{}</tiff:ImageLength><exif:PixelXDimension>{}"
    inner += "</exif:PixelXDimension>"
    before = packet(form.format(40, 30), inner.format(30, 40))
    after = packet(form.format(3000, 4000), inner.format(4000, 3000))
    assert xmp.with_size(before, 3000, 4000) == after


PRIVATE_ATTRIBUTES = [
    *(' exif:GPSLatitude="48,51.5N"', " aux:SerialNumber='1&gt;2'"),
    *(' aux:LensSerialNumber="3"', ' aux:OwnerName="Somebody"'),
    *(' ex:BodySerialNumber="1"', ' ex:LensSerialNumber="1"'),
    *(' ex:CameraOwnerName="Somebody"', ' drone:GpsLongtitude="1"'),
    ' drone:Latitude="48.85"',
]
PRIVATE_ELEMENTS = [
    *("<exif:GPSLongitude>2,21E</exif:GPSLongitude>", "<exif:GPSAltitude/>"),
    "<exif:GPSx rdf:parseType='Resource'><exif:GPSy>1</exif:GPSy></exif:GPSx>",
    "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><img:image>/9j/"
    "</img:image></rdf:li></rdf:Alt></xmp:Thumbnails>",
    "<img:width>5</img:width>",
]


@pytest.mark.parametrize("attribute", PRIVATE_ATTRIBUTES)
def test_private_attributes_are_removed(attribute: str):
    caption = ' dc:title="GPS"'
    before = packet(attribute + caption, "<dc:creator>Me</dc:creator>")
    assert xmp.without_private(before) == packet(caption, "<dc:creator>Me</dc:creator>")


@pytest.mark.parametrize("element", PRIVATE_ELEMENTS)
def test_private_elements_are_removed(element: str):
    caption = "<dc:title>GPS</dc:title>"
    assert xmp.without_private(packet("", caption + element)) == packet("", caption)


def test_all_private_things_are_removed_at_once():
    before = packet("".join(PRIVATE_ATTRIBUTES), "".join(PRIVATE_ELEMENTS))
    assert xmp.without_private(before) == packet()


def test_private_things_are_found_under_any_prefix_and_as_default():
    inner = f"<GPSLatitude xmlns='{xmp.EXIF}'>1</GPSLatitude>"
    before = packet(' q:GPSLongitude="1"', inner, q=xmp.EXIF)
    assert xmp.without_private(before) == packet(q=xmp.EXIF)


def test_a_packet_without_private_things_stays_byte_for_byte():
    before = packet(' dc:title="x"') + bytes(3)
    assert xmp.without_private(before) == before


def test_a_byte_order_mark_does_not_shift_anything():
    before = b"\xef\xbb\xbf" + packet(' tiff:Orientation="6" exif:GPSx="1"')
    after = b"\xef\xbb\xbf" + packet(' tiff:Orientation="1"')
    assert xmp.without_private(xmp.with_orientation(before, 1)) == after


HOSTILE = [
    b"",
    b"not xml",
    packet(' exif:GPSLatitude="1"')[:-60],
    packet().decode().encode("utf-16"),
    b'<!DOCTYPE r [<!ENTITY a "b">]>' + packet(),
    b"<a>" * 100_000,
    packet("", "<exif:GPSx>\x01</exif:GPSx>"),
    packet("", "<exif:GPSx>?</exif:GPSx>").replace(b"?</exif", b"\xff</exif"),
    b"<?xml version='1.0' encoding='utf-7'?>" + packet(),
    packet(' z:GPSx="1"'),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_cannot_be_proven_clean_is_not_kept(data: bytes):
    assert xmp.without_private(data) == b""
    assert xmp.with_orientation(data, 1) == data
    assert xmp.with_size(data, 1, 1) == data
    assert xmp.orientation(data) is None


def test_a_long_packet_takes_no_longer_than_its_length():
    long = packet(" " * 500_000 + ' a="' + "&lt;" * 100_000 + '"')
    assert xmp.without_private(long) == long
    many = packet("", "<exif:GPSx/>" * 20_000)
    assert xmp.without_private(many) == packet()


def names_in(data: bytes) -> set[str]:
    found: set[str] = set()
    for element in ElementTree.fromstring(data.rstrip(b"\0")).iter():
        found |= {element.tag, *element.attrib}
    return found


WORDS = st.sampled_from(
    [
        *(b"<", b">", b"/", b'"', b"'", b"exif:", b"GPSx", b"tiff:Orientation", b"="),
        *(b" ", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"xmlns:", b"&lt;", b"<?p?>"),
        *(b"\xff", b"\0"),
    ]
)
WHOLE = packet("".join(PRIVATE_ATTRIBUTES), "".join(PRIVATE_ELEMENTS))


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), WORDS, st.integers(0, 9)), max_size=4
    )
)
def test_no_changed_packet_brings_a_place_through(edits: list[tuple[int, bytes, int]]):
    data = WHOLE
    for at, word, gone in edits:
        data = data[:at] + word + data[at + gone :]
    xmp.orientation(xmp.with_size(xmp.with_orientation(data, 1), 1, 1))
    after = xmp.without_private(data)
    if after:
        assert not [name for name in names_in(after) if "}gps" in name.lower()]


@given(st.binary(max_size=100))
def test_any_bytes_are_survived(data: bytes):
    assert xmp.with_orientation(data, 1) == data
    assert xmp.with_size(data, 1, 1) == data
    xmp.without_private(data)
