"""The colour filter array of a sensor: one colour at each place, and three again.

Rows start with red and green, then green and blue (RGGB). What is missing comes from
the mean of the nearest neighbours of that colour. That is what makes the noise of a
camera coarse and coloured, and what makes fine stripes iridescent.

`demosaic` is linear but for rounding to 16 bits: the noise of a picture can be sent
through it alone.

Source: B. E. Bayer, "Color Imaging Array", US patent 3971065, 1976 (the array);
        R. Ramanath et al., "Demosaicking Methods for Bayer Color Arrays", Journal of
        Electronic Imaging 11, 2002 (bilinear). The filter is OpenCV's.
"""

from __future__ import annotations

import cv2
import numpy as np

from pellucid.degrade.grain import Field

_LEVELS = 65535
_MARGIN_PX = 2  # even, so that the colours keep their places; OpenCV copies 1 pixel


def mosaic(rgb: Field) -> Field:
    """Keep at each place the one colour that the sensor sees there.

    Args:
        rgb: (height, width, 3), any size, any range.

    Returns:
        (height, width).
    """
    raw = rgb[:, :, 1].copy()
    raw[0::2, 0::2] = rgb[0::2, 0::2, 0]
    raw[1::2, 1::2] = rgb[1::2, 1::2, 2]
    return raw


def demosaic(raw: Field) -> Field:
    """Fill the colours in that the sensor has not seen.

    The picture is mirrored at its border. One row or column alone lacks a colour; the
    nearest other one stands in for it.

    Args:
        raw: (height, width), any size, in [0, 1]; what lies outside is cut.

    Returns:
        (height, width, 3) in [0, 1], in steps of 1/65535.
    """
    height, width = raw.shape
    m = _MARGIN_PX
    kept = np.clip(raw, 0.0, 1.0)
    kept *= np.float32(_LEVELS)
    kept += np.float32(0.5)
    padded = cv2.copyMakeBorder(
        kept.astype(np.uint16), m, m, m, m, cv2.BORDER_REFLECT_101
    )
    full = cv2.cvtColor(padded, cv2.COLOR_BayerRGGB2RGB)
    inner = full[m : m + height, m : m + width]
    return np.multiply(inner, np.float32(1 / _LEVELS), dtype=np.float32)
