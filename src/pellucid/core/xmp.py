"""XMP packets: edits of single bytes; everything else stays as it stood.

A parser tells where elements are, in bytes; only those bytes are touched. So a
namespace may have any prefix, and text in comments or CDATA is never mistaken. A
packet with a document type is not read, since entities can grow without end.

Source: XMP part 1 (ISO 16684-1), section 7 (RDF) and part 3, section 1.1 (packets);
EXIF 2.32 metadata for XMP (CIPA DC-010).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.parsers import expat

from pellucid.core.xmp_properties import Property, properties

EXIF = "http://ns.adobe.com/exif/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
THUMBNAIL = "http://ns.adobe.com/xap/1.0/g/img/"

ORIENTATION = (TIFF, "Orientation")
WIDTHS = frozenset({(TIFF, "ImageWidth"), (EXIF, "PixelXDimension")})
HEIGHTS = frozenset({(TIFF, "ImageLength"), (EXIF, "PixelYDimension")})
# Local names in any namespace, in lower case: cameras, drones and phones repeat them
# in namespaces of their own. "longtitude" is how one maker of drones spells it.
PRIVATE = frozenset(
    {"latitude", "longitude", "longtitude", "ownername", "cameraownername"}
    | {"imageuniqueid", "rawdatauniqueid", "makernote"}
)


def orientation(packet: bytes) -> int | None:
    """Read how the picture must be turned: 1 to 8; None when it is not said."""
    for each in _find(packet, lambda name: name == ORIENTATION):
        value = packet[each.value[0] : each.value[1]].strip() if each.value else b""
        if re.fullmatch(rb"[1-8]", value) and not each.is_nested:
            return int(value)
    return None


def with_orientation(packet: bytes, value: int) -> bytes:
    """Write how the picture must be turned, where it is said already.

    Args:
        packet: XMP packet, UTF-8; unchanged when it cannot be read.
        value: 1 to 8.
    """
    found = _find(packet, lambda name: name == ORIENTATION)
    return _patched(packet, {each.value: value for each in _own(found)})


def with_size(packet: bytes, width: int, height: int) -> bytes:
    """Make the size in a packet true, where it says one.

    Args:
        packet: XMP packet, UTF-8; unchanged when it cannot be read.
        width: Columns of the picture.
        height: Rows of the picture.
    """
    found = _own(_find(packet, lambda name: name in WIDTHS | HEIGHTS))
    sizes = {each.value: width if each.name in WIDTHS else height for each in found}
    return _patched(packet, sizes)


def without_private(packet: bytes) -> bytes:
    """Leave out places, serial numbers, owner, unique names and thumbnails.

    Returns:
        The packet; empty when it cannot be proven that nothing of these is left:
        not UTF-8, not well-formed, with a document type, or too long.
    """
    kept: list[bytes] = []
    end = 0
    for each in sorted(_find(packet, _is_private), key=lambda each: each.whole):
        if each.whole[0] >= end:  # else it lies inside one that is gone already
            kept.append(packet[end : each.whole[0]])
            end = each.whole[1]
    cleaned = b"".join([*kept, packet[end:]])
    return cleaned if _is_proven(cleaned) else b""


def _is_private(name: tuple[str, str]) -> bool:
    namespace, local = name[0], name[1].lower()
    return (
        namespace == THUMBNAIL
        or (namespace == XMP and local == "thumbnails")
        or local in PRIVATE
        or local.startswith("gps")
        or local.endswith("serialnumber")
    )


def _find(
    packet: bytes, is_wanted: Callable[[tuple[str, str]], bool]
) -> list[Property]:
    """Find properties; none when the packet cannot be read."""
    try:
        return properties(packet, is_wanted)
    except (ValueError, expat.ExpatError):
        return []


def _own(found: list[Property]) -> list[Property]:
    """Choose properties of this picture that are one value."""
    return [each for each in found if each.value is not None and not each.is_nested]


def _patched(packet: bytes, values: dict[tuple[int, int] | None, int]) -> bytes:
    """Write numbers over spans that do not overlap."""
    pieces: list[bytes] = []
    end = 0
    for span, value in sorted((s, v) for s, v in values.items() if s is not None):
        pieces += [packet[end : span[0]], str(value).encode()]
        end = span[1]
    return b"".join([*pieces, packet[end:]])


class _Witness:
    """Sees every name that a second, independent reading of the packet meets."""

    def __init__(self) -> None:
        self.is_clean = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        for name in (tag, *attributes):
            namespace, _, local = name.rpartition("}")
            if _is_private((namespace.removeprefix("{"), local)):
                self.is_clean = False

    def close(self) -> bool:
        return self.is_clean


def _is_proven(packet: bytes) -> bool:
    """Read the packet anew: well-formed, and nothing private is in it."""
    try:
        properties(packet, lambda name: False)  # no document type, UTF-8, not deep
        parser = ElementTree.XMLParser(target=_Witness(), encoding="utf-8")
        parser.feed(packet.rstrip(b"\0"))
        return bool(parser.close())
    except (ValueError, expat.ExpatError, ElementTree.ParseError):
        return False
