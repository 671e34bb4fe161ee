"""PSNR of red, green and blue: how far the levels lie apart, in decibel.

PSNR = 10 log10(255^2 / mean((output - reference)^2))

Source: as in BasicSR (X. Wang et al., github.com/XPixelGroup/BasicSR), which agrees
        with MATLAB: 8-bit levels, borders cut first, float64.
"""

from __future__ import annotations

from typing import ClassVar

from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.decibel import decibel
from pellucid.metrics.levels import Border, compared


@settings
class Psnr:
    """What of the picture counts.

    Attributes:
        border: Pixels cut on each side before comparing; papers on enlarging by
            four cut 4, papers on restoring at the same size none.
    """

    card: ClassVar[MetricCard] = MetricCard(
        name="psnr",
        title="PSNR (RGB)",
        direction="higher",
        span=(0.0, None),
        needs_reference=True,
        colour_space="rgb",
        source="BasicSR, calculate_psnr: 8-bit levels, mean over all channels",
    )

    border: Border = 0

    def score(self, output: Image, reference: Image | None) -> float:
        """Measure in decibel; infinity when all levels are equal."""
        one, two = compared(output, reference, self.border)
        return decibel(one, two)


PLUGIN: type[Metric] = Psnr
