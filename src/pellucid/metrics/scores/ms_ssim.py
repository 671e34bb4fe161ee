"""MS-SSIM: structures compared at five sizes, as from five distances.

MS-SSIM = luminance_5^w5 * product of contrast-structure_j^wj, j = 1 to 5

Source: Z. Wang, E. Simoncelli, A. Bovik, "Multi-Scale Structural Similarity for
        Image Quality Assessment", Asilomar 2003, eq. 7; means as in the authors'
        ``msssim.m``.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.levels import Plane, compared, refuse_small, studio_luma
from pellucid.metrics.similarity import similarity

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_SMALLEST_PX = 161  # halved four times and rounded up: 11, one window


@settings
class MsSsim:
    """MS-SSIM of luma, 16 to 235; there is nothing to set."""

    card: ClassVar[MetricCard] = MetricCard(
        name="ms_ssim",
        title="MS-SSIM (Y)",
        direction="higher",
        span=(0.0, 1.0),
        needs_reference=True,
        colour_space="y",
        source="Wang, Simoncelli, Bovik, Asilomar 2003, eq. 7",
    )

    def score(self, output: Image, reference: Image | None) -> float:
        """Multiply the five sizes; 1 when all levels are equal.

        A size at which structures are opposite has a negative mean, of which there
        is no power: it counts as 0, and so does the product.
        """
        pair = compared(output, reference)
        refuse_small(pair[0].shape, _SMALLEST_PX, "MS-SSIM")
        one, two = (studio_luma(each) for each in pair)
        product = 1.0
        for weight in _WEIGHTS[:-1]:
            product *= max(0.0, similarity(one, two)[1]) ** weight
            one, two = _halved(one), _halved(two)
        return product * max(0.0, similarity(one, two)[0]) ** _WEIGHTS[-1]


def _halved(plane: Plane) -> Plane:
    """Average 2 x 2 pixels; an odd last row or column counts twice."""
    plane = np.pad(plane, [(0, length % 2) for length in plane.shape], mode="edge")
    tall = plane[0::2] + plane[1::2]
    return (tall[:, 0::2] + tall[:, 1::2]) / 4.0


PLUGIN: type[Metric] = MsSsim
