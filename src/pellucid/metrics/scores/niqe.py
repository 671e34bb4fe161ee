"""NIQE: how far a picture is from clean photographs, without a reference.

distance^2 = d^T ((C1 + C2) / 2)^+ d,  d the difference of the means of the features

The clean photographs are our own, so numbers are not those of papers.

Source: A. Mittal, R. Soundararajan, A. Bovik, "Making a 'Completely Blind' Image
        Quality Analyzer", IEEE Signal Processing Letters 20(3), 2013, eq. 10.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.settings import settings
from pellucid.metrics.pristine import described, stored


@settings
class Niqe:
    """NIQE of luma against the photographs of the package; there is nothing to set."""

    card: ClassVar[MetricCard] = MetricCard(
        name="niqe",
        title="NIQE (own photographs)",
        direction="lower",
        span=(0.0, None),
        needs_reference=False,
        colour_space="y",
        source="Mittal et al., IEEE SPL 20(3), 2013; pristine model fitted by pellucid",
    )

    def score(self, output: Image, reference: Image | None) -> float:
        """Measure whole blocks of 96 x 96 pixels; the rest at right and below is cut.

        The reference is not looked at.

        Raises:
            ImageError: If fewer than two blocks have any structure.
        """
        found, _ = described(output)
        if len(found) < 2:
            what = f"NIQE needs 2 blocks of 96 x 96 with structure, got {len(found)}."
            raise ImageError(what, "Flat or small pictures have no natural statistics.")
        clean = stored()
        between = np.asarray(clean.mean) - found.mean(axis=0)
        spread = 0.5 * (clean.matrix() + np.cov(found, rowvar=False))
        squared = float(between @ np.linalg.pinv(spread) @ between)
        return max(0.0, squared) ** 0.5


PLUGIN: type[Metric] = Niqe
