"""EXIF in words: what a person reads, and what a terminal must not."""

import struct

from pellucid.core.exif_blob import from_tree
from pellucid.core.exif_description import MAX_TEXT, describe
from pellucid.core.ifd import Entry, Tree


def text(tag: int, value: bytes) -> Entry:
    return Entry(tag, 2, len(value), value)


def rationals(tag: int, *parts: tuple[int, int]) -> Entry:
    flat = [number for part in parts for number in part]
    return Entry(tag, 5, len(parts), struct.pack(f">{len(flat)}I", *flat))


def words(tree: Tree) -> dict[str, str]:
    return describe(from_tree(tree, ">"))


def table(*found: Entry) -> dict[int, Entry]:
    return {entry.tag: entry for entry in found}


def test_tags_have_names_and_values():
    found = words(
        Tree(
            ifd0=table(text(0x10F, b"Maker\0"), Entry(0x112, 3, 1, b"\0\6")),
            exif=table(
                rationals(0x829A, (1, 250)),
                rationals(0x829D, (28, 10)),
                rationals(0x920A, (5, 0)),
                Entry(0x927C, 7, 1234, bytes(1234)),
                Entry(0x9000, 7, 4, b"0232"),
                Entry(0xABCD, 3, 3, struct.pack(">3H", 1, 2, 3)),
            ),
        )
    )
    assert found == {
        "Make": "Maker",
        "Orientation": "6",
        "ExposureTime": "1/250",
        "FNumber": "2.8",
        "FocalLength": "5/0",
        "MakerNote": "<1234 bytes>",
        "ExifVersion": "0232",
        "Tag 0xABCD": "1, 2, 3",
    }


def test_places_are_decimal_degrees():
    gps = table(
        text(1, b"S\0"),
        rationals(2, (33, 1), (51, 1), (3540, 100)),
        text(3, b"E\0"),
        rationals(4, (151, 1), (12, 1), (40, 1)),
        Entry(5, 1, 1, b"\1"),
        rationals(6, (125, 10)),
    )
    found = words(Tree(gps=gps))
    assert found["GPSLatitude"] == "-33.859833"
    assert found["GPSLongitude"] == "151.211111"
    assert found["GPSAltitude"] == "-12.5 m"


def test_a_place_without_denominator_is_shown_as_it_stands():
    found = words(Tree(gps=table(rationals(2, (1, 0), (2, 0), (3, 0)))))
    assert found == {"GPSLatitude": "1/0, 2/0, 3/0"}


def test_text_cannot_steer_a_terminal():
    evil = "a\x1b[31mred\u202e\nb".encode() + b"\0"
    assert words(Tree(ifd0=table(text(0x10E, evil)))) == {
        "ImageDescription": "a[31mred b"
    }


def test_long_text_is_cut():
    long = text(0x10E, b"x" * 10_000 + b"\0")
    assert len(words(Tree(ifd0=table(long)))["ImageDescription"]) == MAX_TEXT + 1


def test_comments_are_read_in_their_character_set():
    ascii_, wide = b"ASCII\0\0\0hello", b"UNICODE\0" + "grün".encode("utf-16-be")
    for value, expected in ((ascii_, "hello"), (wide, "grün")):
        entry = Entry(0x9286, 7, len(value), value)
        assert words(Tree(exif=table(entry))) == {"UserComment": expected}


def test_texts_of_windows_are_read():
    title = "Zürich".encode("utf-16-le") + b"\0\0"
    assert words(Tree(ifd0=table(Entry(0x9C9B, 1, len(title), title)))) == {
        "XPTitle": "Zürich"
    }


def test_a_broken_block_has_nothing_to_say():
    assert describe(b"garbage") == {}
