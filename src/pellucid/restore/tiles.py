"""Any local function over a picture of any size, in overlapping tiles.

The picture counts as mirrored beyond its right and lower border, up to a multiple of
what the function needs. Tiles start at multiples of it as well, so that a network that
halves its input sees the same grid in every tile as in the whole picture. Two
neighbours are blended by a raised cosine over the middle of their overlap; its outer
parts, where a tile lacks context, do not count. Tiles are no larger than needed to
cover the picture, and equally large: what two of them share is computed twice.

Each tile is mixed into the result by its share of the weight so far. Where all tiles
agree, nothing changes, bit for bit, and no array of weights is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import PluginError, SettingsError
from pellucid.core.image import Pixels

Function = Callable[[Pixels], Pixels]
Located = Callable[[Pixels, int, int], Pixels]  # also told its first row and column
Tell = Callable[[int, int], None]


class NotNumbers(PluginError):
    """A model answered with NaN or infinity."""


def tiled(
    function: Function,
    pixels: Pixels,
    tile: int,
    overlap: int,
    multiple: int = 1,
    tell: Tell | None = None,
    blend: int | None = None,
) -> Pixels:
    """Apply a function tile by tile, the same wherever a tile lies.

    See `tiled_at`.
    """

    def anywhere(taken: Pixels, top: int, left: int) -> Pixels:
        return function(taken)

    return tiled_at(anywhere, pixels, tile, overlap, multiple, tell, blend)


def tiled_at(
    function: Located,
    pixels: Pixels,
    tile: int,
    overlap: int,
    multiple: int = 1,
    tell: Tell | None = None,
    blend: int | None = None,
) -> Pixels:
    """Apply a function tile by tile.

    Args:
        function: Maps float32 (h, w, 3) to float32 of the same shape; h and w are
            multiples of ``multiple``. It gets an array of its own, and the row and
            the column of the picture where the tile begins.
        pixels: (height, width, 3), float32; 1 x 1 and larger.
        tile: Largest side of a tile in pixels, rounded up to ``multiple``.
        overlap: Pixels that two neighbours share at least, rounded up to ``multiple``.
        multiple: What sides of tiles, and where they start, are a multiple of.
        tell: Called with how many tiles are done, of how many.
        blend: Pixels over which two neighbours are mixed; half of the overlap when
            None. A function that looks ``reach`` pixels far gives the same as without
            tiles if ``blend`` is at most the overlap less twice the reach.

    Returns:
        An array of the shape of ``pixels``; not clipped. Beside it, memory holds one
        tile.

    Raises:
        SettingsError: If a size is not positive, or the overlap is a whole tile.
        PluginError: If the function answers with another shape or type.
        NotNumbers: If it answers with NaN or infinity.
    """
    rows = _spans(pixels.shape[0], tile, overlap, multiple, blend)
    columns = _spans(pixels.shape[1], tile, overlap, multiple, blend)
    result = np.zeros(pixels.shape, np.float32)
    total = len(rows) * len(columns)
    for done, (row, column) in enumerate(product(rows, columns), start=1):
        taken = _taken(pixels, row, column)
        answer = _checked(function(taken, row.start, column.start), taken.shape)
        down, across = row.counting, column.counting
        here = result[row.start : row.end, column.start : column.end][down, across]
        change = answer[down, across] - here
        change *= _share(row, column)[down, across, None]
        here += change
        if tell is not None:
            tell(done, total)
    return result


def padded(pixels: Pixels, multiple: int) -> Pixels:
    """Mirror a picture to sides of whole multiples, as `tiled` does with one tile."""
    row, column = (_spans(side, side, 0, multiple)[0] for side in pixels.shape[:2])
    return _taken(pixels, row, column)


def count(height: int, width: int, tile: int, overlap: int, multiple: int = 1) -> int:
    """How many tiles `tiled` makes of a picture."""
    rows, columns = (
        _spans(length, tile, overlap, multiple) for length in (height, width)
    )
    return len(rows) * len(columns)


@dataclass(frozen=True, kw_only=True, eq=False)
class Span:
    """What one tile covers along one axis.

    Attributes:
        start: Its first pixel.
        end: Behind its last pixel that lies in the picture.
        side: How many pixels the function sees, mirrored ones included.
        before: Summed weight of the spans before this one, (end - start).
        upto: The same, with this one.
    """

    start: int
    end: int
    side: int
    before: NDArray[np.float32]
    upto: NDArray[np.float32]

    @property
    def weight(self) -> NDArray[np.float32]:
        """Weight of this span alone; those of all spans sum to 1 everywhere."""
        return self.upto - self.before

    @property
    def counting(self) -> slice:
        """Its own places from the first to the last that has any weight."""
        places = np.flatnonzero(self.weight)
        return slice(int(places[0]), int(places[-1]) + 1)

    @property
    def is_inside(self) -> bool:
        """Nothing of it lies beyond the picture."""
        return self.end - self.start == self.side

    def mirrored(self, length: int) -> NDArray[np.intp]:
        """Places to take the pixels from, of an axis of ``length`` pixels."""
        places = np.arange(self.start, self.start + self.side)
        if length == 1:
            return np.zeros_like(places)
        period = 2 * (length - 1)
        places %= period
        return np.minimum(places, period - places)


def _spans(
    length: int, tile: int, overlap: int, multiple: int, blend: int | None = None
) -> list[Span]:
    """Lay tiles along one axis and give each its window."""
    if length < 1 or tile < 1 or overlap < 0 or multiple < 1:
        what = f"Tiles of {tile} pixels with {overlap} shared, in steps of {multiple},"
        raise SettingsError(f"{what} cannot cover {length} pixels.")
    whole = _rounded(length, multiple)
    side = min(_rounded(tile, multiple), whole)
    shared = _rounded(overlap, multiple)
    if side < whole and shared >= side:
        what = f"An overlap of {shared} pixels leaves nothing of a tile of {side}."
        raise SettingsError(what, "Take larger tiles, or a smaller overlap.")
    count = 1 if side == whole else -(-(whole - shared) // (side - shared))
    side = min(side, _rounded(-(-(whole + (count - 1) * shared) // count), multiple))
    starts = [
        place * (whole - side) // max(count - 1, 1) // multiple * multiple
        for place in range(count)
    ]
    width = shared // 2 if blend is None else min(blend, shared)
    # Equal ramps in rising order: no window is negative, also where three tiles meet.
    middles = [(here + side + following) / 2 for here, following in pairwise(starts)]
    spans: list[Span] = []
    for number, start in enumerate(starts):
        end = min(start + side, length)
        rises = [_rise(start, end, middle, width) for middle in middles]
        one, zero = np.ones(end - start, np.float32), np.zeros(end - start, np.float32)
        before = 1 - rises[number - 1] if number else zero
        upto = 1 - rises[number] if number < len(middles) else one
        spans.append(Span(start=start, end=end, side=side, before=before, upto=upto))
    return spans


def _rounded(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def _rise(start: int, end: int, middle: float, width: int) -> NDArray[np.float32]:
    """Go from 0 to 1 like a cosine over ``width`` pixels around ``middle``."""
    distance = np.arange(start + 0.5, end) - middle
    if width == 0:
        return (distance > 0).astype(np.float32)
    phase = np.clip(distance / width + 0.5, 0.0, 1.0)
    return (0.5 - 0.5 * np.cos(np.pi * phase)).astype(np.float32)


def _taken(pixels: Pixels, row: Span, column: Span) -> Pixels:
    """Copy what one tile sees."""
    if row.is_inside and column.is_inside:  # several times as fast
        return pixels[row.start : row.end, column.start : column.end].copy()
    height, width = pixels.shape[:2]
    return pixels[row.mirrored(height)[:, None], column.mirrored(width)]


def _share(row: Span, column: Span) -> NDArray[np.float32]:
    """Weight of a tile as a share of the weight of all tiles up to it, row by row."""
    own = row.weight[:, None] * column.weight
    total = row.before[:, None] + row.weight[:, None] * column.upto
    return np.divide(own, total, out=np.zeros_like(own), where=total > 0)


def _checked(answer: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Trust nothing that a model says."""
    if answer.shape != shape or answer.dtype != np.float32:
        what = f"A tile of {shape}, float32, came back as {answer.shape},"
        raise PluginError(
            f"{what} {answer.dtype}.", "A restorer keeps the size of a picture."
        )
    if not np.isfinite(answer).all():
        what = f"A tile of {shape[1]} x {shape[0]} pixels came back with NaN or"
        hint = "Try `float32`; if it stays, the weights may be broken."
        raise NotNumbers(f"{what} infinity in it.", hint)
    return answer
