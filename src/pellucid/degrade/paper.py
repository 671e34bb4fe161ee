"""What lies over a whole print: stains, foxing, uneven light, shadows of folds.

All of it takes light away, smoothly, so it is computed small and made larger. Shares
are of the shorter side of the picture.

Model:  seen = print * exp(-(brown * tint + gray)), in coded values: products of light
        are products of coded values, with other exponents.
Source: R. D. Deegan et al., "Capillary Flow as the Cause of Ring Stains from Dried
        Liquid Drops", Nature 389, 1997 (the dark rim); S. Choi, "Foxing on Paper",
        Journal of the American Institute for Conservation 46, 2007 (brown spots).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.creases import Crease, shading
from pellucid.degrade.grain import Field, clouds, opened, smooth, uniforms
from pellucid.degrade.kernels import gaussian_blurred

STAINS = 6
SPOTS = 90

_LARGEST = 256  # longer side of the fields; stains have no finer detail
_TINT = np.array([0.35, 0.62, 1.0], dtype=np.float32)  # absorbed by brown: most of blue
_FOLD = 0.016  # reach of the shadow beside a crease
_ROUGH = 0.3  # how far from round a stain is, as a share of its radius


@dataclass(frozen=True)
class Ageing:
    """How much of each there is; all 0 is new paper.

    Attributes:
        stains: Share of all possible stains that are there, in [0, 1].
        stain: Darkness of the stains.
        foxing: Share of all possible brown spots that are there.
        uneven: Darkness of the darker places of an uneven light.
        border: Darkness of the brown border.
        fold: Darkness of the shadow beside a crease.
    """

    stains: float = 0.0
    stain: float = 0.0
    foxing: float = 0.0
    uneven: float = 0.0
    border: float = 0.0
    fold: float = 0.0


def aged(pixels: Pixels, ageing: Ageing, found: list[Crease], seed: int) -> Pixels:
    """Lay stains and shadows over a print.

    Args:
        pixels: (height, width, 3) in [0, 1].
        ageing: How much of each.
        found: Where the print was folded.
        seed: Decides shapes and places.
    """
    if ageing == Ageing():
        return pixels
    height, width = pixels.shape[:2]
    sheet = _sheet(height, width)
    rng = opened(seed, "light")
    brown = _stains(sheet, ageing, seed)
    brown += _foxing(sheet, ageing.foxing, seed)
    brown += _border(sheet, ageing.border, rng)
    gray = smooth(rng, sheet.rows, sheet.columns, 1.6)
    gray *= np.float32(0.5 * ageing.uneven)
    gray += shading(found, sheet.across, sheet.down, _FOLD * sheet.short) * np.float32(
        ageing.fold
    )
    light = np.exp(-(brown[:, :, None] * _TINT + gray[:, :, None]))
    large = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    large = large.reshape(pixels.shape).astype(np.float32, copy=False)
    large *= pixels
    return np.minimum(large, np.float32(1.0), out=large)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Places of a small field, in px of the large picture.

    Attributes:
        height: Of the picture, in px.
        width: Of the picture, in px.
        across: (1, columns), x of each place.
        down: (rows, 1), y of each place.
    """

    height: int
    width: int
    across: Field
    down: Field

    @property
    def short(self) -> int:
        return min(self.height, self.width)

    @property
    def rows(self) -> int:
        return self.down.size

    @property
    def columns(self) -> int:
        return self.across.size


def _sheet(height: int, width: int) -> _Sheet:
    scale = min(1.0, _LARGEST / max(height, width))
    across = _places(max(2, round(width * scale)), width)[None]
    down = _places(max(2, round(height * scale)), height)[:, None]
    return _Sheet(height, width, across, down)


