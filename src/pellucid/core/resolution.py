"""Dots per inch, in files that count per metre.

Such files hold whole numbers: 240 dpi become 9449 per metre, which are 240.0046 dpi.
Reading takes the whole number of dpi where it would be written as the same count.
"""

from __future__ import annotations

METRE_PER_INCH = 0.0254


def per_metre(dpi: float) -> int:
    """Dots per metre, at least one."""
    return max(1, round(dpi / METRE_PER_INCH))


def from_per_metre(count: int) -> float:
    """Dots per inch that are written as ``count`` per metre."""
    dpi = count * METRE_PER_INCH
    whole = float(round(dpi))
    return whole if whole and per_metre(whole) == count else dpi
