"""Unsharp masking: what phones and web sites do to a picture that they made smaller.

Model:  sharp = image + amount * (image - blurred image)
Source: W. F. Schreiber, "Wirephoto Quality Improvement by Unsharp Masking", Pattern
        Recognition 2 (1970); for targets: X. Wang et al., "Real-ESRGAN", 2021,
        sections 3.2 and 4.1, with the numbers of its training code.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import clipped

SIGMA_PX = 8.0  # what OpenCV takes for the 51 taps that the training code asks for
THRESHOLD = 10.0 / 255.0
AMOUNT = 0.5

_REACH_PX = 25
_HALF_TAPS = 25  # at half the size
# The half size and the way back blur, too: by an area of 2 px (a variance of 1/4)
# and by a triangle of 4 px (2/3). The Gaussian in between leaves that out.
_HALF_SIGMA = float(np.sqrt(SIGMA_PX**2 - 1 / 4 - 2 / 3)) / 2.0


def sharpened(pixels: Pixels, radius_px: float, amount: float) -> Pixels:
    """Add what a blur takes away; edges get a bright and a dark halo.

    Args:
        pixels: (height, width, 3) in [0, 1].
        radius_px: Sigma of the blur, half the width of a halo.
        amount: How much of it is added; 1 doubles the height of a small step.
    """
    soft = gaussian_blurred(pixels, radius_px)
    sharp = cv2.addWeighted(pixels, 1.0 + amount, soft, -amount, 0.0)
    return clipped(sharp.reshape(pixels.shape).astype(np.float32, copy=False))


def sharpened_target(pixels: Pixels) -> Pixels:
    """Sharpen where it shows, as the targets of Real-ESRGAN are.

    Differences of less than 10 levels from the surroundings, mostly noise, stay as
    they are; the border between both is soft. The two wide blurs are computed at half
    the size: four times as fast, and the result is within one 8-bit level of the full
    computation, nearly everywhere within a tenth.
    """
    residual = cv2.subtract(pixels, _widely_blurred(pixels)).reshape(pixels.shape)
    marked = np.abs(residual) > np.float32(THRESHOLD)
    share = _widely_blurred(marked.view(np.uint8) * np.uint8(255))
    # The sharpened picture is cut before it is mixed: clip(I + r / 2) - I.
    residual *= np.float32(AMOUNT)
    residual += pixels
    gained = clipped(residual)
    gained -= pixels
    gained *= share * np.float32(1.0 / 255.0)
    gained += pixels
    return clipped(gained)


def _widely_blurred(plane: NDArray[Any]) -> Pixels:
    """Blur with the wide Gaussian; 8 bits are blurred as 8 bits."""
    height, width = plane.shape[:2]
    margin = _REACH_PX + 1
    # Mirrored before it is halved, so that the mirror stays where it was.
    wide = cv2.copyMakeBorder(
        plane,
        margin,
        margin + height % 2,
        margin,
        margin + width % 2,
        cv2.BORDER_REFLECT_101,
    )
    rows, columns = wide.shape[:2]
    half = cv2.resize(wide, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    half = cv2.GaussianBlur(half, (_HALF_TAPS, _HALF_TAPS), _HALF_SIGMA)
    wide = cv2.resize(half, (columns, rows), interpolation=cv2.INTER_LINEAR)
    kept = wide[margin : margin + height, margin : margin + width]
    return kept.astype(np.float32, copy=False)
