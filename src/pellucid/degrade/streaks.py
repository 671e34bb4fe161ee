"""Streaks of falling rain, in layers from far and fine to near and long.

A drop that falls while the shutter is open covers a streak. Its length and its width
on the picture go with 1 / distance, and the number of drops that a layer shows grows
with distance, so most streaks are short and fine. How much of the light of a pixel is
drop and how much is background, the opacity, is diameter / path: it is the same at
all distances, and halves when the exposure doubles. Far layers are hidden where the
scene is nearer than they are; the nearest are out of focus.

Streaks are kept apart by rank: those with a rank below the density fall, so more rain
adds streaks to the ones that are there.

Source: K. Garg, S. K. Nayar, "Vision and Rain", 2007 (opacity, exposure);
        "Photorealistic Rendering of Rain Streaks", 2006 (brightness varies along and
        between streaks); S. Starik, M. Werman, "Simulation of Rain in Videos", 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field, normals, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.resample import resize

# Distance of each layer in units of the nearest, and the farness that hides it.
_LAYERS = ((5.5, 0.4), (3.7, 0.25), (2.4, 0.1), (1.6, 0.0), (1.0, 0.0))
_MOST = 100  # streaks in the nearest layer of a square picture
_GROWTH = 1.7  # a cone would give 2; the farthest are too faint to be counted
_FOCUS = 4.0  # distance in focus
_PEN_PX = 1.5  # how wide OpenCV draws an antialiased line
_STRIP = 16  # sides that differ by more count as if by this
_BITS = 4  # of a coordinate below the pixel
_LEVELS = 14  # of brightness that lines are drawn with
# A streak is bright in its middle: it is drawn again, shorter and brighter.
_PARTS = ((1.0, 0.3), (0.75, 0.62), (0.45, 1.0))
_PARTS_FAR = ((1.0, 0.4), (0.6, 1.0))  # too short to show more


@dataclass(frozen=True, kw_only=True)
class Shower:
    """How rain falls. Lengths are of the nearest drops, shares of the shorter side.

    Attributes:
        density: Share of all possible streaks that fall, in [0, 1].
        opacity: Of the brightest streaks, in [0, 1].
        length: Path of a drop while the shutter is open.
        width: Diameter of a drop.
        angle_deg: From straight down; positive falls to the right.
        spread_deg: Standard deviation of single streaks from it.
        gust_deg: How far it turns from place to place.
        defocus: Blur of the nearest streaks, in widths of them.
    """

    density: float
    opacity: float
    length: float
    width: float
    angle_deg: float
    spread_deg: float
    gust_deg: float
    defocus: float


def cover(height: int, width: int, shower: Shower, far: Field, seed: int) -> Field:
    """Say how much of every pixel is drop and not background.

    Args:
        height: Rows.
        width: Columns.
        shower: How rain falls.
        far: How far the scene is, (height, width) in [0, 1].
        seed: Where every streak falls.

    Returns:
        (height, width) in [0, 1].
    """
    clear = np.ones((height, width), dtype=np.float32)
    for place, (_, hidden) in enumerate(_LAYERS):
        layer = streaks(height, width, shower, place, seed)
        if hidden > 0.0:
            behind = resize(far, layer.shape[0], layer.shape[1], "area")
            ramp = (behind - np.float32(hidden)) * np.float32(5.0)
            layer *= np.clip(ramp + np.float32(0.5), 0.0, 1.0)
        layer *= np.float32(-shower.opacity)
        layer += np.float32(1.0)
        clear *= resize(layer, height, width, "bicubic")
    np.subtract(np.float32(1.0), clear, out=clear)
    return np.clip(clear, 0.0, 1.0, out=clear)  # bicubic overshoots


def streaks(height: int, width: int, shower: Shower, place: int, seed: int) -> Field:
    """Draw one layer, 0 is the farthest, where nothing hides it.

    Returns:
        (rows, columns) in [0, 1], for an opacity of 1. Wide streaks are drawn small,
        so that they are soft and cost no more than fine ones: enlarge them.
    """
    distance = _LAYERS[place][0]
    short = _shorter(height, width)
    width_px = shower.width * short / distance
    scale = min(1.0, _PEN_PX / width_px)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    centres, halves, light = _fallen(height, width, shower, place, seed)
    canvas = np.zeros((rows, columns), dtype=np.uint8)
    parts = _PARTS if distance < _FOCUS / 2 else _PARTS_FAR
    per_side = short * columns / width, short * rows / height
    to_canvas = np.array(per_side, dtype=np.float32)
    _draw(canvas, centres * to_canvas - 0.5, halves * to_canvas, light, parts)
    # A drop finer than the pen covers only part of the pixels.
    part = np.float32(min(1.0, width_px / _PEN_PX) / 255.0)
    layer = canvas.astype(np.float32) * part
    # Blur goes with 1 / distance, less that of the distance in focus.
    blur = max(0.0, 1.0 / distance - 1.0 / _FOCUS) / (1.0 - 1.0 / _FOCUS)
    return gaussian_blurred(layer, shower.defocus * shower.width * short * scale * blur)


def _fallen(
    height: int, width: int, shower: Shower, place: int, seed: int
) -> tuple[Field, Field, Field]:
    """Draw the streaks of a layer: middles and half lengths, (n, 2), and lights."""
    distance = _LAYERS[place][0]
    short = _shorter(height, width)
    size = np.array([width / short, height / short], dtype=np.float32)
    count = max(1, round(_MOST * distance**_GROWTH * float(size.prod())))
    rng = opened(seed, "streaks", place)
    drawn, turns = uniforms(rng, count, 5), normals(rng, count)
    centres = (drawn[:, :2] * np.float32(1.1) - np.float32(0.05)) * size
    # Long waves of wind turn the rain and thin it out here and there.
    wind = uniforms(opened(seed, "wind"), 4) * np.float32(2.0 * np.pi)
    across, down = centres[:, 0], centres[:, 1]
    sheets = np.sin(5.0 * across + wind[2]) + np.sin(
        4.0 * down + 2.0 * across + wind[3]
    )
    falls = drawn[:, 2] < shower.density * (1.0 + 0.2 * sheets)
    centres, drawn, turns = centres[falls], drawn[falls], turns[falls]
    across, down = centres[:, 0], centres[:, 1]
    turning = np.sin(2.1 * across + wind[0]) + np.sin(1.7 * down - across + wind[1])
    degrees = shower.angle_deg + shower.spread_deg * turns + shower.gust_deg * turning
    angle = np.deg2rad(degrees)
    # Large drops are few, fall faster and shine brighter.
    large = drawn[:, 3] ** 2
    length = shower.length / distance * (0.55 + 0.6 * large + 0.3 * drawn[:, 4])
    halves = 0.5 * length[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return centres, halves.astype(np.float32), 0.25 + 0.75 * large


def _shorter(height: int, width: int) -> float:
    """The shorter side; of a strip a share of the longer, or rain has no end."""
    return max(min(height, width), max(height, width) / _STRIP)


def _draw(
    canvas: NDArray[np.uint8],
    centres: Field,
    halves: Field,
    light: Field,
    parts: tuple[tuple[float, float], ...],
) -> None:
    """Draw lines, faint ones first: a bright one is never darkened by another."""
    ends = [
        np.stack([centres - part * halves, centres + part * halves], axis=1)
        for part, _ in parts
    ]
    lights = np.concatenate([share * light for _, share in parts])
    levels = np.ceil(lights * _LEVELS).astype(np.int32)
    order = np.argsort(levels, kind="stable")
    points = np.rint(np.concatenate(ends)[order] * 2**_BITS).astype(np.int32)
    borders = np.searchsorted(levels[order], np.arange(1, _LEVELS + 2)).tolist()
    for level, (start, stop) in enumerate(pairwise(borders), 1):
        if start < stop:
            lines, shade = list(points[start:stop]), round(255 * level / _LEVELS)
            cv2.polylines(canvas, lines, False, shade, 1, cv2.LINE_AA, _BITS)
