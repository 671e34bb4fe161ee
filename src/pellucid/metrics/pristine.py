"""What clean photographs look like to NIQE: mean and covariance of their features.

The numbers in ``pristine.json`` are our own; docs/concepts/scores.md says from which
photographs. `fit` makes such numbers from others.

Source: A. Mittal, R. Soundararajan, A. Bovik, "Making a 'Completely Blind' Image
        Quality Analyzer", IEEE Signal Processing Letters 20(3), 2013, section II.C.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Len
from numpy.typing import NDArray

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.core.records import Count, from_json
from pellucid.core.settings import settings
from pellucid.metrics.levels import levels, refuse_small, studio_luma
from pellucid.metrics.natural import BLOCK_PX, Features, features

LENGTH = 36
_SHARP = 0.75  # of the sharpest block of a photograph: sharper ones count
_TRIANGLE = LENGTH * (LENGTH + 1) // 2


@settings
class Pristine:
    """A normal distribution of features.

    Attributes:
        photographs: How many it was made from.
        blocks: How many of their blocks counted.
        mean: 36 features, as `pellucid.metrics.natural.features` orders them.
        covariance: Their covariances, the upper triangle row by row.
    """

    photographs: Count
    blocks: Count
    mean: Annotated[tuple[float, ...], Len(LENGTH, LENGTH)]
    covariance: Annotated[tuple[float, ...], Len(_TRIANGLE, _TRIANGLE)]

    def matrix(self) -> NDArray[np.float64]:
        """Unfold the covariances: (36, 36)."""
        square = np.zeros((LENGTH, LENGTH))
        square[np.triu_indices(LENGTH)] = self.covariance
        return square + np.triu(square, 1).T


@lru_cache(maxsize=1)
def stored() -> Pristine:
    """Read the numbers that come with the package."""
    path = Path(__file__).with_name("pristine.json")
    return from_json(Pristine, path.read_text(encoding="utf-8"))


def fit(photographs: Iterable[Image]) -> Pristine:
    """Learn from clean photographs; blurred blocks of each do not count.

    Raises:
        ImageError: If one is smaller than a block, or fewer than two blocks count.
    """
    chosen = [_sharp(photograph) for photograph in photographs]
    count = sum(len(each) for each in chosen)
    if count < 2:
        what = f"A distribution needs two blocks or more, got {count}."
        raise ImageError(what, "Give photographs that are neither small nor flat.")
    rows = np.concatenate(chosen)
    covariance = np.cov(rows, rowvar=False)[np.triu_indices(LENGTH)]
    return Pristine(
        photographs=len(chosen),
        blocks=count,
        mean=tuple(_rounded(rows.mean(axis=0))),
        covariance=tuple(_rounded(covariance)),
    )


def described(image: Image) -> tuple[Features, NDArray[np.float64]]:
    """Compute the features of blocks that have structure, and how sharp those are.

    Raises:
        ImageError: If the picture is smaller than one block.
    """
    refuse_small(image.pixels.shape, BLOCK_PX, "NIQE")
    found, sharpness = features(np.rint(studio_luma(levels(image))))
    is_whole = np.isfinite(found).all(axis=1)
    return found[is_whole], sharpness[is_whole]


def _sharp(photograph: Image) -> Features:
    found, sharpness = described(photograph)
    return found[sharpness > _SHARP * sharpness.max(initial=0.0)]


def _rounded(values: NDArray[np.float64]) -> list[float]:
    """Keep nine digits: far more than the photographs decide, in half the bytes."""
    return [float(f"{each:.9g}") for each in values.tolist()]
