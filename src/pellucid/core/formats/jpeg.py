"""JPEG: untouched pixels are never coded again, changed ones as the source was coded.

Source: ITU-T T.81 (JPEG), T.871 (JFIF).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import ImageChops
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from pellucid.core.colour_models import cmyk_to_srgb
from pellucid.core.errors import ASK_AGAIN, BadImage, CannotWrite
from pellucid.core.image import Carried, Image
from pellucid.core.jpeg_payloads import Payloads, has_jfif, with_payloads
from pellucid.core.jpeg_segments import Segments, read_segments
from pellucid.core.modes import (
    Planes,
    open_header,
    planes_of,
    quiet,
    stacked,
    to_pillow,
)
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format

LARGEST_SIDE = 65_500  # of libjpeg

DEFAULT_QUALITY = 95
FINE_QUALITY = 90  # from here on, colour is not subsampled

# Luminance quantization of T.81 table K.1, which libjpeg scales by its quality.
STANDARD = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


class Jpeg:
    """The format of cameras and of the web: 8 bits, lossy."""

    title: ClassVar[str] = "JPEG"
    extensions: ClassVar[tuple[str, ...]] = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")
    holds: ClassVar[frozenset[str]] = frozenset(
        {
            "gray",
            "quality",
            "icc",
            "exif",
            "any_exif",
            "xmp",
            "iptc",
            "photoshop",
            "dpi",
            "texts",
        }
    )
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        """A start-of-image marker and the first byte of another."""
        return data.startswith(b"\xff\xd8\xff")

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode one JPEG; further pictures in the file are named and left out."""
        segments = read_segments(data, limits)
        picture = open_header(JpegImageFile, segments.picture, limits)
        with quiet():
            _refuse_filled(segments.picture, picture)
        carried = _carried(segments, picture)
        if picture.mode == "CMYK":
            pixels, how = cmyk_to_srgb(picture, carried["icc"])
            carried |= {"icc": None, "is_gray": False}
            carried["warnings"].append(how)
            planes = Planes(pixels=pixels)
        else:
            planes = planes_of(picture)
            carried["coded"] = segments.picture
        carried["warnings"] = tuple(carried["warnings"])
        return Image(planes.pixels, None, Carried(**carried))

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write the coded pixels again, or code changed ones as the source was."""
        carried = image.carried
        if options.quality is None and (coded := _still_true(image)):
            return with_payloads(coded, carried)
        if max(image.height, image.width) > LARGEST_SIDE:
            what = f"JPEG holds {LARGEST_SIDE} pixels across; this is larger."
            raise CannotWrite(what, "Write PNG or TIFF: `--format png`.")
        out = io.BytesIO()
        samples = stacked(image, "uint8", gray=carried.is_gray)
        how = _coding(carried, options)
        to_pillow(samples).save(out, "JPEG", optimize=True, **how)
        return with_payloads(out.getvalue(), carried)


def _refuse_filled(data: bytes, picture: Any) -> None:
    """Refuse a picture whose end libjpeg made up, which it does without a word.

    Where coded data end early it leaves blocks gray or coarse. Noise behind the data
    of a whole picture changes nothing; behind data that are too short it shows.

    Raises:
        BadImage: If pixels were made up.
    """
    noise = np.random.default_rng(0).integers(1, 255, 64, np.uint8).tobytes()
    again = JpegImageFile(io.BytesIO(data[:-2] + noise + data[-2:]))
    if ImageChops.difference(picture, again).getbbox() is not None:
        raise BadImage("Its coded pixels end before the picture does.", ASK_AGAIN)


def _carried(segments: Segments, picture: Any) -> dict[str, Any]:
    """Collect what the file holds beside its pixels, as fields of `Carried`."""
    found = Payloads()
    for name, payload in segments.others:
        found.take(name, payload)
    fields = found.fields()
    fields["warnings"] += segments.warnings
    return fields | {
        "format": "jpeg",
        "is_gray": picture.mode == "L",
        "encoding": _encoding(picture),
        **_resolution(picture),
    }


def _encoding(picture: Any) -> dict[str, Any]:
    tables = [list(table) for table in picture.quantization.values()]
    return {
        "lossless": False,
        "quantization": tables,
        "quality": estimate_quality(tables),
        "subsampling": {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}.get(get_sampling(picture)),
        "progressive": bool(picture.info.get("progressive")),
    }


def estimate_quality(tables: list[list[int]]) -> int | None:
    """Find the quality of libjpeg, 1 to 100, whose luminance table is nearest.

    The tables of libjpeg scale with 5000 / q below 50 and 200 - 2 q above, in percent,
    and are cut at 255.
    """
    if not tables:
        return None
    total = sum(tables[0])
    return min(range(1, 101), key=lambda quality: abs(_table_sum(quality) - total))


def _table_sum(quality: int) -> int:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(255, max(1, (entry * scale + 50) // 100)) for entry in STANDARD)


def _resolution(picture: Any) -> dict[str, Any]:
    density, unit = picture.info.get("jfif_density"), picture.info.get("jfif_unit")
    if unit not in {1, 2} or not density or not all(density):
        return {}
    scale = 1.0 if unit == 1 else 2.54
    dpi = (density[0] * scale, density[1] * scale)
    return {"dpi": dpi, "dpi_unit": "inch" if unit == 1 else "cm"}


def _still_true(image: Image) -> bytes | None:
    """The coded pixels of the source, if they may be written as they are."""
    carried, coded = image.carried, image.carried.coded
    if coded is None or carried.format != "jpeg" or not image.is_untouched:
        return None
    if carried.dpi is not None and not has_jfif(coded):
        return None  # there is no place for a resolution that the source had not
    return coded


def _coding(carried: Carried, options: WriteOptions) -> dict[str, Any]:
    """Choose tables and subsampling: those of the source, or by quality."""
    how: dict[str, Any] = {}
    known: Mapping[str, Any] = carried.encoding if carried.format == "jpeg" else {}
    if options.quality is None and known.get("quantization"):
        how["qtables"] = known["quantization"]
        how["subsampling"] = known.get("subsampling") or "4:4:4"
    else:
        how["quality"] = options.quality or DEFAULT_QUALITY
        how["subsampling"] = "4:4:4" if how["quality"] >= FINE_QUALITY else "4:2:0"
    if carried.is_gray:
        del how["subsampling"]
    how["progressive"] = bool(known.get("progressive"))
    return how


PLUGIN: type[Format] = Jpeg
