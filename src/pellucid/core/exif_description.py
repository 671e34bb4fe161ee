"""EXIF in words, for people: names of tags, values that can be read aloud.

Source: EXIF 2.32 (CIPA DC-008), sections 4.6.4 to 4.6.6; names as in PIL.ExifTags.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from pellucid.core.exif_blob import to_tree
from pellucid.core.ifd import ASCII, BYTE, UNDEFINED, Byteorder, Entry, parse_header

MAX_TEXT = 500  # characters shown
MAX_NUMBERS = 16  # numbers shown
USER_COMMENT, WINDOWS_TEXTS = 0x9286, frozenset(range(0x9C9B, 0x9CA0))
LATITUDE, LONGITUDE, ALTITUDE = 2, 4, 6  # each with its reference one below


def describe(blob: bytes) -> dict[str, str]:
    """Put the tags of a picture, of how and of where it was taken, into words.

    Returns:
        Name of a tag to its value. Fractions are decimal, except exposure-like ones
        (``1/250``); places are degrees, south and west negative; bytes are only
        counted. Empty when the block cannot be read.
    """
    from PIL.ExifTags import GPSTAGS, TAGS  # late: no picture library for `--help`

    tree = to_tree(blob)
    if tree is None:
        return {}
    byteorder = parse_header(blob)[0]
    found: dict[str, str] = {}
    for entries, names in ((tree.ifd0, TAGS), (tree.exif, TAGS), (tree.gps, GPSTAGS)):
        for tag, entry in sorted(entries.items()):
            name = names.get(tag, f"Tag 0x{tag:04X}")
            found.setdefault(name, _words(entry, byteorder))
    return found | _place(tree.gps, byteorder)


def _words(entry: Entry, byteorder: Byteorder) -> str:
    """Put one value into words."""
    if entry.tag in WINDOWS_TEXTS and entry.type == BYTE:
        return _printable(entry.value.decode("utf-16-le", "replace"))
    if entry.tag == USER_COMMENT and entry.type == UNDEFINED:
        return _comment(entry.value, byteorder)
    if entry.type == ASCII:
        return _printable(entry.text())
    if entry.count > MAX_NUMBERS or not entry.value:
        return f"<{len(entry.value)} bytes>"
    if entry.type == UNDEFINED:
        is_text = all(0x20 <= byte < 0x7F for byte in entry.value)
        return entry.text() if is_text else f"<{len(entry.value)} bytes>"
    numbers = [str(number) for number in entry.ints(byteorder)]
    numbers += [_fraction(over, under) for over, under in entry.rationals(byteorder)]
    return ", ".join(numbers) or f"<{len(entry.value)} bytes>"


def _comment(value: bytes, byteorder: Byteorder) -> str:
    """Read a UserComment: eight bytes name the character set, the text follows."""
    charset, text = value[:8].rstrip(b"\0 "), value[8:]
    wide = "utf-16-le" if byteorder == "<" else "utf-16-be"
    encoding = {b"UNICODE": wide, b"JIS": "shift_jis"}.get(charset, "utf-8")
    return _printable(text.decode(encoding, "replace"))


def _printable(text: str) -> str:
    """Leave out characters that could steer a terminal, and what is too long."""
    text = " ".join(text[: 4 * MAX_TEXT].split())
    shown = "".join(each for each in text if unicodedata.category(each)[0] != "C")
    return shown if len(shown) <= MAX_TEXT else shown[:MAX_TEXT] + "…"


def _fraction(over: int, under: int) -> str:
    if under == 0:
        return f"{over}/0"
    return f"1/{under}" if over == 1 and under > 1 else f"{over / under:.6g}"


def _place(gps: Mapping[int, Entry], byteorder: Byteorder) -> dict[str, str]:
    """Read latitude, longitude in decimal degrees, and altitude in metres."""
    place: dict[str, str] = {}
    for name, tag in (("GPSLatitude", LATITUDE), ("GPSLongitude", LONGITUDE)):
        parts = gps[tag].rationals(byteorder) if tag in gps else ()
        if len(parts) == 3 and all(under for _, under in parts):
            hours, minutes, seconds = (over / under for over, under in parts)
            degrees = hours + minutes / 60 + seconds / 3600
            side = gps[tag - 1].text().strip().upper() if tag - 1 in gps else ""
            place[name] = f"{-degrees if side in {'S', 'W'} else degrees:.6f}"
    height = gps[ALTITUDE].rationals(byteorder) if ALTITUDE in gps else ()
    if len(height) == 1 and height[0][1]:
        metres = height[0][0] / height[0][1]
        is_below = ALTITUDE - 1 in gps and gps[ALTITUDE - 1].value == b"\1"
        place["GPSAltitude"] = f"{-metres if is_below else metres:.6g} m"
    return place
