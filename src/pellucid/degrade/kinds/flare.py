"""Flare: light of a lamp that lens and dirt throw where it does not belong.

Model:  in linear light, flared = min(scene + lamp + glare + ghosts + veil, 1), and
        the clean partner is min(scene + lamp, 1): the lamp itself is no damage.
        Glare and veil are scaled to a mean light, so that they show wherever the lamp
        is, also outside of the picture.
Source: M. Hullin et al., "Physically-Based Real-Time Lens Flare Rendering", 2011;
        Y. Wu et al., "How to Train Neural Networks for Flare Removal", 2021 (light
        adds in linear values, sensors saturate); Y. Dai et al., "Flare7K++", 2023
        (the lamp stays).
"""

from __future__ import annotations

import math
from typing import Annotated

import cv2
import numpy as np
from annotated_types import Gt, Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Count, Share
from pellucid.core.settings import settings
from pellucid.degrade.assets import choose, load
from pellucid.degrade.ghosts import Reflections, ghosts
from pellucid.degrade.glare import Grid, Lens, glare
from pellucid.degrade.glints import glints
from pellucid.degrade.grain import Field, new_seed
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.lamps import add_lamp, colour_of_heat, lamps_in
from pellucid.degrade.light import to_linear, to_srgb
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import between, between_log, draw_severity

Shares = tuple[Share, Share]
Light = Annotated[float, Interval(gt=0.0, le=1.0)]
Lengths = tuple[Annotated[float, Gt(0)], Annotated[float, Gt(0)]]
Lights = tuple[Light, Light]
Blades = Annotated[int, Interval(ge=3, le=16)]
Kelvin = Annotated[float, Interval(ge=1000.0, le=40000.0)]

_BRIGHTEST = 40.0  # lights of a picture, against what they are recorded as
_PEAK = 25.0  # light of a lamp against what saturates a sensor
_CELLS = (256, 512)  # on the shorter side of the grid: at least and at most


@settings
class Flare:
    """Ranges that a flare is drawn from; lengths are shares of the shorter side.

    Attributes:
        light: Mean light that glare and veil add, linear, mildest and strongest.
        ghost: Light of a small ghost, linear, mildest and strongest.
        veil: Share of the light that is spread evenly.
        kelvin: Temperature of the lamp: 2000 is a candle, 6500 daylight.
        radius: Of the lamp.
        blades: Of the aperture.
        ghosts: How many.
        outside: Chance that the lamp is outside of the picture.
        own: Chance that the brightest lights of the picture flare, and no other.
        smear: Chance that the lens was wiped and shows a band.
        assets: Folder with pictures of flares on black in ``flare``; empty if there
            is none.
        sprite: Chance that one of them stands in for glare and ghosts.
    """

    light: Lights = (0.003, 0.13)
    ghost: Lights = (0.06, 1.0)
    veil: Shares = (0.1, 0.45)
    kelvin: tuple[Kelvin, Kelvin] = (2200.0, 8500.0)
    radius: Lengths = (0.002, 0.011)
    blades: tuple[Blades, Blades] = (5, 9)
    ghosts: tuple[Count, Count] = (2, 10)
    outside: Share = 0.35
    own: Share = 0.2
    smear: Share = 0.3
    assets: str = ""
    sprite: Share = 0.5

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw a lamp and what a lens makes of it."""
        severity = draw_severity(rng, severity)
        seed = new_seed(rng)
        chance = rng.random(3).tolist()
        place = _place(rng.random(4).tolist(), self.outside)
        lamp, shape = rng.random(4).tolist(), rng.random(14).tolist()
        sprite = choose(self.assets, "flare", rng)
        sprite = sprite if chance[0] < self.sprite else None
        if sprite is not None:  # outside, little of it would be seen
            place = [min(max(each, 0.05), 0.95) for each in place]
        blades = round(between(self.blades, lamp[0]))
        wide_open = shape[0] < 0.3
        turn = 2.0 * math.pi * shape[1]
        return {
            "severity": severity,
            "seed": seed,
            "place": place,
            "lamp": None
            if chance[1] < self.own and sprite is None
            else {
                "radius": between_log(self.radius, lamp[1]),
                "kelvin": between_log(self.kelvin, lamp[2]),
            },
            "light": between_log(self.light, severity) * (0.8 + 0.4 * lamp[3]),
            "ghost": between_log(self.ghost, severity) * (0.5 + shape[2]),
            "veil": between(self.veil, shape[3]),
            "lens": {
                "bloom": 0.012 + 0.03 * shape[4],
                "halo": 0.08 + 0.25 * shape[5],
                "power": 0.8 + 0.7 * shape[6],
                "rays": 0 if wide_open else blades * (1 + blades % 2),
                "turn": turn,
                "ray_length": 0.15 + 0.5 * shape[7] ** 2,
                "ray_light": 0.3 + 1.5 * shape[8],
                "shimmer": 0.9 * shape[9] ** 2,
                "smear": 0.3 + 1.2 * shape[10] if chance[2] < self.smear else 0.0,
                "smear_turn": 0.0 if shape[11] < 0.3 else math.pi * shape[11],
                "smear_width": 0.008 + 0.03 * shape[12],
            },
            "reflections": {
                "count": round(between(self.ghosts, shape[13])),
                "blades": 0 if wide_open else blades,
                "turn": turn,
                "largest": 0.06 + 0.16 * shape[5],
                "coating": int(6 * shape[6]),
                "other": int(6 * shape[10]),
            },
            "sprite": None
            if sprite is None
            else {
                **sprite,
                "size": 1.0 + 1.5 * shape[7],
                "turn_deg": 360.0 * shape[1],
                "flip": shape[9] < 0.5,
            },
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Add the lamp and its flare."""
        scene = to_linear(image.pixels)
        flare = self._flare(scene, params)
        _add_lamp(scene, params)
        scene += resize(flare, image.height, image.width, "bicubic").clip(min=0.0)
        return image.with_pixels(to_srgb(scene))

    def target(self, image: Image, params: Params) -> Image:
        """Add the lamp alone; the picture itself where its own lights flare."""
        if params["lamp"] is None:
            return image
        scene = to_linear(image.pixels)
        _add_lamp(scene, params)
        return image.with_pixels(to_srgb(scene))

    def _flare(self, scene: Pixels, params: Params) -> Field:
        """Compute everything but the lamp, linear light, on a coarse grid."""
        grid = _grid(*scene.shape[:2])
        x, y = params["place"]
        place, seed = (x * grid.width, y * grid.height), int(params["seed"])
        colour, strength = _colour(params), np.float32(params["light"])
        most = 1e4
        if params["lamp"] is None:
            most = _BRIGHTEST * float(strength)
            small = resize(scene, grid.rows, grid.columns, "area")
            lens = Lens(**params["lens"])
            spread = glints(grid, lamps_in(small), lens, 0.15, seed)
        elif params["sprite"] is not None:
            sprite = load(self.assets, params["sprite"])
            # It has a colour of its own, so it takes on only half of that of the lamp.
            spread = _laid(grid, sprite, place, params["sprite"]) * (1.0 + colour)
        else:
            spread = glare(grid, place, Lens(**params["lens"]), seed) * colour
        share = np.float32(params["veil"])
        flare = _scaled(spread, float(strength * (1.0 - share)), most)
        flare += strength * share * colour
        if params["lamp"] is not None and params["sprite"] is None:
            reflections = Reflections(**params["reflections"])
            flare += ghosts(grid, place, reflections, seed) * (
                np.float32(params["ghost"]) * colour
            )
        return flare


