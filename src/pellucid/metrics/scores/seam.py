"""Seam: whether the borders of tiles stand out in a picture.

A picture restored in tiles must not show where they met. On every such line the step
across is measured, less what the picture does before and behind it anyway:

    excess(x) = step(x) - (step(x - 2) + step(x + 2)) / 2,  step(x) = p(x) - p(x - 1)

averaged over 64 pixels along the line, where a seam keeps its sign and texture does
not. ``height`` is the mean of log(|excess| + half a level): smooth places, where a seam
shows, count as much as busy ones. It is measured on 28 lines beside as well:

    score = max(0, (height - median of heights beside) / (their spread + 0.01))

So the unit is the noise of the picture itself, whatever the picture.

Source: ours; docs/concepts/scores.md has the noise and the seams that were measured.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Metric
from pellucid.core.records import Count, MetricCard
from pellucid.core.settings import settings

_ALONG_PX = 64
_FIRST, _LAST = 4, 17  # distance of lines beside: an excess spans three pixels
_MARGIN = _LAST + 3  # pixels needed on both sides of a line
_HALF_LEVEL = 0.5 / 255.0  # what rounding to 8 bits hides
_FLOOR = 0.01  # spread that a flat picture is taken to have
_TO_SIGMA = 1.4826  # from the median deviation of a normal distribution

_BESIDE = range(_FIRST, _LAST + 1)
_SHIFTS = np.array([0, *_BESIDE, *(-each for each in _BESIDE)])


@settings
class Seam:
    """Where the tiles met.

    Attributes:
        step_px: Pixels from one line to the next: the tile less its overlap.
        offset_px: Where the first line lies: 0 for tiles side by side, half of the
            overlap for tiles that are blended.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="seam",
        title="Seam",
        direction="lower",
        span=(0.0, None),
        needs_reference=False,
        colour_space="rgb",
        source="pellucid, docs/concepts/scores.md",
    )

    step_px: Annotated[int, Ge(_MARGIN)] = 448
    offset_px: Count = 0

    def score(self, output: Image, reference: Image | None) -> float:
        """Measure in units of the noise beside; 0 where there is no line.

        Lines within 20 pixels of the edge of the picture are left out. The reference
        is not looked at.
        """
        views = (output.pixels, output.pixels.swapaxes(0, 1))
        pieces = np.concatenate([self._excesses(each) for each in views], axis=1)
        if pieces.shape[1] == 0:
            return 0.0
        line, *others = np.log(np.abs(pieces) + _HALF_LEVEL).mean(axis=1).tolist()
        middle = float(np.median(others))
        spread = _TO_SIGMA * float(np.median(np.abs(np.subtract(others, middle))))
        return max(0.0, (line - middle) / (spread + _FLOOR))

    def _excesses(self, pixels: Pixels) -> NDArray[np.float64]:
        """Measure across vertical lines: (shifts, pieces of all lines and channels)."""
        width = pixels.shape[1]
        lines = range(self.offset_px, width - _MARGIN + 1, self.step_px)
        found = [
            _excess(pixels[:, line - _MARGIN : line + _MARGIN])
            for line in lines
            if line >= _MARGIN
        ]
        return np.concatenate([np.zeros((len(_SHIFTS), 0)), *found], axis=1)


def _excess(strip: Pixels) -> NDArray[np.float64]:
    """Measure on a line and beside it: (shifts, pieces of the line and channels).

    Args:
        strip: (height, 2 margins, 3) with the line in the middle.
    """
    starts = np.arange(0, strip.shape[0], _ALONG_PX, dtype=np.intp)
    lengths = np.diff(np.append(starts, strip.shape[0]))
    pieces = np.add.reduceat(strip.astype(np.float64), starts, axis=0)
    steps = np.diff(pieces / lengths[:, None, None], axis=1)  # x stands at x - 1
    at = _MARGIN - 1 + _SHIFTS
    excess = steps[:, at] - 0.5 * (steps[:, at - 2] + steps[:, at + 2])
    return np.moveaxis(excess, 1, 0).reshape(len(_SHIFTS), -1)


PLUGIN: type[Metric] = Seam
