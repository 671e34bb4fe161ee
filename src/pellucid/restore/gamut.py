"""Whether the colours of a picture are those that models have learned: sRGB."""

from __future__ import annotations

import io
from typing import Any

from PIL import ImageCms

# Columns of the sRGB matrix, adapted to D50: x and y of red, green and blue.
# Source: IEC 61966-2-1 with the Bradford matrix of ICC.1:2022 annex E.
SRGB = ((0.6485, 0.3309), (0.3212, 0.5978), (0.1559, 0.0661))
SAME = 0.01  # farther apart, primaries are others; Display P3 is off by 0.03


def other_colours(icc: bytes | None) -> str:
    """Say in one sentence that a profile is not sRGB; nothing where it is, or broken.

    Args:
        icc: The ICC profile of a file; a broken one was already spoken of by reading.
    """
    if icc is None:
        return ""
    try:
        whole: Any = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        name = ImageCms.getProfileDescription(whole).strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return ""
    facts = whole.profile
    if str(facts.xcolor_space).strip() != "RGB" or _is_srgb(facts, name):
        return ""
    what = f"Its colours are those of the profile `{name}`;"
    return f"{what} they were restored as if they were sRGB, and keep the profile."


def _is_srgb(facts: Any, name: str) -> bool:
    corners = (facts.red_primary, facts.green_primary, facts.blue_primary)
    if None in corners:  # a profile of tables: only its name tells
        return "srgb" in name.lower()
    places = [(x, y) for _, (x, y, _) in corners]
    return all(
        abs(x - sx) <= SAME and abs(y - sy) <= SAME
        for (x, y), (sx, sy) in zip(places, SRGB, strict=True)
    )