def _stains(sheet: _Sheet, ageing: Ageing, seed: int) -> Field:
    """Dried drops and water lines: darker at the rim, where the flow carried dirt."""
    rng = opened(seed, "stains")
    fates = uniforms(rng, STAINS, 7).tolist()
    rough = smooth(rng, sheet.rows, sheet.columns, 7.0)
    fine = smooth(rng, sheet.rows, sheet.columns, 17.0)
    rough += fine * np.float32(0.4)
    patchy = clouds(rng, sheet.rows, sheet.columns, 9.0)
    patchy *= np.float32(1.2)
    patchy += np.float32(0.15)
    total = np.zeros((sheet.rows, sheet.columns), dtype=np.float32)
    for seen, x, y, size, filled, thin, dark in fates:
        if seen >= ageing.stains:
            continue
        radius = sheet.short * exp(log(0.04) + log(0.38 / 0.04) * size)
        place = (1.3 * x - 0.15) * sheet.width, (1.3 * y - 0.15) * sheet.height
        inside = _inside(sheet, place, radius, rough)
        inside *= np.float32(1.0 / (sheet.short * (0.003 + 0.01 * thin)))
        # In widths of the rim: steep outside and slow inside, as a drop dries.
        edge = np.exp(np.minimum(inside * np.float32(3.0), inside * np.float32(-0.4)))
        edge += np.clip(inside * np.float32(0.5), 0.0, 1.0) * np.float32(
            0.1 + 0.5 * filled
        )
        edge *= patchy
        total += edge * np.float32(ageing.stain * (0.4 + 0.6 * dark))
    return total


def _inside(
    sheet: _Sheet, place: tuple[float, float], radius: float, rough: Field
) -> Field:
    """Distance in px from the outline of a blotch, positive inside."""
    x, y = sheet.across - np.float32(place[0]), sheet.down - np.float32(place[1])
    distance = cv2.sqrt(x * x + y * y).reshape(rough.shape)
    inside = rough * np.float32(_ROUGH * radius)
    inside += np.float32(radius)
    inside -= distance
    return inside


def _foxing(sheet: _Sheet, share: float, seed: int) -> Field:
    """Brown spots with soft borders, two thirds of them in colonies."""
    rng = opened(seed, "foxing")
    fates = uniforms(rng, SPOTS, 5).tolist()
    colonies = uniforms(rng, 5, 2).tolist()
    plane = np.zeros((sheet.rows, sheet.columns), dtype=np.uint8)
    scale = sheet.columns / sheet.width
    for number, (seen, x, y, wide, dark) in enumerate(fates):
        if seen >= share:
            continue
        if number % 3:
            home = colonies[number % 5]
            x, y = home[0] + 0.3 * (x - 0.5), home[1] + 0.3 * (y - 0.5)
        radius = scale * sheet.short * (0.0018 + 0.009 * wide**3)
        centre = (round(16 * x * sheet.columns), round(16 * y * sheet.rows))
        level = round(255 * (0.25 + 0.75 * dark) * min(1.0, radius))
        reach = max(8, round(16 * radius))
        cv2.circle(plane, centre, reach, (level,), -1, cv2.LINE_AA, 4)
    soft = gaussian_blurred(plane.astype(np.float32), 1.1)
    return soft * np.float32(0.55 / 255.0)


def _border(sheet: _Sheet, dark: float, rng: np.random.Generator) -> Field:
    """Paper browns from its edges, where air comes in."""
    across, down = sheet.across, sheet.down
    near = np.minimum(
        np.minimum(across, sheet.width - 1 - across),
        np.minimum(down, sheet.height - 1 - down),
    )
    # Wider and narrower by a third of its width, nowhere less than a fifth.
    reach = smooth(rng, sheet.rows, sheet.columns, 5.0)
    reach *= np.float32(0.35)
    reach += np.float32(1.0)
    np.maximum(reach, np.float32(0.2), out=reach)
    near *= np.float32(-1.0 / (0.07 * sheet.short))
    near /= reach
    return np.exp(near, out=near) * np.float32(dark)


def _places(count: int, full: int) -> Field:
    """Where the pixels of a small field lie in the large picture, in px."""
    steps = np.arange(count, dtype=np.float32) + np.float32(0.5)
    return steps * np.float32(full / count) - np.float32(0.5)
