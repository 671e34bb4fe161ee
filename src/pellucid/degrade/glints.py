"""Glints: the lights that are in a picture glare themselves, as lamps do at night.

Every light gets a glow around it, the brightest get rays, and all of them together
are seen once more, faint and turned by half around the middle of the picture: light
that the sensor throws back is mirrored by the filter before it. Phones show that.

Source: Y. Dai et al., "Nighttime Smartphone Reflective Flare Removal Using Optical
        Center Symmetry Prior", 2023; Y. Dai et al., "Flare7K", 2022.
"""

from __future__ import annotations

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.glare import Grid, Lens
from pellucid.degrade.grain import Field, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import luminance
from pellucid.degrade.resample import resize

_STARS = 14  # lights that get rays, at most
_LOBES = ((0.4, 2.0), (0.9, 1.7), (2.0, 1.4), (4.5, 1.2), (10.0, 1.0))
_PARTS = (
    (1.0, 0.05),
    (0.7, 0.12),
    (0.5, 0.22),
    (0.33, 0.4),
    (0.2, 0.65),
    (0.1, 1.0),
)  # of a ray, as it fades
_TINT = np.array([0.45, 1.0, 0.8], dtype=np.float32)  # of the filter before a sensor
_BITS = 4  # of a coordinate below the pixel


def glints(grid: Grid, lamps: Pixels, lens: Lens, mirrored: float, seed: int) -> Field:
    """Spread the light of the lamps in a picture.

    Args:
        grid: Where to compute it.
        lamps: Their light alone, (rows, columns, 3), linear, on the grid.
        lens: How light is spread.
        mirrored: Light of the mirrored lamps, against the lamps.
        seed: Of the lengths of rays.

    Returns:
        (rows, columns, 3), linear light, no scale.
    """
    total = np.zeros_like(lamps)
    for reach, light in _LOBES:
        sigma = reach * lens.bloom * grid.cells
        total += np.float32(light) * _blurred(lamps, sigma)
    near = gaussian_blurred(lamps, 0.02 * grid.cells)
    hue = near / (near.max(axis=2, keepdims=True) + np.float32(1e-6))
    stars = _stars(grid, luminance(lamps), lens, seed)
    total += np.float32(0.5 * lens.ray_light) * stars[..., None] * hue
    turned = gaussian_blurred(lamps, 0.004 * grid.cells)[::-1, ::-1]
    return total + np.float32(mirrored) * turned * _TINT


def _blurred(light: Field, sigma: float) -> Field:
    """Blur widely: on a small copy, as nothing fine remains."""
    rows, columns = light.shape[:2]
    shrink = min(1.0, 3.0 / max(sigma, 1e-3))
    size = max(1, round(rows * shrink)), max(1, round(columns * shrink))
    small = gaussian_blurred(resize(light, *size, "area"), sigma * shrink)
    return resize(small, rows, columns, "bilinear")


def _stars(grid: Grid, light: Field, lens: Lens, seed: int) -> Field:
    """Draw the rays of the brightest lights."""
    canvas = np.zeros((grid.rows, grid.columns), dtype=np.uint8)
    shares = uniforms(opened(seed, "stars"), max(1, lens.rays))
    angles = lens.turn + 2.0 * np.pi * np.arange(lens.rays) / max(1, lens.rays)
    found = _peaks(light, max(1, round(0.05 * grid.cells)))
    brightest = float(light.max(initial=1e-6))
    for part, shade in _PARTS:
        for row, column in reversed(found):  # the brightest is drawn last
            share = (float(light[row, column]) / brightest) ** 2
            for angle, own in zip(angles, shares, strict=False):
                reach = 0.5 * lens.ray_length * part * share * (0.6 + 0.8 * float(own))
                way = reach * grid.cells * np.array([np.cos(angle), np.sin(angle)])
                lamp = np.array([column, row])
                ends = np.rint(np.stack([lamp, lamp + way]) * 2**_BITS)
                start, end = ends.astype(int).tolist()
                level = round(255 * shade * share)
                cv2.line(canvas, start, end, level, 1, cv2.LINE_AA, _BITS)
    return gaussian_blurred(canvas.astype(np.float32) * np.float32(1 / 255), 0.5)


def _peaks(light: Field, reach: int) -> list[tuple[int, int]]:
    """Find lights that none nearby outshines, the brightest first."""
    around = np.ones((2 * reach + 1, 2 * reach + 1), dtype=np.uint8)
    highest = cv2.dilate(light, around).reshape(light.shape)
    rows, columns = np.nonzero((light >= highest) & (light > 0.15 * light.max()))
    order = np.argsort(-light[rows, columns], kind="stable")[:_STARS]
    return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))
