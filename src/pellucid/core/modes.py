"""Pillow pictures to planes of float32, mode by mode.

Decoders are called by class, not through `PIL.Image.open`: only the formats we name
can run, and the pixel limit is ours instead of a global of Pillow's.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.ImageFile import ImageFile

from pellucid.core.errors import BadImage
from pellucid.core.image import Image
from pellucid.core.options import Limits
from pellucid.core.samples import ROWS_BYTES, from_unit

Plane = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Planes:
    """Pixels (height, width, 3), alpha (height, width) or None, both in [0, 1]."""

    pixels: Plane
    alpha: Plane | None = None
    is_gray: bool = False


def open_header(
    decoder: Callable[[io.BytesIO], ImageFile], data: bytes, limits: Limits
) -> Any:
    """Read a header with one Pillow decoder, and refuse sizes above the limit.

    Args:
        decoder: A class of a Pillow plug-in, such as ``PngImageFile``.

    Returns:
        The opened picture; no pixel is decoded yet. Typed loosely, since each
        decoder has attributes of its own.
    """
    with quiet():
        picture = decoder(io.BytesIO(data))
    limits.check(*picture.size)
    return picture


@contextmanager
def quiet() -> Generator[None]:
    """Keep Pillow's warnings about odd metadata off the screen; we give our own.

    Python's filters are global: another thread may miss a warning meanwhile, no more.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def planes_of(picture: Pillow.Image) -> Planes:
    """Bring an 8-bit Pillow picture of any mode with known colours to planes.

    Palettes are looked up, transparent colours and indexes become alpha, bilevel
    becomes 0 and 1. CMYK and Lab need a profile and go through `colour_models`.
    Rows are converted a few at a time: peak memory is Pillow's picture and ours.

    Raises:
        BadImage: If the mode has no defined conversion.
    """
    mode = _plain_mode(picture)
    with quiet():
        picture.load()
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.float32)
    alpha = np.empty((height, width), np.float32) if mode.endswith("A") else None
    step = max(1, ROWS_BYTES // (width * 4))
    for top in range(0, height, step):
        rows = picture.crop((0, top, width, min(top + step, height))).convert(mode)
        samples = np.asarray(rows).reshape(rows.height, width, len(mode))
        part = slice(top, top + rows.height)
        colours = samples[:, :, :3] if len(mode) > 2 else samples[:, :, :1]
        np.divide(colours, np.float32(255), out=pixels[part])
        if alpha is not None:
            np.divide(samples[:, :, -1], np.float32(255), out=alpha[part])
    return Planes(pixels=pixels, alpha=alpha, is_gray=len(mode) <= 2)


def _plain_mode(picture: Pillow.Image) -> str:
    """Name the one of L, LA, RGB, RGBA that a mode fits into without loss."""
    plain = {"1": "L", "L": "L", "LA": "LA", "PA": "RGBA", "RGBA": "RGBA"}
    plain |= dict.fromkeys(("RGB", "RGBX", "P", "YCbCr"), "RGB")
    if picture.mode not in plain:
        what = f"Its colour mode `{picture.mode}` has no conversion to RGB here."
        raise BadImage(what, "Save it as RGB in the program that wrote it.")
    mode = plain[picture.mode]
    if picture.has_transparency_data and not mode.endswith("A"):
        mode += "A"
    return mode


def to_pillow(samples: NDArray[np.uint8]) -> Pillow.Image:
    """Wrap 8-bit samples, (height, width, 1 to 4 channels)."""
    if samples.shape[2] == 1:
        samples = samples[:, :, 0]
    return Pillow.fromarray(np.ascontiguousarray(samples))


def stacked(image: Image, kind: str, *, gray: bool) -> NDArray[Any]:
    """Bring a picture to samples of one array, (height, width, 1 to 4).

    Args:
        gray: Take one channel for the three, which are equal.
    """
    colours = image.pixels[:, :, :1] if gray else image.pixels
    samples = from_unit(colours, kind)
    if image.alpha is None:
        return samples
    return np.dstack([samples, from_unit(image.alpha, kind)])
