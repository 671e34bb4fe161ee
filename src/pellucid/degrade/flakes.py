"""Falling flakes of snow, from far and fine to near, large and out of focus.

Size and path of a flake on the picture go with 1 / distance, and the number of flakes
that a distance shows grows with it. A flake is a loose lump: it is drawn as a short
crooked stroke, along its path where the shutter was open for long. A stroke covers
more than the flake does, so it is fainter: diameter / (diameter + path). The nearest
flakes are out of focus, large and translucent. Far ones are hidden where the scene is
nearer than they are.

Flakes are kept apart by rank: those with a rank below the density fall, so more snow
adds flakes to the ones that are there.

Source: Y.-F. Liu et al., "DesnowNet", 2018 (flakes of several sizes, translucent, as
        a mask); S. Starik, M. Werman, "Simulation of Rain in Videos", 2003 (opacity of
        what moves). The shapes are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field, normals, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.resample import resize

# Distance of each layer in units of the usual nearest, and the farness that hides it.
_FINE = ((7.0, 0.45), (4.5, 0.3))
_SMALL = ((3.0, 0.15), (2.0, 0.0))
_MIDDLE = ((1.2, 0.0),)
_NEAR = ((0.5, 0.0),)
# Layers that share a canvas, how wide in px its finest flake is drawn, and their blur
# in diameters of that flake: always, and for a defocus of 1.
_CANVASES = (
    (_NEAR, 3.0, 0.2, 0.45),
    (_MIDDLE, 3.0, 0.25, 0.15),
    (_SMALL, 2.0, 0.4, 0.0),
    (_FINE, 1.0, 0.35, 0.0),
)
_MOST = 80  # flakes at distance 1 in a square picture
_GROWTH = 1.8  # a cone would give 2; the farthest are the veil
_JOINTS = 3  # points of a stroke
_CROOKED = 0.26  # how far its points stray, in diameters
_STRIP = 16  # sides that differ by more count as if by this
_BITS = 4  # of a coordinate below the pixel
_WIDEST = 255  # px that OpenCV draws
_LEVELS = 12  # of opacity that strokes are drawn with


@dataclass(frozen=True, kw_only=True)
class Flurry:
    """How snow falls. Lengths are at distance 1, shares of the shorter side.

    Attributes:
        density: Share of all possible flakes that fall, in [0, 1].
        opacity: Of a flake that stands still, in [0, 1].
        size: Diameter of a usual flake.
        motion: Path of a flake while the shutter is open.
        angle_deg: From straight down; positive falls to the right.
        flutter_deg: Standard deviation of single flakes from it.
        defocus: How far near flakes are out of focus; 1 is usual.
    """

    density: float
    opacity: float
    size: float
    motion: float
    angle_deg: float
    flutter_deg: float
    defocus: float


def cover(height: int, width: int, flurry: Flurry, far: Field, seed: int) -> Field:
    """Say how much of every pixel is flake and not background.

    Args:
        height: Rows.
        width: Columns.
        flurry: How snow falls.
        far: How far the scene is, (height, width) in [0, 1].
        seed: Where every flake falls.

    Returns:
        (height, width) in [0, 1].
    """
    clear = np.ones((1, 1), dtype=np.float32)
    for layers, pen_px, soft, defocused in _CANVASES:
        # As large as the finest flake needs, whatever the size of the picture: the
        # same flakes at every size, and no cost for millions of pixels.
        scale = pen_px * layers[0][0] / (flurry.size * _shorter(height, width))
        rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
        canvas = np.zeros((rows, columns), dtype=np.uint8)
        for distance, hidden in layers:
            _draw_layer(canvas, flurry, distance, hidden, far, seed)
        blur = (soft + defocused * flurry.defocus) * pen_px
        layer = gaussian_blurred(canvas.astype(np.float32), blur)
        layer *= np.float32(-flurry.opacity / 255.0)
        layer += np.float32(1.0)
        # From near, which is drawn small, to far: little is done at full size.
        layer *= resize(clear, rows, columns, "bilinear")
        clear = layer
    shrinks = clear.shape[0] > height or clear.shape[1] > width
    clear = resize(clear, height, width, "area" if shrinks else "bilinear")
    return np.clip(np.float32(1.0) - clear, 0.0, 1.0)


def _draw_layer(
    canvas: NDArray[np.uint8],
    flurry: Flurry,
    distance: float,
    hidden: float,
    far: Field,
    seed: int,
) -> None:
    """Draw what falls at one distance, with an opacity of 1 for what stands still."""
    height, width = far.shape
    short = _shorter(height, width)
    size = np.array([width / short, height / short], dtype=np.float32)
    count = max(1, round(_MOST * distance**_GROWTH * float(size.prod())))
    rng = opened(seed, "flakes", round(10 * distance))
    drawn, strays = uniforms(rng, count, 5), normals(rng, count, _JOINTS, 2)
    turns = normals(rng, count)
    centres = (drawn[:, :2] * np.float32(1.2) - np.float32(0.1)) * size
    falls = drawn[:, 2] < flurry.density * _gusts(centres, seed)
    if hidden > 0.0:
        place = np.clip(centres / size, 0.0, 0.9999) * np.array([width, height])
        column, row = place.astype(np.int32).T
        falls &= far[row, column] > hidden - 0.1 + 0.2 * drawn[:, 3]
    centres, drawn, strays, turns = (
        each[falls] for each in (centres, drawn, strays, turns)
    )
    angle = np.deg2rad(flurry.angle_deg + flurry.flutter_deg * turns)
    # Most flakes are small, a few are clumps of many crystals.
    diameter = flurry.size / distance * (0.6 + 1.1 * drawn[:, 3] ** 3)
    path = flurry.motion / distance * (0.6 + 0.8 * drawn[:, 4])
    steps = np.linspace(-0.5, 0.5, _JOINTS, dtype=np.float32)
    heading = np.stack([np.sin(angle), np.cos(angle)], axis=1) * path[:, None]
    points = centres[:, None] + heading[:, None] * steps[:, None]
    points = points + strays * np.float32(_CROOKED) * diameter[:, None, None]
    to_canvas = np.array(canvas.shape[::-1], dtype=np.float32) / size
    wide_px = diameter * float(to_canvas[1])
    # Flakes finer than the finest pen are fainter; wide pens draw 1.5 px too wide.
    opacity = np.minimum(1.0, wide_px) * diameter / (diameter + path)
    opacity = opacity * (0.7 + 0.3 * drawn[:, 3])
    _stroke(canvas, points * to_canvas - 0.5, wide_px - 1.5, opacity)


def _shorter(height: int, width: int) -> float:
    """The shorter side; of a strip a share of the longer, or flakes have no end."""
    return max(min(height, width), max(height, width) / _STRIP)


def _gusts(centres: Field, seed: int) -> Field:
    """Thin snow out here and there, in long waves of wind."""
    wind = uniforms(opened(seed, "gusts"), 2) * np.float32(2.0 * np.pi)
    across, down = centres[:, 0], centres[:, 1]
    waves = np.sin(4.0 * across + 1.5 * down + wind[0])
    waves += np.sin(3.5 * down - 2.0 * across + wind[1])
    return 1.0 + np.float32(0.2) * waves


def _stroke(
    canvas: NDArray[np.uint8],
    points: NDArray[np.floating],
    pen_px: NDArray[np.floating],
    opacity: NDArray[np.floating],
) -> None:
    """Draw strokes, faint ones first: a dense flake is not hidden by a faint one."""
    levels = np.ceil(opacity * _LEVELS).astype(np.int32)
    pens = np.clip(np.rint(pen_px), 1, _WIDEST).astype(np.int32)
    kinds = levels * (_WIDEST + 1) + pens
    order = np.argsort(kinds, kind="stable")
    found, starts = np.unique(kinds[order], return_index=True)
    strokes = np.split(np.rint(points[order] * 2**_BITS).astype(np.int32), starts[1:])
    for kind, lines in zip(found.tolist(), strokes, strict=False):
        level, pen = divmod(kind, _WIDEST + 1)
        shade = round(255 * level / _LEVELS)
        cv2.polylines(canvas, list(lines), False, shade, pen, cv2.LINE_AA, _BITS)
