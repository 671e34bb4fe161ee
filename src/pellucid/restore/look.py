"""What the diagnoser looks at: the whole made small, and four places as they are.

A thumbnail shows what happens to the whole, and hides noise and blur; patches in
native resolution show those. Training looks in the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from pellucid.core.image import Pixels

THUMBNAIL, PATCH = 128, 96  # sides in px
PLACES = ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75))  # row, column

Planes = NDArray[np.float32]


def look_at(pixels: Pixels) -> tuple[Planes, Planes]:
    """Make the thumbnail and the patches.

    Args:
        pixels: (height, width, 3), any size.

    Returns:
        (3, 128, 128) and (4, 3, 96, 96).
    """
    patches = [_first(_cut(pixels, *place)) for place in PLACES]
    return _thumbnail(pixels), np.stack(patches)


def _thumbnail(pixels: Pixels) -> Planes:
    size = (THUMBNAIL, THUMBNAIL)
    planes = [
        Pillow.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize(
            size, Pillow.Resampling.BOX
        )
        for channel in range(3)
    ]
    return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes])


def _cut(pixels: Pixels, down: float, across: float) -> Pixels:
    height, width = pixels.shape[:2]
    top = round(down * max(0, height - PATCH))
    left = round(across * max(0, width - PATCH))
    patch = pixels[top : top + PATCH, left : left + PATCH]
    below, right = PATCH - patch.shape[0], PATCH - patch.shape[1]
    return np.pad(patch, ((0, below), (0, right), (0, 0)), mode="symmetric")


def _first(pixels: Pixels) -> Planes:
    """Channels first, as networks want them."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
