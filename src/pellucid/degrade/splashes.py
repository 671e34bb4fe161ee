"""Splashes: drops that hit the ground burst into a crown of droplets.

They are seen on surfaces that look up, so on the near ground in the lower part of a
picture. Each is a cloud of droplets thrown up from the place that was hit, and some
that run along the ground. Size goes with nearness.

Source: K. Garg, G. Krishnan, S. K. Nayar, "Material Based Splashing of Water Drops",
        2007 (few droplets, thrown up at steep angles, low and wide for strong ones).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field, normals, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.resample import resize

_MOST = 600  # places in a square picture; only those on near ground are hit
_DROPLETS = 14
_DROPLET = 0.16  # diameter of a droplet, share of the height of the crown
_LONGEST_PX = 1024  # of the canvas: droplets are soft, finer drawing shows nothing
_SOFT_PX = 0.7


def splashes(far: Field, density: float, size: float, seed: int) -> Field:
    """Draw splashes.

    Args:
        far: How far the scene is, (height, width) in [0, 1].
        density: Share of all possible splashes that happen, in [0, 1].
        size: Height of the nearest, share of the shorter side.
        seed: Where they happen.

    Returns:
        (height, width) in [0, 1]: how much of a pixel is droplet.
    """
    height, width = far.shape
    scale = min(1.0, _LONGEST_PX / max(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    count = max(1, round(_MOST * height * width / min(height, width) ** 2))
    places = uniforms(opened(seed, "splashes"), count, 4)
    down = np.minimum((places[:, 1] * height).astype(np.int32), height - 1)
    across = np.minimum((places[:, 0] * width).astype(np.int32), width - 1)
    near = _ground(far, down, across)
    happening = places[:, 2] < density * near**1.5
    # Most drops are small, and so are their crowns.
    reach = size * min(rows, columns) * near * (0.35 + 1.15 * places[:, 3] ** 2)
    reach = reach.astype(np.float32)
    middles = places[:, :2] * np.array([columns, rows], dtype=np.float32) - 0.5
    points, light = _droplets(middles, reach, seed)
    canvas = _splatted(points[happening], light[happening], rows, columns)
    soft = gaussian_blurred(canvas, _SOFT_PX)
    return resize(np.minimum(soft, np.float32(1.0)), height, width, "bilinear")


def _ground(far: Field, down: NDArray[np.int32], across: NDArray[np.int32]) -> Field:
    """How near the ground is, in [0, 1]; 0 where there is none: the upper half."""
    low = np.clip(2.2 * (down + 0.5) / len(far) - 1.1, 0.0, 1.0)
    return (low * (1.0 - far[down, across])).astype(np.float32)


def _droplets(middles: Field, reach: Field, seed: int) -> tuple[Field, Field]:
    """Throw droplets: places on the canvas, (n, k, 2), and areas in pixels, (n, k)."""
    count = len(middles)
    rng = opened(seed, "droplets")
    thrown = normals(rng, count, _DROPLETS)
    drawn = uniforms(rng, count, 2, _DROPLETS)
    lean = 0.45 * thrown
    rise = drawn[:, 0] * np.exp(-2.0 * lean * lean)
    rise[:, -4:] *= 0.12  # these run along the ground
    way = np.stack([lean, -rise], axis=2) * reach[:, None, None]
    area = (_DROPLET * reach[:, None] * (0.3 + 0.9 * drawn[:, 1] ** 2)) ** 2
    return (middles[:, None] + way).astype(np.float32), area.astype(np.float32)


def _splatted(points: Field, light: Field, rows: int, columns: int) -> Field:
    """Share the light of points among the four pixels around each."""
    across, down = points[..., 0].ravel(), points[..., 1].ravel()
    left, top = np.floor(across), np.floor(down)
    right_share, low_share = across - left, down - top
    canvas = np.zeros(rows * columns, dtype=np.float32)
    for right in (0, 1):
        for low in (0, 1):
            x, y = (left + right).astype(np.int64), (top + low).astype(np.int64)
            share = np.abs(1 - right - right_share) * np.abs(1 - low - low_share)
            inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            places = (y * columns + x)[inside]
            np.add.at(canvas, places, (share * light.ravel())[inside])
    return canvas.reshape(rows, columns)
