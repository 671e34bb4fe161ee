"""SSIM of red, green and blue: whether structures agree; mean of the channels.

Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image Quality Assessment: From
        Error Visibility to Structural Similarity", IEEE TIP 13(4), 2004.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.levels import Border, compared, refuse_small
from pellucid.metrics.similarity import WINDOW_PX, similarity


@settings
class Ssim:
    """What of the picture counts.

    Attributes:
        border: Pixels cut on each side before comparing; 11 x 11 must remain.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="ssim",
        title="SSIM (RGB)",
        direction="higher",
        span=(-1.0, 1.0),
        needs_reference=True,
        colour_space="rgb",
        source="Wang et al., IEEE TIP 13(4), 2004; borders as in BasicSR",
    )

    border: Border = 0

    def score(self, output: Image, reference: Image | None) -> float:
        """Average over the channels; 1 when all levels are equal."""
        one, two = compared(output, reference, self.border)
        refuse_small(one.shape, WINDOW_PX, "SSIM")
        one, two = (np.moveaxis(each, 2, 0).astype(np.float64) for each in (one, two))
        found = [similarity(*pair)[0] for pair in zip(one, two, strict=True)]
        return sum(found) / len(found)


PLUGIN: type[Metric] = Ssim
