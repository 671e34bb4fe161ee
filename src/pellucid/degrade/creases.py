"""Creases, worn borders and torn corners: where the emulsion has come off.

Lengths are shares of the shorter side. As with scratches, all that might be there
comes from the seed, and what is seen has a number below the density; borders and
corners grow from the outside, so more wear covers what less wear did.

Source: Z. Wan et al., "Bringing Old Photos Back to Life", CVPR 2020 (what there is);
        the shapes are made up after scans of prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import Field, normals, opened, uniforms
from pellucid.degrade.strokes import Points, Stroke, walk

CREASES = 4
_NODES = 97  # of the line of a crease
_FLAKES = 60  # along each crease
_BRANCHES = 14
_BORDER_NODES = 193
_QUARTER = np.array([1.0, -1.0], dtype=np.float32)  # (a, b) to (b, -a): a turn by 90°


@dataclass(frozen=True, eq=False)
class Crease:
    """One fold from border to border.

    Attributes:
        line: (nodes, 2), x and y in px.
        normal: Unit vector across it.
        depth: How hard it was folded, in [0, 1].
        number: Which of the possible ones it is.
    """

    line: Points
    normal: Points
    depth: float
    number: int


def creases(seed: int, height: int, width: int, density: float) -> list[Crease]:
    """Find where the print was folded.

    Args:
        seed: Decides all of them.
        height: Rows.
        width: Columns.
        density: Share of all possible ones that are seen.
    """
    rng = opened(seed, "creases")
    fates = uniforms(rng, CREASES, 5).tolist()
    wander = normals(rng, CREASES, _NODES)
    short = min(height, width)
    found: list[Crease] = []
    for number, (seen, kind, one, two, depth) in enumerate(fates):
        if seen >= density:
            continue
        start, end = _ends(kind, one, two, height, width)
        along = end - start
        length = max(float(np.hypot(*along)), 1.0)
        normal = np.array([-along[1], along[0]], dtype=np.float32) / np.float32(length)
        steps = np.linspace(0.0, 1.0, _NODES, dtype=np.float32)
        # A walk that comes back to its beginning: folds are straight but for threads.
        path = np.cumsum(wander[number], dtype=np.float32)
        path -= steps * path[-1]
        aside = path * np.float32(0.0009 * short)
        line = start + steps[:, None] * along + aside[:, None] * normal
        found.append(Crease(line, normal, 0.5 + 0.5 * depth, number))
    return found


def cracks(seed: int, crease: Crease, short: int, opacity: float) -> list[Stroke]:
    """The emulsion that broke along a crease: a line, flakes and branches.

    Args:
        seed: As of `creases`.
        crease: One of them.
        short: Shorter side of the picture, in px.
        opacity: Cover where the emulsion is gone.
    """
    rng = opened(seed, "cracks", crease.number)
    cover = opacity * crease.depth
    open_to = uniforms(rng, _NODES)
    wide = 0.0012 + 0.0022 * float(uniforms(rng, 1)[0])
    # Neighbours break together, so the line has gaps and not dashes.
    nearby = np.convolve(open_to, np.full(5, 0.2, dtype=np.float32), mode="same")
    profile = np.clip(nearby * np.float32(4.0) - np.float32(1.2), 0.08, 1.0)
    strokes = [
        Stroke(crease.line[node : node + 2], cover * float(profile[node]), wide * short)
        for node in range(_NODES - 1)
    ]
    strokes += _flakes(rng, crease, short, cover, opacity)
    return strokes + _branches(rng, crease, short, cover)


def worn_borders(seed: int, height: int, width: int, depth: float) -> list[Stroke]:
    """Strips along the four borders where the emulsion is rubbed off.

    Args:
        seed: Decides them.
        height: Rows.
        width: Columns.
        depth: Width of a broad strip, as a share of the shorter side.
    """
    rng = opened(seed, "worn")
    rough = _rough(rng)
    last = (width - 1, height - 1)
    strokes: list[Stroke] = []
    for side in range(4):
        reach = np.maximum(rough[side], 0.0) * np.float32(depth * min(height, width))
        end = last[1 - side % 2]
        along = np.linspace(0.0, end, _BORDER_NODES, dtype=np.float32)
        # One pixel more than the strip, and far outside where nothing is worn.
        inner = np.stack([reach - np.float32(1.0), along], axis=1)
        outer = np.array([[-9.0, end + 9.0], [-9.0, -9.0]], dtype=np.float32)
        around = np.concatenate([inner, outer])
        if side >= 2:
            around[:, 0] = np.float32(last[side % 2]) - around[:, 0]
        if side % 2:
            around = around[:, ::-1]
        strokes.append(Stroke(around, 1.0, is_area=True))
    return strokes


def torn_corners(
    seed: int, height: int, width: int, density: float, growth: float
) -> list[Stroke]:
    """Corners that are bent off or torn away.

    Args:
        seed: Decides them.
        height: Rows.
        width: Columns.
        density: Share of the corners that are torn.
        growth: Size of all of them, in [0, 1].
    """
    rng = opened(seed, "corners")
    fates = uniforms(rng, 4, 3).tolist()
    ragged = normals(rng, 4, 13)
    short = min(height, width)
    steps = np.linspace(0.0, 1.0, 13, dtype=np.float32)
    strokes: list[Stroke] = []
    for corner, (seen, one, two) in enumerate(fates):
        if seen >= density:
            continue
        legs = [growth * short * (0.02 + 0.11 * each**2) for each in (one, two)]
        rough = np.float32(1.0) + np.float32(0.07) * ragged[corner]
        x = np.float32(legs[0]) * (np.float32(1.0) - steps) * rough
        y = np.float32(legs[1]) * steps * rough
        torn = np.stack([x, y], axis=1)
        points = np.concatenate([np.full((1, 2), -9.0, dtype=np.float32), torn])
        points[1, 1], points[-1, 0] = -9.0, -9.0
        if corner % 2:
            points[:, 0] = width - 1 - points[:, 0]
        if corner >= 2:
            points[:, 1] = height - 1 - points[:, 1]
        strokes.append(Stroke(points, 1.0, is_area=True))
    return strokes


def shading(found: list[Crease], across: Field, down: Field, reach: float) -> Field:
    """Light on the near side of each fold and dark on the far side.

    Args:
        found: Creases.
        across: (1, columns), x of each place in px.
        down: (rows, 1), y of each place in px.
        reach: How far the paper is bent, in px.

    Returns:
        (rows, columns), about [-1, 1]; positive is darker.
    """
    total = np.zeros((down.shape[0], across.shape[1]), dtype=np.float32)
    for crease in found:
        start = crease.line[0]
        from_line = crease.normal[0] * (across - start[0]) + crease.normal[1] * (
            down - start[1]
        )
        from_line *= np.float32(1.0 / max(reach, 1e-3))
        bump = np.exp(-np.abs(from_line))
        bump *= np.clip(from_line * np.float32(3.0), -1.0, 1.0)
        total += np.float32(crease.depth) * bump
    return total


def _ends(
    kind: float, one: float, two: float, height: int, width: int
) -> tuple[Points, Points]:
    """Where a fold meets the borders: down, across, or off a corner."""
    if kind < 0.4:
        x = (0.15 + 0.7 * one) * width
        ends = (x, 0.0), (x + (two - 0.5) * 0.3 * width, height)
    elif kind < 0.75:
        y = (0.15 + 0.7 * one) * height
        ends = (0.0, y), (width, y + (two - 0.5) * 0.3 * height)
    else:
        x, y = (0.08 + 0.3 * one) * width, (0.08 + 0.3 * two) * height
        is_left, is_top = kind < 0.875, round(kind * 1000) % 2 == 0
        ends = (x if is_left else width - x, 0.0), (0.0 if is_left else width, y)
        if not is_top:
            ends = (ends[0][0], float(height)), (ends[1][0], height - y)
    start, end = np.array(ends, dtype=np.float32)
    return start, end


def _flakes(
    rng: np.random.Generator, crease: Crease, short: int, cover: float, growth: float
) -> list[Stroke]:
    """Small pieces with corners that fell off, more of them where it broke open."""
    fates = uniforms(rng, _FLAKES, 5).tolist()
    corners = uniforms(rng, _FLAKES, 9)
    around = np.linspace(0.0, 2.0 * pi, 10, dtype=np.float32)[:-1]
    strokes: list[Stroke] = []
    for (seen, place, aside, size, turn), corner in zip(fates, corners, strict=True):
        if seen >= growth:
            continue
        node = crease.line[min(int(place * _NODES), _NODES - 1)]
        centre = node + crease.normal * np.float32((aside - 0.5) * 0.01 * short)
        radius = short * (0.0012 + 0.009 * size**5)
        lengths = np.float32(radius) * (np.float32(0.25) + np.float32(1.5) * corner)
        # Longer along the crease than across it, and never round.
        along, across = np.cos(around) * (1.2 + 3.0 * turn), np.sin(around)
        spread = (along * lengths)[:, None] * crease.normal[::-1] * _QUARTER
        spread += (across * lengths)[:, None] * crease.normal
        strokes.append(Stroke(centre + spread, cover, 2.0 * radius, is_area=True))
    return strokes


def _branches(
    rng: np.random.Generator, crease: Crease, short: int, cover: float
) -> list[Stroke]:
    """Fine cracks that run from the crease into the picture."""
    fates = uniforms(rng, _BRANCHES, 4).tolist()
    turns = normals(rng, _BRANCHES, 6)
    across = float(np.arctan2(crease.normal[1], crease.normal[0]))
    strokes: list[Stroke] = []
    for (place, side, length, deep), turn in zip(fates, turns, strict=True):
        start = crease.line[min(int(place * _NODES), _NODES - 1)]
        heading = across + (pi if side < 0.5 else 0.0) + 2.4 * (side % 0.5 - 0.25)
        stride = short * (0.006 + 0.04 * length**2) / 6
        way = walk(start, heading, turn * np.float32(0.5), stride)
        strokes.append(Stroke(way, cover * (0.15 + 0.4 * deep), 0.0009 * short))
    return strokes


def _rough(rng: np.random.Generator) -> NDArray[np.float32]:
    """How deep each place of the four borders is worn: long strips and small nicks.

    Returns:
        (4, nodes), mostly below 0, which is not worn at all; seldom above 2.
    """
    places = np.linspace(0.0, 1.0, _BORDER_NODES)
    total = np.full((4, _BORDER_NODES), -0.5, dtype=np.float32)
    for knots, share in ((5, 0.7), (25, 0.5), (_BORDER_NODES, 0.22)):
        heights = normals(rng, 4, knots)
        for side in range(4):
            at = np.linspace(0.0, 1.0, knots)
            line = np.asarray(np.interp(places, at, heights[side]), dtype=np.float32)
            total[side] += line * np.float32(share)
    return total
