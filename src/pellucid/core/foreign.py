"""Files that are not ours to read, called by their names.

A user who hands over a PDF should hear that it is a PDF. Icons are measured as well,
since a header of 200 bytes may announce gigapixels.
"""

from __future__ import annotations

import struct

from pellucid.core.errors import BadImage
from pellucid.core.options import Limits

MAGIC = {
    b"\x76\x2f\x31\x01": "an OpenEXR picture",
    b"8BPS": "a Photoshop document",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\xff\x0a": "a JPEG XL picture",
    b"#?RADIANCE": "a Radiance HDR picture",
    b"SIMPLE  =": "a FITS picture",
    b"\0\0\x01\0": "a Windows icon",
    b"%PDF": "a PDF document",
    b"%!PS": "a PostScript document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML document",
    b"<html": "a web page",
    b"<!DOCTYPE": "a web page",
    b"push graphic-context": "a drawing of ImageMagick",
    b"gimp xcf": "a GIMP document",
    b"\x1aE\xdf\xa3": "a video",
    b"P7": "a PAM picture",
    b"Pf": "a PFM picture",
    b"PF": "a PFM picture",
}


def refuse(data: bytes, limits: Limits) -> None:
    """Say what a file is that no format recognises.

    Raises:
        BadImage: Always, unless it is an icon above the limit.
        TooLarge: If an icon announces more pixels than the limit.
    """
    if not data:
        raise BadImage("The file is empty.", "Ask for it again from where it came.")
    if data.startswith(b"\0\0\x01\0"):
        _measure_icon(data, limits)
    head = data[:64].lstrip()
    for magic, name in MAGIC.items():
        if head.lower().startswith(magic.lower()) or data.startswith(magic):
            hint = "Convert it to PNG, TIFF or JPEG first."
            raise BadImage(f"It is {name}, which is not read here.", hint)
    if data[4:8] == b"ftyp":
        brand = data[8:12].decode("latin-1", "replace")
        raise BadImage(f"It is a media file of the kind {brand!r}, not a picture.")
    what = "It is not a picture in a format that is read here."
    raise BadImage(what, "`pellucid list formats` shows those that are.")


def _measure_icon(data: bytes, limits: Limits) -> None:
    """Look at the size in the header of each picture of an icon."""
    count = min(int.from_bytes(data[4:6], "little"), 256)
    for number in range(count):
        place = data[18 + 16 * number : 22 + 16 * number]
        at = int.from_bytes(place, "little") if len(place) == 4 else len(data)
        head = data[at : at + 24]
        if head.startswith(b"\x89PNG"):
            if len(head) == 24:
                limits.check(*struct.unpack(">II", head[16:24]))
        elif len(head) >= 12:
            width, height = struct.unpack("<II", head[4:12])
            limits.check(width, height // 2)  # colours and mask stand on top
