"""What can be counted in a JPEG is counted."""

from __future__ import annotations

import numpy as np
import pictures
import pytest

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.jpeg_scans import Audit, Frame, read_frame

THREE = b"\x08\0\x30\0\x40\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"  # 64 x 48, 4:2:0
ALL = b"\x03\x01\0\x02\x11\x03\x11\0\x3f\0"
ENOUGH = bytes(100)


def audited(marker: int = 0xC0, interval: int = 0) -> Audit:
    audit = Audit(interval=interval)
    audit.add_frame(marker, THREE)
    return audit


def test_blocks_and_units_follow_the_sampling():
    frame = read_frame(0xC0, THREE)
    assert frame == Frame(0xC0, 64, 48, {1: (2, 2), 2: (1, 1), 3: (1, 1)})
    assert [frame.blocks(component) for component in (1, 2, 3)] == [48, 12, 12]
    assert frame.units([1, 2, 3]) == 12
    assert frame.units([1]) == 48


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "broken"),
        (THREE[:-1], "broken"),
        (b"\x0c" + THREE[1:], "12 bits per sample"),
        (b"\x08\0\0" + THREE[3:], "64 x 0 pixels"),
        (THREE.replace(b"\x11", b"\x01"), "sampling factors are zero"),
    ],
)
def test_an_impossible_frame_is_refused(payload, reason):
    with pytest.raises(BadImage, match=reason):
        read_frame(0xC0, payload)


def test_a_whole_scan_is_enough():
    audit = audited()
    audit.add_scan(ALL, ENOUGH)
    assert audit.finish() == []


def test_a_block_takes_two_bits_at_least():
    audit = audited()
    audit.add_scan(ALL, bytes(17))  # 72 blocks need 18 bytes
    with pytest.raises(BadImage, match="17 bytes of pixels; 64 x 48 need at least 18"):
        audit.finish()


def test_missing_restart_markers_are_missing_pixels():
    audit = audited(interval=4)  # 12 units: two markers between three parts
    audit.add_scan(ALL, ENOUGH + b"\xff\xd0" + ENOUGH + b"\xff\xd1" + ENOUGH)
    with pytest.raises(BadImage, match="holds 1 of 2 restart markers"):
        audit.add_scan(ALL, ENOUGH + b"\xff\xd0" + ENOUGH)


def test_a_component_without_a_scan_is_refused():
    audit = audited()
    audit.add_scan(b"\x01\x01\0\0\x3f\0", ENOUGH)
    with pytest.raises(BadImage, match="component has no scan"):
        audit.finish()


@pytest.mark.parametrize("header", [b"", b"\x00\0\x3f\0", b"\x01\x09\0\0\x3f\0"])
def test_a_scan_that_fits_no_frame_is_refused(header):
    with pytest.raises(BadImage):
        audited().add_scan(header, ENOUGH)
    with pytest.raises(BadImage):
        Audit().add_scan(ALL, ENOUGH)


def test_a_file_without_a_frame_has_no_picture():
    with pytest.raises(BadImage, match="no JPEG frame"):
        Audit().finish()


def test_missing_bits_of_a_progressive_file_are_told():
    audit = audited(0xC2)
    audit.add_scan(ALL[:-3] + b"\0\0\x01", ENOUGH)  # DC but its last bit
    for component in (1, 2, 3):
        audit.add_scan(bytes([1, component, 0, 1, 63, 0]), ENOUGH)
    (warning,) = audit.finish()
    assert "coarse" in warning
    audit.add_scan(ALL[:-3] + b"\0\0\x10", ENOUGH)  # the last bit of DC
    assert audit.finish() == []


def test_thousands_of_scans_are_refused():
    audit = Audit()
    audit.add_frame(0xC2, b"\x08\x1f\x40\x1f\x40" + THREE[5:])  # 8000 x 8000
    for _ in range(20):
        audit.add_scan(ALL, bytes(1_000_000))
    audit.finish()
    audit.add_scan(ALL, ENOUGH)
    with pytest.raises(TooLarge, match="21 scans"):
        audit.finish()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_real_files_pass(channels, progressive):
    from pellucid import decode

    for size in ((1, 1), (7, 9), (64, 48), (65, 49)):
        pixels = np.full((*size, channels), 200, np.uint8)
        for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
            data = pictures.pillow(
                pixels,
                "JPEG",
                quality=1,
                optimize=True,
                progressive=progressive,
                subsampling=subsampling,
                restart_marker_blocks=2,
            )
            assert decode(data).carried.warnings == ()
