"""Two pictures side by side: one page that needs nothing but a browser.

The page holds the pictures, a map of where they differ, numbers, and a slider that
mouse, finger and arrow keys move. It loads nothing, and what the files carried beside
pixels and profile is not in it: no place, no names.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

import numpy as np
from PIL import Image as Pillow

from pellucid.core.errors import ImageError
from pellucid.core.files import encode
from pellucid.core.image import Carried, Image, Pixels
from pellucid.core.options import WriteOptions
from pellucid.core.samples import from_unit, to_unit

SHOWN_PIXELS = 4_000_000  # larger pictures are shown smaller; numbers are of all pixels
ROWS = 64
GAIN = 8.0  # the map shows differences this many times as strong


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How far two pictures are apart.

    Attributes:
        psnr: Of all channels, in dB; None where they are equal.
        mean_difference: Mean absolute difference, in [0, 1].
        largest_difference: Of any channel, in [0, 1].
        changed: Share of pixels that differ by more than half a level of 255.
    """

    psnr: float | None
    mean_difference: float
    largest_difference: float
    changed: float


def numbers(before: Image, after: Image) -> Numbers:
    """Measure two pictures of one size.

    Raises:
        ImageError: If the sizes differ.
    """
    _check(before, after)
    total = squares = largest = changed = 0.0
    for top in range(0, before.height, ROWS):
        rows = slice(top, top + ROWS)
        difference = np.abs(after.pixels[rows] - before.pixels[rows])
        total += float(difference.sum(dtype=np.float64))
        squares += float(np.square(difference).sum(dtype=np.float64))
        largest = max(largest, float(difference.max()))
        changed += float((difference.max(axis=2) > 0.5 / 255).sum())
    size = before.pixels.size
    return Numbers(
        psnr=float(10 * np.log10(size / squares)) if squares else None,
        mean_difference=total / size,
        largest_difference=largest,
        changed=changed * 3 / size,
    )


def page(before: Image, after: Image, title: str) -> str:
    """Write the page.

    Args:
        before: The picture as it was.
        after: The picture as it is now, of the same size.
        title: What stands above, as plain text.

    Returns:
        HTML 5, complete.

    Raises:
        ImageError: If the sizes differ.
    """
    found = numbers(before, after)
    shown = [_shown(image) for image in (before, after)]
    width, height = shown[0].width, shown[0].height
    size = f"{before.width} × {before.height} pixels"
    if width != before.width:
        size += f", shown at {width} × {height}"
    facts = {
        "Size": size,
        "PSNR": "equal" if found.psnr is None else f"{found.psnr:.2f} dB",
        "Mean difference": f"{255 * found.mean_difference:.2f} of 255",
        "Largest difference": f"{255 * found.largest_difference:.0f} of 255",
        "Changed pixels": f"{100 * found.changed:.1f} %",
    }
    rows = (f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return Template(_template()).substitute(
        title=escape(title),
        before=_data_uri(shown[0]),
        after=_data_uri(shown[1]),
        difference=_data_uri(_difference(*shown)),
        width=width,
        height=height,
        gain=f"{GAIN:g}",
        facts="".join(rows),
    )


def _check(before: Image, after: Image) -> None:
    if before.pixels.shape != after.pixels.shape:
        sizes = [f"{each.width} x {each.height}" for each in (before, after)]
        what = f"The pictures have two sizes, {sizes[0]} and {sizes[1]} pixels."
        raise ImageError(what, "Bring them to one size first.")


def _template() -> str:
    return (files("pellucid.restore") / "compare.html").read_text(encoding="utf-8")


def _shown(image: Image) -> Image:
    """Leave behind what is private, and make it smaller if need be."""
    pixels = image.pixels
    step = np.sqrt(image.width * image.height / SHOWN_PIXELS)
    if step > 1:
        size = (max(1, int(image.width / step)), max(1, int(image.height / step)))
        pixels = _resized(pixels, size)
    return Image(pixels, None, Carried(icc=image.carried.icc))


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    planes = [
        np.asarray(
            Pillow.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize(
                size, Pillow.Resampling.BOX
            )
        )
        for channel in range(3)
    ]
    return np.clip(np.dstack(planes), 0.0, 1.0, dtype=np.float32)


def _difference(before: Image, after: Image) -> Image:
    """Draw where they differ: black is nowhere, white is an eighth of the range."""
    apart = np.abs(after.pixels - before.pixels).max(axis=2, keepdims=True)
    strong = np.minimum(apart * np.float32(GAIN), 1.0)
    return Image(np.repeat(strong, 3, axis=2), None, Carried(is_gray=True))


def _data_uri(image: Image) -> str:
    rounded = Image(to_unit(from_unit(image.pixels, "uint8")))
    rounded = rounded.with_carried(icc=image.carried.icc, is_gray=image.carried.is_gray)
    data = encode(rounded, WriteOptions(format="png", quick=True)).data
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
