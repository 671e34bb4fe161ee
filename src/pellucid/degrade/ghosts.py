"""Ghosts: discs of light that comes to the sensor after two reflections in the lens.

Each pair of glass surfaces gives one. They lie on the line from the lamp through the
middle of the picture, have the shape of the aperture, cut off at one side where the
lens barrel is in the way, and the colour that the coating lets through. The larger
one is, the fainter, since it spreads the same light.

Source: M. Hullin et al., "Physically-Based Real-Time Lens Flare Rendering", 2011.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.degrade.glare import WAVES, Grid
from pellucid.degrade.grain import Field, opened, uniforms

# What coatings reflect, linear RGB: green, violet, amber, blue, red, nearly white.
_COATINGS = (
    (0.45, 1.0, 0.6),
    (0.75, 0.5, 1.0),
    (1.0, 0.72, 0.4),
    (0.4, 0.7, 1.0),
    (1.0, 0.5, 0.45),
    (0.9, 1.0, 0.95),
)


@dataclass(frozen=True, kw_only=True)
class Reflections:
    """Which ghosts a lens has.

    Attributes:
        count: How many.
        blades: Corners of the aperture; 0 is round, as with a lens wide open.
        turn: Of the aperture, in radians.
        largest: Radius of the largest possible, in shorter sides.
        coating: Place of the usual one among the coatings.
        other: Place of the other one: most lenses have few kinds.
    """

    count: int
    blades: int
    turn: float
    largest: float
    coating: int
    other: int


def ghosts(
    grid: Grid, place: tuple[float, float], reflections: Reflections, seed: int
) -> Field:
    """Draw the ghosts of a white lamp.

    Args:
        grid: Where to compute them.
        place: Of the lamp, across and down, in shorter sides; it may be outside.
        reflections: Which there are.
        seed: Where on the line they are, and how large.

    Returns:
        (rows, columns, 3), linear light; the brightest of the small ones near 1.
    """
    total = np.zeros((grid.rows, grid.columns, 3), dtype=np.float32)
    middle = np.array([grid.width / 2.0, grid.height / 2.0], dtype=np.float32)
    to_lamp = np.array(place, dtype=np.float32) - middle
    drawn = uniforms(opened(seed, "ghosts"), max(1, reflections.count), 8)
    for ghost in drawn[: reflections.count]:
        _add_ghost(total, grid, middle, to_lamp, reflections, ghost)
    return total


def ghost_centre(middle: Field, to_lamp: Field, chance: float) -> Field:
    """Find the middle of a ghost: on the line, mostly beyond the middle."""
    shift = -1.7 + 2.4 * chance
    return (middle + shift * to_lamp).astype(np.float32)


def _add_ghost(
    total: Field,
    grid: Grid,
    middle: Field,
    to_lamp: Field,
    reflections: Reflections,
    ghost: Field,
) -> None:
    chance, size, light, kind, coat, mix, edge, cut = (float(each) for each in ghost)
    radius = 0.012 * (reflections.largest / 0.012) ** size
    centre = ghost_centre(middle, to_lamp, chance)
    window = _window(grid, centre, 1.3 * radius)
    if window is None:
        return
    top, bottom, left, right = window
    across, down = grid.from_point((float(centre[0]), float(centre[1])))
    u = (across[left:right] / np.float32(radius))[None, :]
    v = (down[top:bottom] / np.float32(radius))[:, None]
    rho = _shape(u, v, reflections)
    # The barrel cuts off what lies away from the middle.
    outwards = to_lamp / (float(np.hypot(*to_lamp)) + 1e-6) * (0.3 + 1.1 * cut)
    aside = np.sqrt(
        (u + np.float32(outwards[0])) ** 2 + (v + np.float32(outwards[1])) ** 2
    )
    rho = np.maximum(rho, aside * np.float32(1.0 / (1.5 + 0.4 * cut)))
    colour = np.array(
        _COATINGS[reflections.other if coat < 0.35 else reflections.coating]
    )
    colour = (0.35 + 0.65 * colour) * (1 - 0.3 * mix) + 0.3 * mix
    faint = (0.3 + 0.7 * light) * (0.012 / radius) ** 0.9
    soft = 1.5 / (radius * grid.cells) + 0.04 + 0.35 * edge**3
    patch = total[top:bottom, left:right]
    for channel, wave in enumerate(WAVES):
        # Red light is bent less, so its ghost is a little larger.
        disc = _disc(rho * np.float32(1.0 / (1.0 + 0.25 * (wave - 1.0))), soft, kind)
        patch[..., channel] += np.float32(faint * colour[channel]) * disc


def _window(
    grid: Grid, centre: Field, reach: float
) -> tuple[int, int, int, int] | None:
    """Rows and columns that a disc may touch; None if it is outside."""
    per_row, per_column = grid.rows / grid.height, grid.columns / grid.width
    top = max(0, int((centre[1] - reach) * per_row))
    bottom = min(grid.rows, int((centre[1] + reach) * per_row) + 1)
    left = max(0, int((centre[0] - reach) * per_column))
    right = min(grid.columns, int((centre[0] + reach) * per_column) + 1)
    return None if top >= bottom or left >= right else (top, bottom, left, right)


def _shape(u: Field, v: Field, reflections: Reflections) -> Field:
    """Distance from the middle, 1 on the rim of the aperture."""
    circle = np.sqrt(u * u + v * v)
    blades = reflections.blades
    if blades == 0:
        return circle
    polygon = np.full_like(circle, -np.inf)
    for turn in (reflections.turn + 2.0 * np.pi * np.arange(blades) / blades).tolist():
        side = u * np.float32(np.cos(turn)) + v * np.float32(np.sin(turn))
        np.maximum(polygon, side, out=polygon)
    # Blades are curved a little, and corners are never sharp.
    return np.float32(0.75) * polygon + np.float32(0.25) * circle


def _disc(rho: Field, soft: float, kind: float) -> Field:
    """Light across a ghost: even, bright at the rim, or a faint soft spot."""
    inside = np.clip((1.0 - rho) * np.float32(1.0 / soft) + 0.5, 0.0, 1.0)
    inside *= inside * (3.0 - 2.0 * inside)
    rim = rho * rho
    if kind < 0.45:
        inside *= 0.75 + 0.25 * rim
    elif kind < 0.7:
        inside *= 0.25 + 0.75 * rim * rim * rim
    else:
        inside *= np.maximum(1.0 - rim, 0.0)
    return inside.astype(np.float32, copy=False)
