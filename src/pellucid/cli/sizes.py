"""Numbers with a unit, as people read them."""

from __future__ import annotations

UNITS = ("kB", "MB", "GB", "TB")  # powers of 1000, as on disks and in file managers


def size_text(size_bytes: int) -> str:
    """Write a number of bytes with three digits at most: ``3.2 MB``."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes" if size_bytes != 1 else "1 byte"
    size, steps = size_bytes / 1000, 0
    while size >= 999.5 and steps < len(UNITS) - 1:
        size, steps = size / 1000, steps + 1
    digits = 0 if size >= 99.95 else 1
    return f"{size:.{digits}f} {UNITS[steps]}"
