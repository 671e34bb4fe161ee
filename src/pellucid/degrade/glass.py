"""Panes of glass: how much light each place of one throws back to the camera.

Model:  s = ((cos i - n cos t) / (cos i + n cos t))^2
        p = ((cos t - n cos i) / (cos t + n cos i))^2,   sin i = n sin t
        A pane has two surfaces. The second gets what the first lets in, and the first
        lets out what the second throws back: (1 - R)^2 of it.
Source: A. Fresnel, 1823 (the equations); Y. Shih et al., "Reflection Removal using
        Ghosting Cues", CVPR 2015 (the second surface); S. Kim et al., "Single Image
        Reflection Removal with Physically-Based Training Images", CVPR 2020.
"""

from __future__ import annotations

import cv2
import numpy as np

from pellucid.core.protocols import Params
from pellucid.degrade.grain import Field
from pellucid.degrade.resample import resize

INDEX = 1.52  # of window glass

_SMOOTH = 128  # rows at which angles are computed: they change slowly


def reflected(light: Field, params: Params) -> Field:
    """Send a scene to the camera by way of a pane.

    Args:
        light: (height, width, 3), linear, any range.
        params: Of the pane: ``tilt_deg``, ``azimuth_deg``, ``field_deg``,
            ``polarisation``, ``vignette``, ``middle``, ``edge``; and whether its
            ``focus`` is ``ghosted``, then ``ghost``, ``ghost_deg``, ``ghost_share``.
    """
    height, width = light.shape[:2]
    scale = min(1.0, _SMOOTH / min(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    angles = params["tilt_deg"], params["azimuth_deg"], params["field_deg"]
    first = reflectance(cosines(rows, columns, *angles), params["polarisation"])
    second = second_surface(first)
    fall = _fall(rows, columns, params)
    if params["focus"] != "ghosted":
        return _weighted(light, (first + second) * fall)
    twin = second * fall * np.float32(params["ghost_share"])
    return _weighted(light, first * fall) + _weighted(_moved(light, params), twin)


def reflectance(cosine: Field, polarisation: float = 0.0) -> Field:
    """Find the share of light that one surface of glass reflects.

    Args:
        cosine: Of the angle between ray and normal, any shape, in [0, 1].
        polarisation: 1 is light that swings along the pane (s), -1 across (p), as a
            filter or the sky make it; 0 is common light.
    """
    inside = np.sqrt(1.0 - (1.0 - cosine**2) / INDEX**2, dtype=np.float32)
    along = (cosine - INDEX * inside) / (cosine + INDEX * inside)
    across = (inside - INDEX * cosine) / (inside + INDEX * cosine)
    share = 0.5 * (1.0 + polarisation)
    both = share * along**2 + (1.0 - share) * across**2
    return both.astype(np.float32, copy=False)


def second_surface(first: Field) -> Field:
    """Find what the far surface adds to what the near one reflects."""
    return (first * (1.0 - first) ** 2).astype(np.float32, copy=False)


def cosines(
    height: int, width: int, tilt_deg: float, azimuth_deg: float, field_deg: float
) -> Field:
    """Find at which angle each pixel of a picture looks at a flat pane.

    Args:
        height: Rows.
        width: Columns.
        tilt_deg: Between the pane's normal and the axis of the camera.
        azimuth_deg: To which side it tilts; 0 is right, 90 is down.
        field_deg: What the camera sees along the shorter side.

    Returns:
        (height, width) cosines of the angle to the normal, in [0, 1].
    """
    reach = 2.0 * np.tan(np.radians(field_deg) / 2.0) / min(height, width)
    x = (np.arange(width, dtype=np.float32) - 0.5 * (width - 1)) * np.float32(reach)
    y = (np.arange(height, dtype=np.float32) - 0.5 * (height - 1)) * np.float32(reach)
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    across = np.float32(np.sin(tilt) * np.cos(azimuth)) * x
    down = np.float32(np.sin(tilt) * np.sin(azimuth)) * y
    length = np.sqrt(1.0 + x[None] ** 2 + y[:, None] ** 2)
    along = across[None] + down[:, None] + np.float32(np.cos(tilt))
    return np.minimum(np.abs(along) / length, np.float32(1.0))


def _weighted(light: Field, weight: Field) -> Field:
    plane = resize(weight, light.shape[0], light.shape[1], "bilinear")
    weighted = cv2.multiply(light, cv2.merge([plane] * 3))
    return weighted.reshape(light.shape).astype(np.float32, copy=False)


def _moved(light: Field, params: Params) -> Field:
    height, width = light.shape[:2]
    way, turn = params["ghost"] * min(height, width), np.radians(params["ghost_deg"])
    move = np.array([[1, 0, way * np.cos(turn)], [0, 1, way * np.sin(turn)]])
    border = cv2.BORDER_REFLECT
    moved = cv2.warpAffine(light, move, (width, height), borderMode=border)
    return moved.reshape(light.shape).astype(np.float32, copy=False)


def _fall(height: int, width: int, params: Params) -> Field:
    """How the reflection fades from its middle, and where it ends."""
    short = min(height, width)
    x = (np.arange(width, dtype=np.float32) + 0.5) / short
    y = (np.arange(height, dtype=np.float32) + 0.5) / short
    middle = params["middle"][0] * width / short, params["middle"][1] * height / short
    away = (x[None] - middle[0]) ** 2 + (y[:, None] - middle[1]) ** 2
    fall = (1.0 + np.float32(4.0 * params["vignette"]) * away) ** -2
    edge = params["edge"]
    if not edge["is_seen"]:
        return fall
    turn = np.radians(edge["turn_deg"])
    across = (x - 0.5 * width / short) * np.float32(np.cos(turn))
    along = (y - 0.5 * height / short) * np.float32(np.sin(turn))
    beyond = across[None] + along[:, None] - np.float32(edge["offset"])
    step = np.clip(beyond / np.float32(edge["softness"]) + 0.5, 0.0, 1.0)
    return fall * step * step * (3.0 - 2.0 * step)
