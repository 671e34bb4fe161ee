"""A picture of any size in its own resolution: tiles that belong together.

The model was trained at about a megapixel. A larger picture is cut into tiles of that
size; all of them hear the same words about the whole picture, and take their noise from
one field. A small copy of the whole is restored first, and gives tone and layout to
what the tiles make. A smaller picture is mirrored to whole tokens, never enlarged.
"""

# pyright: standard

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from torch import Tensor

from pellucid.core.image import Pixels
from pellucid.restore import tiles
from pellucid.restore.models.realrestorer.engine import Engine, Manner, noise_for
from pellucid.restore.models.realrestorer.extent import (
    FACTOR,
    MULTIPLE,
    OVERLAP,
    TILE,
    WHOLE,
)
from pellucid.restore.overview import anchored

Tell = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Native:
    """Restores pictures of any size.

    Attributes:
        engine: Restores a megapixel.
        manner: Steps and guidance.
        tile: Side of a tile in pixels.
        seed: Of the noise.
    """

    engine: Engine
    manner: Manner
    tile: int = TILE
    seed: int = 0

    def restore(
        self, pixels: Pixels, hidden: Tensor, mask: Tensor, tell: Tell
    ) -> Pixels:
        """Restore a picture.

        Args:
            pixels: (height, width, 3), any size.
            hidden: What the language model says of the whole picture.
            mask: Which of it are tokens.
            tell: Called with how many steps are done, of how many.
        """
        height, width = pixels.shape[:2]
        side = max(self.tile, 2 * OVERLAP)
        is_whole = height * width <= WHOLE and max(height, width) <= 2 * side
        if is_whole:
            side = max(height, width)
        count = tiles.count(height, width, side, OVERLAP, MULTIPLE)
        steps = _Steps(tell, self.manner.steps * (count + (0 if is_whole else 1)))
        noise = noise_for(_whole(height), _whole(width), self.seed)

        def at(taken: Pixels, top: int, left: int) -> Pixels:
            rows, columns = (each // FACTOR for each in taken.shape[:2])
            down, across = top // FACTOR, left // FACTOR
            field = noise[:, :, down : down + rows, across : across + columns]
            return self.engine.restore(taken, hidden, mask, field, self.manner, steps)

        anchor = None if is_whole else self._anchor(pixels, hidden, mask, steps)
        result = tiles.tiled_at(at, pixels, side, OVERLAP, MULTIPLE)
        return result if anchor is None else anchored(result, anchor)

    def _anchor(
        self, pixels: Pixels, hidden: Tensor, mask: Tensor, tell: Tell
    ) -> Pixels:
        """Restore a small copy, and enlarge it."""
        height, width = pixels.shape[:2]
        factor = math.sqrt(self.tile**2 / (height * width))
        rows, columns = (
            max(1, round(each * factor / MULTIPLE)) * MULTIPLE
            for each in (height, width)
        )
        small = resized(pixels, rows, columns)
        noise = noise_for(rows, columns, self.seed)
        found = self.engine.restore(small, hidden, mask, noise, self.manner, tell)
        return resized(found, height, width)


class _Steps:
    """Adds up the steps of all passes."""

    def __init__(self, tell: Tell, total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0

    def __call__(self, done: int, total: int) -> None:
        self.done += 1
        self.tell(self.done, self.total)


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Bring a picture to another size (Lanczos)."""
    planes = [
        Pillow.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize(
            (width, height), Pillow.Resampling.LANCZOS
        )
        for channel in range(pixels.shape[2])
    ]
    return np.clip(np.stack([np.asarray(each) for each in planes], axis=2), 0.0, 1.0)


def working_size(width: int, height: int, level: int) -> tuple[int, int]:
    """The size to which the published code brings every picture, (width, height).

    Args:
        width: Of the picture.
        height: Of the picture.
        level: Side of a square of the wanted area.
    """
    ratio = width / height
    if width > height:
        wide = math.ceil(math.sqrt(level * level * ratio))
        sides: Sequence[int] = (wide, math.ceil(wide / ratio))
    else:
        high = math.ceil(math.sqrt(level * level / ratio))
        sides = (math.ceil(high * ratio), high)
    wide, high = (max(MULTIPLE, side // MULTIPLE * MULTIPLE) for side in sides)
    return wide, high


def _whole(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE
