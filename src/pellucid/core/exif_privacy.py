"""EXIF without what says where a picture was taken, by which camera, and by whom.

The block is written anew from the entries that may stay, so nothing that is left
out can be found in it: no forgotten thumbnail, no gap between two values. Nothing
is lost by that, since the MakerNote, the one part that must not move, goes as well.

Source: EXIF 2.32 (CIPA DC-008), sections 4.6.4 to 4.6.6; DNG 1.7.1, chapter 4;
GeoTIFF 1.1 (OGC 19-008r4), section 7.1; ExifTool, "EXIF Tags" (Adobe 0xFDE8 on).
"""

from __future__ import annotations

from contextlib import suppress

from pellucid.core.exif_blob import (
    Blob,
    Span,
    from_tree,
    merge,
    open_blob,
    overlap,
    preview_spans,
    spans,
    table,
    value_span,
)
from pellucid.core.ifd import (
    GPS,
    OFFSETS,
    POINTERS,
    RATIONAL,
    Directory,
    Entry,
    Tree,
    pointer,
    read_directory,
)

MAKER_NOTE = 0x927C
PRIVATE = frozenset(
    {
        0x013C,  # HostComputer
        0x02BC,  # XMP: it travels in its own block, where it is cleaned
        0x501B,  # ThumbnailData, by Windows
        0x8480,  # GeoTIFF: ModelPixelScale
        0x8482,  # GeoTIFF: ModelTiepoint
        0x85D8,  # GeoTIFF: ModelTransformation
        0x8649,  # Photoshop resources: thumbnail, copies of EXIF and XMP
        GPS,
        0x87AF,  # GeoTIFF: GeoKeyDirectory
        0x87B0,  # GeoTIFF: GeoDoubleParams
        0x87B1,  # GeoTIFF: GeoAsciiParams
        MAKER_NOTE,  # serial numbers, often places and faces
        0xA420,  # ImageUniqueID
        0xA430,  # CameraOwnerName
        0xA431,  # BodySerialNumber
        0xA435,  # LensSerialNumber
        0xC62F,  # CameraSerialNumber
        0xC634,  # DNGPrivateData
        0xC65D,  # RawDataUniqueID
        0xC68B,  # OriginalRawFileName
        0xFDE8,  # OwnerName
        0xFDE9,  # SerialNumber
        0xFE4C,  # RawFile
    }
)
FIRST_TAG = 0xFE  # of TIFF; below are only those of GPS and interoperability
INTEROP_TAGS = frozenset({0x1, 0x2, 0x1000, 0x1001, 0x1002})
KEPT = ("ifd0", "exif", "interop")


def without_private(blob: bytes) -> bytes:
    """Leave out GPS, thumbnail, MakerNote, serial numbers, owner and unique names.

    An entry that shares bytes with something left out goes with it.

    Returns:
        A new block; empty if nothing is left, or if the old one cannot be read or
        hides a directory in private bytes: what cannot be read may hold anything.
    """
    opened = open_blob(blob)
    if opened is None:
        return b""
    private = merge(_private_spans(opened))
    tables = [
        table(opened.directories[name]) for name in KEPT if name in opened.directories
    ]
    if any(overlap(span, private) for span in tables):
        return b""
    kept = {
        name: _kept(opened.directories[name], name, private)
        for name in KEPT
        if name in opened.directories
    }
    if not any(kept.values()):
        return b""
    tree = Tree(
        ifd0=kept["ifd0"], exif=kept.get("exif", {}), interop=kept.get("interop", {})
    )
    return from_tree(tree, opened.byteorder)


def _private_spans(opened: Blob) -> list[Span]:
    """Find every byte that belongs to something private."""
    found: list[Span] = []
    hidden = opened.chain()
    if "gps" in opened.directories:
        hidden.append(opened.directories["gps"])
    for name in KEPT:
        directory = opened.directories.get(name)
        if directory is None:
            continue
        gone = [tag for tag in directory.entries if _is_private(name, tag)]
        outside = [value_span(directory, tag) for tag in gone]
        found += [span for span in outside if span[1] - span[0] > 4]
        found += preview_spans(directory, opened.byteorder)
        start = pointer(directory.entries, GPS, opened.byteorder)
        with suppress(ValueError):
            if start:
                hidden.append(read_directory(opened.data, start, opened.byteorder))
    for directory in hidden:
        found += spans(directory)
        found += preview_spans(directory, opened.byteorder)
    return found


def _kept(directory: Directory, name: str, private: list[Span]) -> dict[int, Entry]:
    """Choose the entries of a directory that may stay."""
    return {
        tag: entry
        for tag, entry in directory.entries.items()
        if not _is_private(name, tag)
        and not overlap(value_span(directory, tag), private)
        and not (name == "interop" and entry.type == RATIONAL)  # GPS in disguise
    }


def _is_private(name: str, tag: int) -> bool:
    if name == "interop":
        return tag not in INTEROP_TAGS
    return tag < FIRST_TAG or tag in PRIVATE | OFFSETS | POINTERS
