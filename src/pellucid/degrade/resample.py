"""Resizing as cameras and web sites do it, in float32, to any size from 1 x 1.

Source: C. E. Duchon, "Lanczos Filtering in One and Two Dimensions", 1979; R. G. Keys,
        "Cubic Convolution Interpolation", 1981. The filters are OpenCV's.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Mode = Literal["nearest", "area", "bilinear", "bicubic", "lanczos"]
MODES: tuple[Mode, ...] = ("area", "bilinear", "bicubic")  # what papers draw from

_FLAGS = {
    "nearest": cv2.INTER_NEAREST,
    "area": cv2.INTER_AREA,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}


def resize(
    plane: NDArray[np.float32], height: int, width: int, mode: Mode
) -> NDArray[np.float32]:
    """Resize without antialiasing; bicubic and Lanczos overshoot and are not cut.

    Args:
        plane: (height, width) or (height, width, channels).
        height: Wanted rows, 1 or more.
        width: Wanted columns, 1 or more.
        mode: The filter.
    """
    if plane.shape[:2] == (height, width):
        return plane
    sized = cv2.resize(plane, (width, height), interpolation=_FLAGS[mode])
    return sized.reshape(height, width, *plane.shape[2:]).astype(np.float32, copy=False)


def scaled(
    plane: NDArray[np.float32], factor: float, mode: Mode
) -> NDArray[np.float32]:
    """Resize by a factor; no side becomes smaller than 1."""
    height, width = plane.shape[:2]
    return resize(
        plane, max(1, round(height * factor)), max(1, round(width * factor)), mode
    )
