"""Drops of water on the lens or on a window in front of it.

A drop is a small thick lens: it shows the scene upside down and much smaller, more
and more bent towards its rim, where it turns dark because the light there comes from
far outside of the picture. The camera focuses on the scene, so the drops are blurred.

Source: M. Roser, A. Geiger, "Video-based Raindrop Detection for Improved Image
        Registration", 2009 (refraction); S. You et al., "Adherent Raindrop Modeling,
        Detection and Removal in Video", 2016 (wide view, dark rim, soft edge).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.resample import resize

MOST = 36  # drops in a square picture
_VIEW = 0.55  # half of the view of a drop, in shorter sides
_THUMBNAIL = 160  # shorter side of the scene that drops show
_BLUR_PX = 2.2  # of the thumbnail: nobody focuses on drops


@dataclass(frozen=True, kw_only=True)
class Wetting:
    """How a lens is wet.

    Attributes:
        share: Of all possible drops that are there, in [0, 1].
        smallest: Radius, share of the shorter side.
        largest: Radius, share of the shorter side.
        defocus: Width of the soft edge, share of the radius, in (0, 1].
        rim: How dark the rim is, in [0, 1].
    """

    share: float
    smallest: float
    largest: float
    defocus: float
    rim: float


def lay_drops(linear: Pixels, wetting: Wetting, seed: int) -> None:
    """Lay drops over a picture, in place.

    Args:
        linear: (height, width, 3), linear light.
        wetting: How the lens is wet.
        seed: Where drops are, and their shapes.
    """
    height, width = linear.shape[:2]
    short = min(height, width)
    count = max(1, round(MOST * height * width / short**2))
    drawn = uniforms(opened(seed, "drops"), count, 9)
    present = drawn[:, 2] < wetting.share
    if not present.any():
        return
    shrink = min(1.0, _THUMBNAIL / short)
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    scene = gaussian_blurred(resize(linear, *size, "area"), _BLUR_PX)
    for drop in drawn[present]:
        # Few drops are large.
        growth = (wetting.largest / wetting.smallest) ** float(drop[3] ** 1.5)
        radius_px = max(wetting.smallest * growth * short, 0.5)
        _lay(linear, scene, radius_px, drop, wetting)


def _lay(
    linear: Pixels, scene: Pixels, radius_px: float, drop: Field, wetting: Wetting
) -> None:
    height, width = linear.shape[:2]
    x, y = float(drop[0]) * width - 0.5, float(drop[1]) * height - 0.5
    reach = 1.4 * radius_px + 1.0
    left, right = max(0, int(x - reach)), min(width, int(x + reach) + 2)
    top, bottom = max(0, int(y - reach)), min(height, int(y + reach) + 2)
    if left >= right or top >= bottom:
        return
    across = (np.arange(left, right, dtype=np.float32) - np.float32(x)) / radius_px
    down = (np.arange(top, bottom, dtype=np.float32) - np.float32(y)) / radius_px
    u, v = np.meshgrid(across.astype(np.float32), down.astype(np.float32))
    rho = (np.hypot(u, v) / _outline(u, v, drop)).astype(np.float32)
    shown = _refracted(scene, u, v, rho, (x / width, y / height))
    edge = np.float32(wetting.defocus)
    inside = _step((1.0 + 0.35 * edge - rho) / edge)
    rim = _step((rho - 0.55) / 0.5)
    shown *= (1.0 - np.float32(wetting.rim) * rim)[..., None]
    patch = linear[top:bottom, left:right]
    patch += inside[..., None] * (shown - patch)


def _outline(u: Field, v: Field, drop: Field) -> Field:
    """Radius of the rim by direction: nearly round, a little longer, sagging."""
    angle = np.arctan2(v, u)
    bumps, turn, sag, more = (float(each) for each in drop[4:8])
    wave = 0.09 * np.cos(2.0 * angle + 6.28 * turn) * (0.4 + bumps)
    wave += 0.07 * np.cos(3.0 * angle + 6.28 * more) * bumps
    return (1.0 + wave + 0.12 * sag * np.sin(angle)).astype(np.float32)


def _refracted(
    scene: Pixels,
    u: Field,
    v: Field,
    rho: Field,
    centre: tuple[float, float],
) -> Pixels:
    """Look through a drop: mirrored at its middle, a wide view in a small disc."""
    rows, columns = scene.shape[:2]
    bend = _VIEW / np.sqrt(np.maximum(1.6 - rho * rho, 0.15)) * min(rows, columns)
    # A drop also gathers what is not before it: its view leans to the middle.
    middle_x = (0.7 * centre[0] + 0.15) * columns - 0.5
    middle_y = (0.7 * centre[1] + 0.15) * rows - 0.5
    map_x = (np.float32(middle_x) - u * bend).astype(np.float32)
    map_y = (np.float32(middle_y) - v * bend).astype(np.float32)
    border = cv2.BORDER_REPLICATE  # mirrored, drops would look like kaleidoscopes
    shown = cv2.remap(scene, map_x, map_y, cv2.INTER_LINEAR, borderMode=border)
    return shown.astype(np.float32, copy=False).reshape(*u.shape, 3)


def _step(values: NDArray[np.floating]) -> Field:
    """Rise smoothly from 0 at 0 to 1 at 1."""
    kept = np.clip(values, 0.0, 1.0)
    return (kept * kept * (3.0 - 2.0 * kept)).astype(np.float32)
