"""Lights: the colour of glowing things, a lamp put into a picture, lamps found in it.

Source: M. Planck, "Über das Gesetz der Energieverteilung im Normalspectrum", 1901
        (colour by temperature).
"""

from __future__ import annotations

import math

import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field
from pellucid.degrade.kernels import gaussian_blurred

_DAYLIGHT_K = 6504.0  # white of sRGB
_WAVELENGTHS_NM = (611.0, 549.0, 465.0)  # where the sRGB primaries lie
_SECOND_CONSTANT = 1.4388e7  # of Planck's law, in nm K
_DIMMEST = 0.2  # of a lamp, less most of what is around it; 1 saturates
_REACH = 7.0  # radii after which the glow of a lamp is over


def colour_of_heat(kelvin: float) -> Field:
    """Colour of what glows at a temperature, linear RGB, largest 1."""
    light = [
        _planck(each, kelvin) / _planck(each, _DAYLIGHT_K) for each in _WAVELENGTHS_NM
    ]
    return np.array(light, dtype=np.float32) / np.float32(max(light))


def _planck(wavelength_nm: float, kelvin: float) -> float:
    return 1.0 / math.expm1(_SECOND_CONSTANT / (wavelength_nm * kelvin))


def add_lamp(
    linear: Pixels, place: tuple[float, float], radius: float, light: Field
) -> None:
    """Add a lamp, in place: a disc that saturates, and the small glow of its own.

    Args:
        linear: (height, width, 3), linear light; it may exceed 1 afterwards.
        place: Across and down, shares of width and height; it may be outside.
        radius: Of the disc, share of the shorter side.
        light: Linear RGB in its middle.
    """
    height, width = linear.shape[:2]
    size = max(radius * min(height, width), 0.5)
    x, y = place[0] * width - 0.5, place[1] * height - 0.5
    reach = _REACH * size
    left, right = max(0, math.ceil(x - reach)), min(width, math.floor(x + reach) + 1)
    top, bottom = max(0, math.ceil(y - reach)), min(height, math.floor(y + reach) + 1)
    if left >= right or top >= bottom:
        return
    across = (np.arange(left, right, dtype=np.float32) - np.float32(x)) / size
    down = (np.arange(top, bottom, dtype=np.float32) - np.float32(y)) / size
    squared = np.add.outer(down * down, across * across).astype(np.float32)
    # The disc has a soft edge, since no lens draws a hard one.
    disc = 1.0 / (1.0 + np.minimum(squared, 50.0) ** 3)
    fade = np.maximum(1.0 - squared / np.float32(_REACH**2), 0.0)
    shape = disc + 0.06 * fade * fade / (0.5 + squared)
    linear[top:bottom, left:right] += shape[..., None] * light


def lamps_in(linear: Pixels) -> Pixels:
    """Find the lights of a picture: what is brightest, above all where it is small.

    A sensor stops counting at 1, so what is near 1 is taken to be far brighter.

    Args:
        linear: (height, width, 3), linear light, best a small copy.

    Returns:
        The light of lamps alone, (height, width, 3); 0 elsewhere.
    """
    light = linear.max(axis=2)
    lone = light - np.float32(0.8) * gaussian_blurred(light, 0.04 * min(light.shape))
    share = np.clip((lone - _DIMMEST) / np.float32(0.7 - _DIMMEST), 0.0, 1.0)
    return linear * (share * share)[..., None]
