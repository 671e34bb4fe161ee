"""Mean squared error as decibel below the largest level.

Source: BasicSR (X. Wang et al.), ``basicsr/metrics/psnr_ssim.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def decibel(one: NDArray[np.floating[Any]], two: NDArray[np.floating[Any]]) -> float:
    """Compute ``10 log10(255^2 / mean((one - two)^2))`` in float64.

    Args:
        one: Levels from 0 to 255, any shape.
        two: Levels of the same shape.

    Returns:
        Decibel, infinity for equal arrays.
    """
    error = float(np.mean(np.square(one - two), dtype=np.float64))
    return math.inf if error == 0.0 else 10.0 * math.log10(255.0**2 / error)
