"""The numbers that papers compare: 8-bit levels, and their luma.

A result is scored as its 8-bit file would be. So pixels are rounded to whole levels
first, also those that were never written, and alpha is not looked at.

Source: ITU-R BT.601-7, 2011, for both kinds of luma.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from pellucid.core.errors import ImageError
from pellucid.core.image import Image

Levels = NDArray[np.float32]  # whole numbers from 0 to 255, which float32 holds
Plane = NDArray[np.float64]  # (height, width)
Border = Annotated[int, Ge(0)]  # pixels

_STUDIO = (65.481, 128.553, 24.966)  # 219 levels, from 16 to 235
_FULL = (0.299, 0.587, 0.114)


def levels(image: Image) -> Levels:
    """Round to 8 bits: (height, width, 3), 0 to 255."""
    return np.rint(image.pixels * np.float32(255.0))


def compared(
    output: Image, reference: Image | None, border: int = 0
) -> tuple[Levels, Levels]:
    """Get the levels of both pictures, without ``border`` pixels on each side.

    Raises:
        ImageError: If there is no reference, the sizes differ, or nothing is left.
    """
    one, two = same_size(output, reference)
    if 2 * border >= min(one.height, one.width):
        what = f"Nothing is left of {size(one)} pixels without {border} on each side."
        raise ImageError(what, "Set a smaller `border`.")
    inside = np.s_[border : one.height - border, border : one.width - border]
    return levels(one)[inside], levels(two)[inside]


def same_size(output: Image, reference: Image | None) -> tuple[Image, Image]:
    """Take two pictures that can be compared.

    Raises:
        ImageError: If there is no reference, or the sizes differ.
    """
    if reference is None:
        what = "This score compares with a reference, and there is none."
        raise ImageError(what, "Give the clean picture, or take `niqe` or `seam`.")
    if output.pixels.shape != reference.pixels.shape:
        what = (
            f"The output is {size(output)} pixels and the reference {size(reference)}."
        )
        raise ImageError(what, "Bring them to one size first: scores never resize.")
    return output, reference


def refuse_small(shape: tuple[int, ...], side: int, title: str) -> None:
    """Say that a picture is too small for a score.

    Raises:
        ImageError: If a side is shorter than ``side``.
    """
    height, width = shape[:2]
    if min(height, width) < side:
        what = f"{title} needs {side} pixels on each side, got {width} x {height}."
        raise ImageError(what, "Leave this score out for pictures as small as this.")


def size(image: Image) -> str:
    """Write a size as people do, width first."""
    return f"{image.width} x {image.height}"


def studio_luma(values: Levels) -> Plane:
    """Weigh the channels as video does: from 16 to 235, not rounded.

    Args:
        values: (height, width, 3), 0 to 255.
    """
    return 16.0 + _weighted(values, _STUDIO) / 255.0


def full_luma(values: Levels) -> Plane:
    """Weigh the channels from 0 to 255, rounded to whole levels, as pyiqa does."""
    return np.rint(_weighted(values, _FULL))


def _weighted(values: Levels, weights: tuple[float, float, float]) -> Plane:
    """Add up in float64: a sum in float32 is off by more than the tests allow."""
    total = np.zeros(values.shape[:2], np.float64)
    for channel, weight in enumerate(weights):
        total += weight * values[:, :, channel].astype(np.float64)
    return total
