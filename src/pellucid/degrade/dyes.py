"""Dyes of a print, and how they fade.

Model:  D = -log10(light), at most 2.2, the blackest a print can be;
        D' = kept * D + stain, for each of red, green and blue.
        Cyan dye takes red away, magenta green, yellow blue: where cyan is lost, the
        picture turns red. The stain is the paper that yellows, also where it is white.
Source: H. Wilhelm, C. Brower, "The Permanence and Care of Color Photographs", 1993
        (dyes fade by shares, borders yellow); R. Gschwind, F. Frey, "Electronic
        Imaging, a Tool for the Reconstruction of Faded Color Photographs", Journal of
        Imaging Science and Technology 38, 1994 (faded density is affine).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.light import LUMINANCE, to_linear, to_srgb

BLACKEST = 2.2  # density

_STEPS = 4095

Densities = tuple[float, float, float]


@dataclass(frozen=True)
class Fading:
    """What has become of the dyes.

    Attributes:
        kept: Share of the density that is left, in red, green and blue.
        stain: Density of the yellowed paper.
        gray: How much of the colour is gone, 1 is monochrome.
    """

    kept: Densities = (1.0, 1.0, 1.0)
    stain: Densities = (0.0, 0.0, 0.0)
    gray: float = 0.0


def faded(pixels: Pixels, fading: Fading) -> Pixels:
    """Let the dyes of a print fade.

    Args:
        pixels: (height, width, 3), sRGB in [0, 1].
        fading: What is left of them.
    """
    if fading == Fading():
        return pixels
    kept = np.float32(1.0 - fading.gray) * np.eye(3, dtype=np.float32)
    mixed = cv2.transform(pixels, kept + np.float32(fading.gray) * LUMINANCE)
    places = mixed.reshape(pixels.shape)
    places *= np.float32(_STEPS)
    places += np.float32(0.5)
    entries = places.astype(np.uint16)
    planes = [
        np.take(_curve(kept, stain), entries[:, :, channel], mode="clip")
        for channel, (kept, stain) in enumerate(
            zip(fading.kept, fading.stain, strict=True)
        )
    ]
    return cv2.merge(planes).reshape(pixels.shape).astype(np.float32, copy=False)


def _curve(kept: float, stain: float) -> Pixels:
    """From the coded value of a channel to the faded one."""
    light = to_linear(np.linspace(0.0, 1.0, _STEPS + 1, dtype=np.float32))
    light = np.maximum(light, np.float32(10.0**-BLACKEST))
    density = -np.log10(light)
    return to_srgb(
        np.float32(10.0) ** -(np.float32(kept) * density + np.float32(stain))
    )
