"""Glare: light of a lamp that dust, scratches, grease and the aperture spread.

Scattering by rough glass gives wide lobes, 1 / (1 + (r / a)^2)^p. The blades of the
aperture give rays, as many as blades if that is even, else twice as many; long waves
are bent more, so the rays of red light are longer. Scratches and dust give many faint
rays, and a wiped smear of grease gives one long band across the way of the wiping.

Lengths are in shorter sides of the picture.

Source: M. Hullin et al., "Physically-Based Real-Time Lens Flare Rendering", 2011;
        Y. Wu et al., "How to Train Neural Networks for Flare Removal", 2021
        (scattering by dust and scratches); Y. Dai et al., "Flare7K: A Phenomenological
        Nighttime Flare Removal Dataset", 2022 (glare, shimmer, streak).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred

WAVES = (1.08, 1.0, 0.9)  # of red, green and blue light, against green
_BITS = 4  # of a coordinate below the pixel


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A coarse grid over a picture; glare is soft and need not be finer.

    Attributes:
        rows: Of the grid.
        columns: Of the grid.
        height: Of the picture in shorter sides.
        width: Of the picture in shorter sides.
    """

    rows: int
    columns: int
    height: float
    width: float

    @property
    def cells(self) -> float:
        """Cells on the shorter side."""
        return min(self.rows, self.columns)

    def from_point(self, place: tuple[float, float]) -> tuple[Field, Field]:
        """Way from a point to every cell: across, (columns,), and down, (rows,)."""
        across = (np.arange(self.columns) + 0.5) / self.columns * self.width - place[0]
        down = (np.arange(self.rows) + 0.5) / self.rows * self.height - place[1]
        return across.astype(np.float32), down.astype(np.float32)

    def fixed(self, points: NDArray[np.floating]) -> NDArray[np.int32]:
        """Turn points, (n, 2), into coordinates that OpenCV draws with."""
        to_cells = np.array([self.columns / self.width, self.rows / self.height])
        return np.rint((points * to_cells - 0.5) * 2**_BITS).astype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Lens:
    """How a lens spreads light.

    Attributes:
        bloom: Radius of the narrow lobe.
        halo: Radius of the wide lobe.
        power: Of the wide lobe: how fast it falls off.
        rays: Of the aperture.
        turn: Direction of the first ray, in radians.
        ray_length: Of the aperture rays; 0.1 to 1.
        ray_light: Of the aperture rays against the lobes.
        shimmer: Light of the many faint rays against the lobes.
        smear: Light of the band across a smear, against the lobes.
        smear_turn: Direction of the band, in radians.
        smear_width: Of the band.
    """

    bloom: float
    halo: float
    power: float
    rays: int
    turn: float
    ray_length: float
    ray_light: float
    shimmer: float
    smear: float
    smear_turn: float
    smear_width: float


def glare(grid: Grid, place: tuple[float, float], lens: Lens, seed: int) -> Field:
    """Spread the light of a white lamp.

    Args:
        grid: Where to compute it.
        place: Of the lamp, across and down, in shorter sides; it may be outside.
        lens: How light is spread.
        seed: Of scratches and dust.

    Returns:
        (rows, columns, 3), linear light, no scale.
    """
    across, down = grid.from_point(place)
    squared = np.add.outer(down * down, across * across).astype(np.float32, copy=False)
    radius = np.sqrt(squared)
    rays = np.float32(lens.ray_light) * _rays(grid, place, lens, seed)
    rays += np.float32(lens.shimmer) * _shimmer(across, down, seed)
    smear = np.float32(lens.smear) * _smear(across, down, lens)
    planes: list[Field] = []
    for wave in WAVES:
        plane = _lobe(squared, lens.halo * wave, lens.power)
        plane += np.float32(6.0) * _lobe(squared, lens.bloom * wave, 2.0)
        fall = np.exp(radius * np.float32(-2.5 / (lens.ray_length * wave)))
        plane += rays * (fall + np.float32(0.15) * fall * fall)
        plane += smear * np.float32(wave**-1.5)  # fine scratches scatter blue
        planes.append(plane)
    return np.stack(planes, axis=2)


