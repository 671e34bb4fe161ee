"""How to tell a camera's raw file from a finished picture.

Many raw formats are TIFF files whose first page is only a preview; reading that page
would be a wrong picture without a word.

Source: DNG 1.7 (tag 50706, photometric 32803), and the magic numbers of CR2, CR3,
RAF, ORF and RW2 as LibRaw looks for them.
"""

from __future__ import annotations

from pellucid.core.ifd import parse_header, read_directory

DNG_VERSION, PHOTOMETRIC, SUBFILE, SUB_IFDS, MAKE = 50706, 262, 254, 330, 271
FILTER_ARRAY, LINEAR_RAW = 32803, 34892
MAGIC = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"\0MRM")


def is_camera_raw(data: bytes) -> bool:
    """Whether a file holds what a sensor saw, before anybody developed it.

    Args:
        data: The whole file; a part is enough for formats with a magic number.
    """
    if data.startswith(MAGIC) or data[4:12] == b"ftypcrx ":
        return True
    if data[:4] not in {b"II*\0", b"MM\0*"}:
        return False
    if data[8:10] == b"CR":
        return True
    try:
        byteorder, offset, _ = parse_header(data)
        entries = read_directory(data, offset, byteorder).entries
    except ValueError:
        return False

    def first(tag: int) -> int:
        numbers = entries[tag].ints(byteorder) if tag in entries else ()
        return numbers[0] if numbers else -1

    if DNG_VERSION in entries or first(PHOTOMETRIC) in {FILTER_ARRAY, LINEAR_RAW}:
        return True
    return MAKE in entries and SUB_IFDS in entries and first(SUBFILE) == 1
