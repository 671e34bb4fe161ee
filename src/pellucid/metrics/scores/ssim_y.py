"""SSIM of luma: whether structures agree, in the brightness that video uses.

Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image Quality Assessment: From
        Error Visibility to Structural Similarity", IEEE TIP 13(4), 2004; luma of
        ITU-R BT.601-7, 2011.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.levels import (
    Border,
    compared,
    full_luma,
    refuse_small,
    studio_luma,
)
from pellucid.metrics.similarity import WINDOW_PX, similarity


@settings
class SsimY:
    """What of the picture counts, and which luma.

    Attributes:
        border: Pixels cut on each side before comparing; 11 x 11 must remain.
        swing: ``studio`` is luma from 16 to 235, not rounded, as in BasicSR and
            MATLAB; ``full`` is luma from 0 to 255 in whole levels, which is what
            pyiqa calls ``ssim`` and FoundIR publishes.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="ssim_y",
        title="SSIM (Y)",
        direction="higher",
        span=(-1.0, 1.0),
        needs_reference=True,
        colour_space="y",
        source="Wang et al., IEEE TIP 13(4), 2004; luma and borders as in BasicSR",
    )

    border: Border = 0
    swing: Literal["studio", "full"] = "studio"

    def score(self, output: Image, reference: Image | None) -> float:
        """Average over the picture; 1 when all levels are equal."""
        one, two = compared(output, reference, self.border)
        refuse_small(one.shape, WINDOW_PX, "SSIM")
        luma = studio_luma if self.swing == "studio" else full_luma
        return similarity(luma(one), luma(two))[0]


PLUGIN: type[Metric] = SsimY
