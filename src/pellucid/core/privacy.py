"""What a written file may tell about its owner: everything, little, or nothing.

``safe`` takes out what machines wrote down unasked (places, serial numbers, previews)
and keeps what people wrote by hand (captions, authors). A block that cannot be read
may hold anything, so ``safe`` drops it and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pellucid.core import exif, iptc, xmp
from pellucid.core.errors import SettingsError, did_you_mean
from pellucid.core.image import Carried, Extra, Text

POLICIES = ("keep", "safe", "none")

# PNG chunks that say what the numbers of the pixels mean.
COLOUR = frozenset({"gAMA", "cHRM", "sRGB", "cICP", "sBIT", "mDCV", "cLLI"})
# Chunks of a fixed, small shape, in which nothing can hide. All others can: eXIf and
# APP1 are EXIF and XMP, APP5 and APP6 hold the places of some cameras, and chunks and
# segments of one maker hold what that maker likes.
HARMLESS = COLOUR | {"bKGD", "hIST", "oFFs", "pHYs", "sCAL", "sTER", "tIME"}
# Texts that are EXIF, XMP or resources in disguise, by ImageMagick and by Adobe.
HIDDEN = re.compile(r"raw profile type .*|xml:com\.adobe\.xmp", re.I | re.S)
HANDWRITTEN = re.compile(r"raw profile type (iptc|8bim)", re.I)
# ImageMagick also writes single EXIF tags as texts: "exif:GPSLatitude".
PRIVATE = re.compile(
    r"(exif|tiff|aux)[:.].*(gps|serial|makernote|owner|uniqueid|thumb).*|gps.*|thumb:.*",
    re.I | re.S,
)


def apply_policy(carried: Carried, policy: str) -> Carried:
    """Take out of what a file carried what must not be written.

    Args:
        carried: What the file held beside its pixels.
        policy: ``keep`` changes nothing. ``safe`` drops places, serial numbers, owner,
            MakerNote and thumbnails; ICC, resolution, captions, authors and IPTC
            stay. ``none`` keeps only what says how the pixels must look: ICC,
            resolution and `COLOUR`.

    Raises:
        SettingsError: If there is no such policy.
    """
    if policy == "keep":
        return carried
    if policy == "none":
        extras = tuple(each for each in carried.extras if each.name in COLOUR)
        nothing = dict.fromkeys(("exif", "xmp", "iptc", "photoshop"))
        return replace(carried, **nothing, texts=(), extras=extras)
    if policy == "safe":
        return _safe(carried)
    what = f"There is no metadata policy called `{policy}`."
    raise SettingsError(what, did_you_mean(policy, POLICIES))


def _safe(carried: Carried) -> Carried:
    warnings = list(carried.warnings)
    changes: dict[str, Any] = {
        "exif": _cleaned(carried.exif, "EXIF", exif.without_private, warnings),
        "xmp": _cleaned(carried.xmp, "XMP", xmp.without_private, warnings),
        "photoshop": _cleaned(
            carried.photoshop, "Photoshop", iptc.without_private, warnings
        ),
    }
    texts = [_safe_text(text, warnings) for text in carried.texts]
    changes["texts"] = tuple(text for text in texts if text is not None)
    changes["extras"] = tuple(
        each for each in carried.extras if _is_harmless(each, warnings)
    )
    return replace(carried, **changes, warnings=tuple(warnings))


def _cleaned(
    block: bytes | None,
    name: str,
    clean: Callable[[bytes], bytes],
    warnings: list[str],
) -> bytes | None:
    """Clean a block; tell when nothing of it could be kept."""
    if not block:
        return None
    left = clean(block)
    is_only_previews = clean is iptc.without_private and iptc.is_readable(block)
    if not left and not is_only_previews:
        what = f"The {name} block is left out: nothing in it could be shown harmless."
        warnings.append(what)
    return left or None


def _safe_text(text: Text, warnings: list[str]) -> Text | None:
    """Keep captions, and IPTC in disguise without what may travel with it."""
    if not HIDDEN.fullmatch(text.keyword):
        return None if PRIVATE.fullmatch(text.keyword) else text
    if not HANDWRITTEN.fullmatch(text.keyword):
        return None
    data = iptc.from_raw_profile(text.text)
    if data and data[:1] == b"\x1c":  # an IPTC record itself: IPTC-IIM 4.2, 1.6
        return text
    left = iptc.without_private(data) if data else b""
    if left:
        name = text.keyword.rpartition(" ")[2]
        return replace(text, text=iptc.to_raw_profile(left, name))
    if not (data and iptc.is_readable(data)):
        warnings.append(f"The text `{text.keyword}` is left out: it cannot be read.")
    return None


def _is_harmless(extra: Extra, warnings: list[str]) -> bool:
    """Tell whether nothing private can stand in a block."""
    if extra.name in HARMLESS:
        return True
    if extra.name == "iTXt":  # a caption with its language or its keyword translated
        keyword = extra.payload.partition(b"\0")[0].decode("latin-1")
        return not (HIDDEN.fullmatch(keyword) or PRIVATE.fullmatch(keyword))
    what = f"The block {extra.name!r} is left out: nothing says what stands in it."
    warnings.append(what)
    return False