def _lobe(squared: Field, radius: float, power: float) -> Field:
    base = squared * np.float32(1.0 / radius**2)
    base += np.float32(1.0)
    raised = cv2.pow(base, -power).reshape(squared.shape)
    return raised.astype(np.float32, copy=False)


def _rays(grid: Grid, place: tuple[float, float], lens: Lens, seed: int) -> Field:
    """Draw the rays of the aperture and of some scratches as thin wedges."""
    rng = opened(seed, "rays")
    drawn = uniforms(rng, lens.rays + 10, 4)
    scratch = np.arange(len(drawn)) >= lens.rays
    angles = lens.turn + 2.0 * np.pi * np.arange(len(drawn)) / max(lens.rays, 1)
    angles += np.where(scratch, 50.0, 0.05) * (drawn[:, 0] - 0.5)
    reach = np.where(scratch, 0.2 + drawn[:, 1], 0.8 + 0.4 * drawn[:, 1])
    lengths = lens.ray_length * reach
    lights = np.where(scratch, 0.35 * drawn[:, 2] ** 2, 0.6 + 0.4 * drawn[:, 2])
    canvas = np.zeros((grid.rows, grid.columns), dtype=np.uint8)
    foot = np.array(place)
    for which in np.argsort(lights, kind="stable").tolist():  # faint ones first
        along = np.array([np.cos(angles[which]), np.sin(angles[which])])
        aside = np.array([-along[1], along[0]]) * (0.002 + 0.003 * drawn[which, 3])
        tip = foot + 1.6 * lengths[which] * along
        wedge = grid.fixed(np.stack([foot + aside, tip, foot - aside]))
        shade = round(255 * float(lights[which]))
        cv2.fillConvexPoly(canvas, wedge, shade, cv2.LINE_AA, _BITS)
    return gaussian_blurred(canvas.astype(np.float32) * np.float32(1 / 255), 0.6)


def _shimmer(across: Field, down: Field, seed: int) -> Field:
    """Many rays of all widths: a random, periodic function of the direction."""
    rng = opened(seed, "shimmer")
    steps = 1024
    waves = np.arange(steps, dtype=np.float32) * np.float32(2.0 * np.pi / steps)
    profile = np.zeros(steps, dtype=np.float32)
    for count in (3, 7, 13, 23, 37):  # squared below, which doubles them
        phase, share = uniforms(rng, 2).tolist()
        profile += np.float32(share) * np.cos(count * waves + np.float32(6.28 * phase))
    profile = np.maximum(profile, 0.0)
    profile /= profile.mean()
    x, y = np.meshgrid(across, down)
    turn = cv2.phase(x, y).reshape(x.shape)
    places = (turn * np.float32(steps / (2.0 * np.pi))).astype(np.int32) % steps
    # Near the lamp they are finer than the grid.
    radius = cv2.magnitude(x, y).reshape(x.shape)
    rays = (profile * profile)[places] * (radius / (radius + np.float32(0.06)))
    return rays.astype(np.float32, copy=False)


def _smear(across: Field, down: Field, lens: Lens) -> Field:
    """A band through the lamp: narrow across, long and fading along."""
    cos, sin = np.float32(np.cos(lens.smear_turn)), np.float32(np.sin(lens.smear_turn))
    along = (across * cos)[None, :] + (down * sin)[:, None]
    aside = (down * cos)[:, None] - (across * sin)[None, :]
    # It fans out a little with distance.
    far = np.abs(along)
    narrow = aside / (np.float32(lens.smear_width) * (1.0 + 2.0 * far))
    band = np.exp(-2.2 * far) / (1.0 + narrow * narrow) ** 2
    return band.astype(np.float32, copy=False)
