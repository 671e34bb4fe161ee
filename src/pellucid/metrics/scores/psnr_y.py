"""PSNR of luma: brightness as video weighs it, which most papers report.

Y = 16 + 65.481 R + 128.553 G + 24.966 B, with R, G, B in [0, 1]; not rounded.

Source: as in BasicSR (X. Wang et al., github.com/XPixelGroup/BasicSR) with
        ``test_y_channel``; luma of ITU-R BT.601-7, 2011.
"""

from __future__ import annotations

from typing import ClassVar

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.decibel import decibel
from pellucid.metrics.levels import Border, compared, studio_luma


@settings
class PsnrY:
    """What of the picture counts.

    Attributes:
        border: Pixels cut on each side before comparing; papers on enlarging by
            four cut 4, papers on restoring at the same size none.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="psnr_y",
        title="PSNR (Y)",
        direction="higher",
        span=(0.0, None),
        needs_reference=True,
        colour_space="y",
        source="BasicSR, calculate_psnr with test_y_channel: BT.601, 16 to 235",
    )

    border: Border = 0

    def score(self, output: Image, reference: Image | None) -> float:
        """Measure in decibel; infinity when all levels are equal."""
        one, two = compared(output, reference, self.border)
        return decibel(studio_luma(one), studio_luma(two))


PLUGIN: type[Metric] = PsnrY
