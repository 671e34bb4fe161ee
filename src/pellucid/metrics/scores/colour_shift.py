"""Colour shift: whether large areas have kept their colour.

Both pictures are cut into equal cells, 16 along the longer side. Light is averaged
in each cell, so that sharpening or removing noise moves nothing, and the score is the
mean CIEDE2000 between cells at the same place. About 1 can just be seen.

Source: the cells are ours; G. Sharma, W. Wu, E. Dalal, "The CIEDE2000
        Color-Difference Formula", Color Research and Application 30(1), 2005.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard, Positive
from pellucid.core.settings import settings
from pellucid.metrics.lab import Colours, difference, lab, linear
from pellucid.metrics.levels import same_size


@settings
class ColourShift:
    """How coarse the comparison is.

    Attributes:
        cells: Cells along the longer side; the shorter has as many as fit, and no
            cell is smaller than a pixel.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="colour_shift",
        title="Colour shift (CIEDE2000)",
        direction="lower",
        span=(0.0, None),
        needs_reference=True,
        colour_space="lab",
        source="Sharma, Wu, Dalal, CR&A 30(1), 2005, on averages of cells",
    )

    cells: Positive = 16

    def score(self, output: Image, reference: Image | None) -> float:
        """Average over the cells; 0 when all have the same colour."""
        pair = same_size(output, reference)
        one, two = (lab(_averages(each, self.cells)) for each in pair)
        return float(np.mean(difference(one, two)))


def _averages(image: Image, cells: int) -> Colours:
    """Average linear light: (rows of cells, columns of cells, 3)."""
    longer = max(image.height, image.width)
    tops, lefts = (
        _edges(length, round(cells * length / longer))
        for length in (image.height, image.width)
    )
    widths = np.diff(lefts)[:, None]
    found: list[Colours] = []
    for top, bottom in pairwise(tops.tolist()):  # memory of one row
        column = linear(image.pixels[top:bottom]).mean(axis=0)
        found.append(np.add.reduceat(column, lefts[:-1], axis=0) / widths)
    return np.stack(found)


def _edges(length: int, cells: int) -> NDArray[np.intp]:
    """Where cells begin and end, as equal as whole pixels allow."""
    count = min(length, max(1, cells))
    return np.arange(count + 1) * length // count


PLUGIN: type[Metric] = ColourShift
