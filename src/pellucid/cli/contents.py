"""What a picture file carries, as JSON."""

from __future__ import annotations

import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from pellucid.cli.batch import Facts
from pellucid.core.exif import describe
from pellucid.core.files import read
from pellucid.core.image import Image
from pellucid.core.options import Limits

# What most people look for. Names as in the EXIF standard and PIL.ExifTags.
USUAL_TAGS = (
    "Make",
    "Model",
    "LensModel",
    "DateTimeOriginal",
    "DateTime",
    "ExposureTime",
    "FNumber",
    "ISOSpeedRatings",
    "FocalLength",
    "Software",
    "Artist",
    "Copyright",
)
PLAIN = (bool, int, float, str)


def contents(file: Path, *, limits: Limits, every_tag: bool) -> Facts:
    """Read a file and list what it carries.

    Args:
        file: The picture.
        limits: How much may be read.
        every_tag: List all EXIF tags, not only the usual ones.
    """
    image = read(file, limits)
    carried = image.carried
    return {
        "file": str(file),
        "size_bytes": file.stat().st_size,
        "format": carried.format,
        "width": image.width,
        "height": image.height,
        "sample_type": carried.sample_type,
        "bit_depth": carried.bit_depth,
        "gray": carried.is_gray,
        "alpha": _alpha(image),
        "premultiplied": carried.is_premultiplied,
        "orientation": carried.orientation,
        "icc": _profile(carried.icc),
        "exif": _exif(carried.exif, every_tag=every_tag),
        "xmp": _payload(carried.xmp),
        "iptc": _payload(carried.iptc),
        "photoshop": _payload(carried.photoshop),
        "dpi": list(carried.dpi) if carried.dpi else None,
        "dpi_unit": carried.dpi_unit if carried.dpi else None,
        "texts": [{"keyword": t.keyword, "text": t.text} for t in carried.texts],
        "extras": [
            {"name": extra.name, **_sealed(extra.payload)} for extra in carried.extras
        ],
        "encoding": _plain(carried.encoding),
        "warnings": list(carried.warnings),
    }


def _alpha(image: Image) -> str:
    if image.alpha is None:
        return "none"
    return "opaque" if float(image.alpha.min()) == 1.0 else "used"


def _profile(icc: bytes | None) -> Facts | None:
    if icc is None:
        return None
    from PIL import ImageCms  # late: only pictures with a profile need LittleCMS

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        description = ImageCms.getProfileDescription(profile).strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        description = None
    return {"description": description, **_sealed(icc)}


def _exif(block: bytes | None, *, every_tag: bool) -> Facts | None:
    if block is None:
        return None
    tags = describe(block)
    place = any(tag in tags for tag in ("GPSLatitude", "GPSLongitude"))
    shown = tags if every_tag else {t: tags[t] for t in USUAL_TAGS if t in tags}
    count = {"tag_count": len(tags), "has_place": place, "tags": shown}
    return {**_sealed(block), **count}


def _payload(payload: bytes | None) -> Facts | None:
    return None if payload is None else _sealed(payload)


def _sealed(payload: bytes) -> Facts:
    return {"size_bytes": len(payload), "sha256": sha256(payload).hexdigest()}


def _plain(value: Any) -> Any:
    """Copy what a format said about its coding into what JSON can say."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return {str(key): _plain(each) for key, each in pairs}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value if value is None or isinstance(value, PLAIN) else str(value)