def _place(drawn: list[float], outside: float) -> list[float]:
    """Choose where the lamp is, in shares of width and height; mostly high up."""
    where, side, along, depth = drawn
    if where >= outside:
        return [0.05 + 0.9 * along, 0.04 + 0.8 * depth**1.4]
    away = 0.03 + 0.22 * depth
    if side < 0.55:
        return [along, -away]
    if side < 0.95:
        return [-away if side < 0.75 else 1.0 + away, 0.8 * along]
    return [along, 1.0 + away]


def _colour(params: Params) -> Field:
    lamp = params["lamp"]
    if lamp is None:
        return np.ones(3, dtype=np.float32)
    return colour_of_heat(lamp["kelvin"])


def _add_lamp(scene: Pixels, params: Params) -> None:
    lamp = params["lamp"]
    if lamp is not None:
        light = np.float32(_PEAK) * colour_of_heat(lamp["kelvin"])
        add_lamp(scene, (params["place"][0], params["place"][1]), lamp["radius"], light)


def _grid(height: int, width: int) -> Grid:
    short = min(height, width)
    least, most = _CELLS
    scale = min(1.0, min(most, max(least, short // 2)) / short)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    return Grid(rows=rows, columns=columns, height=height / short, width=width / short)


def _scaled(light: Field, mean: float, most: float) -> Field:
    """Scale to a mean that the sensor sees: what is above 1 counts as 1.

    A picture may have hardly any light of its own. Then the factor ends at ``most``,
    and what is missing comes from lights that are not in the picture, as a veil.
    """
    small = resize(light, min(64, light.shape[0]), min(64, light.shape[1]), "area")
    factor = np.float32(mean) / max(small.mean(), np.float32(1e-6))
    for _ in range(3):
        seen = np.minimum(small * factor, 1.0).mean()
        factor *= np.float32(mean) / max(seen, np.float32(1e-6))
    factor = min(factor, np.float32(most))
    seen = np.minimum(small * factor, 1.0).mean()
    return light * factor + max(np.float32(mean) - seen, np.float32(0.0))


def _laid(grid: Grid, sprite: Pixels, place: tuple[float, float], how: Params) -> Field:
    """Lay a picture of a flare on the grid, its brightest place where the lamp is."""
    light = to_linear(sprite)
    light = light[:, ::-1] if how["flip"] else light
    # Black is never quite black.
    light = np.maximum(light - np.float32(0.002), np.float32(0.0)).copy()
    rows, columns = light.shape[:2]
    brightest = gaussian_blurred(light.max(axis=2), 0.02 * min(rows, columns)).argmax()
    down, across = divmod(int(brightest), columns)
    scale = how["size"] * grid.cells / max(rows, columns)
    matrix = cv2.getRotationMatrix2D((across, down), how["turn_deg"], scale)
    matrix[:, 2] += np.array(place) * grid.cells - 0.5 - (across, down)
    size = (grid.columns, grid.rows)
    if scale < 0.5:  # warping does not average
        light = gaussian_blurred(light, 0.4 / scale)
    laid = cv2.warpAffine(light, matrix, size).astype(np.float32, copy=False)
    return laid.reshape(grid.rows, grid.columns, 3)


PLUGIN: type[Degradation] = Flare
