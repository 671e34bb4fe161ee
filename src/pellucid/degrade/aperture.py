"""Blur by the lens: a point out of focus becomes a picture of the aperture.

Wide open that is a disc; stopped down, a polygon with one side for each blade. Its
radius grows with the distance from the plane in focus.

Model:  blurred = sum over layers k of  w_k * (A_k * (w_k light)) / (A_k * w_k)
        with the aperture A_k of radius k/3 of the largest, and hat weights w_k of how
        far out of focus a pixel is. Dividing keeps what is in focus from glowing into
        what lies behind it.
Source: M. Potmesil and I. Chakravarty, "A Lens and Aperture Camera Model for Synthetic
        Image Generation", SIGGRAPH 1981 (circle of confusion); C. Scofield, "2 1/2-D
        Depth-of-Field Simulation for Computer Animation", Graphics Gems III, 1992
        (layers); H. Knutsson and C.-F. Westin, "Normalized and Differential
        Convolution", CVPR 1993.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field
from pellucid.degrade.kernels import Kernel, filtered
from pellucid.degrade.motion import splatted

_FINENESS = 4  # places per pixel and axis
_STEPS = 3  # layers out of focus, beside the one that is in focus


def disc(radius_px: float, softness: float) -> Kernel:
    """An aperture wide open.

    Args:
        radius_px: 0 is a perfect focus.
        softness: Width of the edge as a share of the radius; 0 is hard.
    """
    x, y = _places(radius_px, softness)
    return _opened(x, y, np.hypot(x, y), radius_px, softness)


def polygon(
    radius_px: float, softness: float, blades: int, rotation_deg: float
) -> Kernel:
    """An aperture stopped down: regular, with the area of the disc of that radius.

    Args:
        radius_px: 0 is a perfect focus.
        softness: Width of the edge as a share of the radius; 0 is hard.
        blades: Sides, 3 or more.
        rotation_deg: Where the first blade stands, against the clock.
    """
    inner_px = radius_px * math.sqrt(math.pi / (blades * math.tan(math.pi / blades)))
    outer_px = inner_px / math.cos(math.pi / blades)
    x, y = _places(outer_px, softness)
    turns = math.radians(rotation_deg) + math.tau * np.arange(blades) / blades
    away = np.full(len(x), -np.inf)
    for turn in turns:
        np.maximum(away, x * math.cos(turn) - y * math.sin(turn), out=away)
    return _opened(x, y, away, inner_px, softness)


def defocused(
    light: NDArray[np.float32],
    distance: Field,
    radius_px: float,
    aperture: Callable[[float], Kernel],
) -> NDArray[np.float32]:
    """Blur what is not in focus.

    Args:
        light: (height, width, 3), linear.
        distance: (height, width), how far out of focus, 0 to 1; 0 stays as it is.
        radius_px: Radius where the distance is 1.
        aperture: The kernel of a radius in px.
    """
    place = distance * np.float32(_STEPS)
    total = light * _weight(place, 0)[:, :, None]
    for layer in range(1, _STEPS + 1):
        weight = _weight(place, layer)
        if not weight.any():
            continue
        own = np.dstack([light * weight[:, :, None], weight])
        spread = filtered(own, aperture(radius_px * layer / _STEPS))
        # The weight of a pixel is in its own sum, so this is no division by 0.
        share = weight / np.maximum(spread[:, :, 3], np.float32(1e-6))
        total += spread[:, :, :3] * share[:, :, None]
    return total


def _weight(place: Field, layer: int) -> Field:
    return np.maximum(1.0 - np.abs(place - np.float32(layer)), 0.0, dtype=np.float32)


def _places(
    reach_px: float, softness: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = math.ceil((reach_px * (1.0 + softness) + 1.0) * _FINENESS)
    axis = np.arange(-count, count + 1) / _FINENESS
    x, y = np.meshgrid(axis, axis)
    return x.ravel(), y.ravel()


def _opened(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    away: NDArray[np.float64],
    radius_px: float,
    softness: float,
) -> Kernel:
    """Let light through where the distance from the middle is within the radius."""
    edge_px = max(1.0 / _FINENESS, softness * radius_px)
    passed = np.clip((radius_px - away) / edge_px + 0.5, 0.0, 1.0)
    kept = passed > 0.0
    return splatted(np.stack([x[kept], y[kept]], axis=1), passed[kept])
