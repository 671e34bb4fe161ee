"""The grain of film: clumps of silver or dye, seen most in the middle tones.

Model:  grainy = pixel + strength * density * field,  density = 4 pixel (1 - pixel)

A place is covered by grains or it is not, so the variance is that of a coin: largest
where half is covered, none in black and white. The field is noise blurred to the size
of a clump; its colour is weak, since the three layers of a film are scanned together.

Source: A. Newson, J. Delon, B. Galerne, "A Stochastic Film Grain Model for Resolution-
        Independent Rendering", Computer Graphics Forum 36, 2017: grains as random
        discs. Here the sum of many is taken to be normal.
"""

from __future__ import annotations

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field, normals, opened

_COLOUR = 0.44  # share of the field that differs from channel to channel


def film_grain(
    pixels: Pixels, strength: float, size_px: float, colour: float, seed: int
) -> Field:
    """Draw the grain of a picture.

    Args:
        pixels: (height, width, 3), sRGB in [0, 1]; the scan stands for the density.
        strength: Standard deviation in the middle tones.
        size_px: Standard deviation of a clump; 0 is one pixel.
        colour: 0 is the grain of black-and-white film, 1 that of colour film.
        seed: Of the field.

    Returns:
        What is added to the pixels: (height, width, 3), mean 0.
    """
    height, width = pixels.shape[:2]
    rng = opened(seed, "film")
    gray = clumps(normals(rng, height, width), size_px)
    field = np.empty_like(pixels)
    field[...] = gray[:, :, None]
    if colour > 0.0:
        share = np.float32(_COLOUR * colour)
        field *= np.sqrt(np.float32(1.0) - share * share)
        field += share * clumps(normals(rng, height, width, 3), size_px)
    field *= pixels - pixels * pixels
    field *= np.float32(4.0 * strength)
    return field


def clumps(field: Field, size_px: float) -> Field:
    """Blur noise and bring it back to its variance."""
    if size_px <= 0.0:
        return field
    side = 2 * int(np.ceil(3.0 * size_px)) + 1
    kernel = cv2.getGaussianKernel(side, size_px, cv2.CV_32F)
    kernel /= np.sqrt(np.sum(np.square(kernel)))
    border = cv2.BORDER_REFLECT_101
    result = cv2.sepFilter2D(field, -1, kernel, kernel, borderType=border)
    return result.reshape(field.shape).astype(np.float32, copy=False)
