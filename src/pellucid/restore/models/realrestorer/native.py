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
import torch
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
        batch: How many pictures of one size go through the networks together.
    """

    engine: Engine
    manner: Manner
    tile: int = TILE
    seed: int = 0
    batch: int = 1

    def restore_all(
        self,
        pictures: Sequence[Pixels],
        hidden: Sequence[Tensor],
        mask: Sequence[Tensor],
        tell: Tell,
    ) -> list[Pixels]:
        """Restore pictures; those that are not cut and of one size go together.

        Args:
            pictures: (height, width, 3) each, any size.
            hidden: What the language model says of each.
            mask: Which of it are tokens.
            tell: Called with how many steps are done, of how many.
        """
        lots = self._lots(pictures)
        passes = [
            self._passes(pictures[lot[0]]) if len(lot) == 1 else 1 for lot in lots
        ]
        steps = _Steps(tell, self.manner.steps * sum(passes))
        results: dict[int, Pixels] = {}
        for lot in lots:
            if len(lot) == 1:
                (place,) = lot
                results[place] = self.restore(
                    pictures[place], hidden[place], mask[place], steps
                )
                continue
            seen = [tiles.padded(pictures[place], MULTIPLE) for place in lot]
            height, width = seen[0].shape[:2]
            found = self.engine.restore_all(
                seen,
                _rows([hidden[place] for place in lot]),
                _rows([mask[place] for place in lot]),
                noise_for(height, width, self.seed).expand(len(lot), -1, -1, -1),
                self.manner,
                steps,
            )
            for place, result in zip(lot, found, strict=True):
                height, width = pictures[place].shape[:2]
                results[place] = result[:height, :width]
        return [results[place] for place in range(len(pictures))]

    def _lots(self, pictures: Sequence[Pixels]) -> list[list[int]]:
        """Which pictures go together, by their places."""
        sizes: dict[tuple[int, int], list[int]] = {}
        for place, pixels in enumerate(pictures):
            high, wide = (_whole(side) for side in pixels.shape[:2])
            sizes.setdefault((high, wide), []).append(place)
        lots: list[list[int]] = []
        for (high, wide), places in sizes.items():
            size = self.batch if self._is_whole(high, wide) else 1
            lots += [places[at : at + size] for at in range(0, len(places), size)]
        return lots

    def _is_whole(self, height: int, width: int) -> bool:
        """A picture of this size is not cut."""
        return height * width <= WHOLE and max(height, width) <= 2 * self._side

    @property
    def _side(self) -> int:
        return max(self.tile, 2 * OVERLAP)

    def _passes(self, pixels: Pixels) -> int:
        """How often the networks are walked through for a picture."""
        height, width = pixels.shape[:2]
        if self._is_whole(height, width):
            return 1
        return 1 + tiles.count(height, width, self._side, OVERLAP, MULTIPLE)

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
        is_whole = self._is_whole(height, width)
        side = max(height, width) if is_whole else self._side
        steps = _Steps(tell, self.manner.steps * self._passes(pixels))
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


def _rows(said: Sequence[Tensor]) -> Tensor:
    """Put what is said of each picture, (B, ...), into rows, (B P, ...)."""
    return torch.stack(list(said), dim=1).flatten(0, 1)


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
