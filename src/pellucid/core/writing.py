"""A picture to bytes: as it came in, or as the caller asks, and never less in silence.

What the wanted format cannot hold is named in a warning, one whole sentence each.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from pellucid.core import exif, iptc, xmp
from pellucid.core.colour_models import profile_space
from pellucid.core.errors import CannotWrite, UnknownName, did_you_mean
from pellucid.core.image import Carried, Image
from pellucid.core.modes import quiet, to_pillow
from pellucid.core.options import WriteOptions
from pellucid.core.privacy import apply_policy
from pellucid.core.protocols import Format
from pellucid.core.registry import FORMATS
from pellucid.core.samples import from_unit

ALIASES = {"jpg": "jpeg", "tif": "tiff", "heif": "heic", "dng": "raw", "pgm": "ppm"}
FALLBACK = "png"
PAYLOADS = {
    "icc": "ICC profile",
    "exif": "EXIF",
    "xmp": "XMP",
    "iptc": "IPTC",
    "photoshop": "Photoshop resources",
    "dpi": "resolution (dpi)",
    "texts": "text",
}
THUMBNAIL_QUALITIES = (85, 70, 50, 30)


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A file, not yet on disk.

    Attributes:
        data: Its bytes.
        format: Name of its format.
        warnings: What it does not hold although the picture did.
    """

    data: bytes
    format: str
    warnings: tuple[str, ...] = ()


def encode(image: Image, options: WriteOptions | None = None) -> Encoded:
    """Write a picture to the bytes of a file.

    Raises:
        CannotWrite: If the format cannot hold the picture or an option.
        UnknownName: If there is no such format.
    """
    options = options or WriteOptions()
    name = format_name(options.format or image.carried.format or FALLBACK)
    kind = FORMATS.get(name)
    _check_options(kind, options)
    losses: list[str] = []
    carried = apply_policy(image.carried, options.metadata)
    losses += carried.warnings[len(image.carried.warnings) :]
    if options.quality is not None and "quality" not in kind.holds:
        losses.append(f"{kind.title} loses nothing: a quality has no meaning there.")
    carried = _with_depth(carried, kind, options, losses)
    image = Image(image.pixels, image.alpha, carried)
    image = _with_colours(image, kind, losses)
    image = image.with_carried(**_payloads(image, kind, name, losses))
    image = _made_true(image)
    try:
        with quiet():
            data = kind().encode(image, options)
    except (ValueError, OSError, OverflowError, struct.error) as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        what = f"It cannot be written as {kind.title}: {reason}."
        raise CannotWrite(what, "Choose another format: `--format png`.") from error
    return Encoded(data=data, format=name, warnings=tuple(losses))


def format_name(name: str) -> str:
    """Find a format by its name or a usual short form.

    Raises:
        UnknownName: If there is none.
    """
    known = name.lower().removeprefix(".")
    known = ALIASES.get(known, known)
    if known not in FORMATS:
        what = f"There is no format called `{name}`."
        raise UnknownName(what, did_you_mean(known, FORMATS.names()))
    return known


def _check_options(kind: type[Format], options: WriteOptions) -> None:
    quality, depth = options.quality, options.bit_depth
    if quality is not None and not 1 <= quality <= 100:
        raise CannotWrite(f"Quality is {quality}; it must lie between 1 and 100.")
    depths = sorted({np.dtype(name).itemsize * 8 for name in kind.sample_types})
    if depth is not None and depth not in depths:
        text = ", ".join(str(d) for d in depths) or "none"
        what = f"{kind.title} cannot be written with {depth} bits per sample."
        raise CannotWrite(what, f"Possible here: {text}.")


def _with_depth(
    carried: Carried, kind: type[Format], options: WriteOptions, losses: list[str]
) -> Carried:
    """Choose the sample type: as asked for, as it was, or the next that fits."""
    sample_type = carried.sample_type
    if options.bit_depth is not None and options.bit_depth != carried.bit_depth:
        sample_type = f"uint{options.bit_depth}"
    if kind.sample_types and sample_type not in kind.sample_types:
        fitting = [name for name in ("uint16", "uint8") if name in kind.sample_types]
        fitting = fitting if carried.bit_depth > 8 else ["uint8"]
        losses.append(
            f"{sample_type} samples were rounded to {fitting[0]}:"
            f" {kind.title} holds no more."
        )
        sample_type = fitting[0]
    exact = carried.exact if sample_type == carried.sample_type else None
    return replace(carried, sample_type=sample_type, exact=exact)


def _with_colours(image: Image, kind: type[Format], losses: list[str]) -> Image:
    """See that gray is gray, and lay transparent pictures on white if need be."""
    carried, pixels, alpha = image.carried, image.pixels, image.alpha
    holds_premultiplied = "premultiplied" in kind.holds
    holds_gray = ("gray" if alpha is None else "gray_alpha") in kind.holds
    is_gray = carried.is_gray and (image.is_untouched or _is_gray(pixels))
    if carried.is_gray and not (is_gray and holds_gray):
        carried = replace(carried, is_gray=False)
        if profile_space(carried.icc) == "GRAY":
            losses.append("Its gray profile does not fit colour and is left out.")
            carried = replace(carried, icc=None)
    if alpha is not None and "alpha" not in kind.holds:
        if float(alpha.min()) < 1.0:
            losses.append(f"{kind.title} has no transparency: it was laid on white.")
            shown = pixels if carried.is_premultiplied else pixels * alpha[:, :, None]
            pixels = np.minimum(shown + (1.0 - alpha[:, :, None]), 1.0)
        alpha = None
    if carried.is_premultiplied and (alpha is None or not holds_premultiplied):
        if alpha is not None:
            safe = np.maximum(alpha, np.float32(1e-6))[:, :, None]
            pixels = np.minimum(pixels / safe, 1.0)
        carried = replace(carried, is_premultiplied=False, exact=None)
    return Image(pixels, alpha, carried)


def _is_gray(pixels: np.ndarray) -> bool:
    red = pixels[:, :, 0]
    return bool((red == pixels[:, :, 1]).all() and (red == pixels[:, :, 2]).all())


def _payloads(
    image: Image, kind: type[Format], name: str, losses: list[str]
) -> dict[str, tuple[()] | None]:
    """Empty the fields that the format has no place for, and name them."""
    changes: dict[str, tuple[()] | None] = {}
    for field, title in PAYLOADS.items():
        if getattr(image.carried, field) and field not in kind.holds:
            losses.append(f"{kind.title} has no place for {title}: it is left out.")
            changes[field] = () if field == "texts" else None
    block = (
        image.carried.exif if {"exif", "any_exif"} & kind.holds == {"exif"} else None
    )
    if block and not exif.is_readable(block):
        losses.append(f"{kind.title} cannot hold broken EXIF: it is left out.")
        changes["exif"] = None
    same = name == image.carried.format
    if image.carried.extras and not same:
        names = ", ".join(sorted({extra.name for extra in image.carried.extras}))
        losses.append(f"Blocks that {kind.title} does not know are left out: {names}.")
        changes["extras"] = ()
    return changes


def _made_true(image: Image) -> Image:
    """Correct what the metadata says about pixels: their number and thumbnails."""
    carried = image.carried
    size = (image.width, image.height)
    changes: dict[str, bytes | None] = {}
    is_same = image.is_untouched and carried.orientation == 1
    if carried.exif:
        block = exif.with_size(carried.exif, *size)
        changes["exif"] = (block if is_same else _with_thumbnail(block, image)) or None
    if carried.xmp:
        changes["xmp"] = xmp.with_size(carried.xmp, *size)
    if carried.photoshop and not is_same:
        changes["photoshop"] = iptc.without_thumbnail(carried.photoshop)
    return image.with_carried(**changes)


def _with_thumbnail(block: bytes, image: Image) -> bytes:
    """Draw the EXIF thumbnail anew, in the room of the old one; else drop it."""
    old = exif.thumbnail(block)
    if old is None:
        return exif.without_thumbnail(block)
    step = max(1, max(image.width, image.height) // 320)
    samples = from_unit(np.ascontiguousarray(image.pixels[::step, ::step]), "uint8")
    small = to_pillow(samples)
    small.thumbnail((160, 160), Pillow.Resampling.BOX)
    for quality in THUMBNAIL_QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality)
        new = exif.with_thumbnail(block, out.getvalue(), *small.size)
        if new is not None:
            return new
    return exif.without_thumbnail(block)
