"""Scratches, dust and hairs of an old print or its scan.

Lengths and widths are shares of the shorter side. Everything that might be there is
drawn from the seed; what is seen has a number below the density. So a denser picture
has the same scratches and more.

Source: Z. Wan et al., "Bringing Old Photos Back to Life", CVPR 2020 (what there is:
        scratches, dust, cracks, stains); A. Kokaram, "Motion Picture Restoration",
        1998 (lines of a film gate are long, thin and nearly upright).
"""

from __future__ import annotations

from math import exp, log, pi

import numpy as np

from pellucid.degrade.grain import normals, opened, uniforms
from pellucid.degrade.strokes import Stroke, walk

SCRATCHES = 36
SPECKS = 160
HAIRS = 9

_BENDS = np.arange(4.0)
_PIECES = 12  # of a scratch: it goes deeper and shallower
_GATE = 0.25  # share of scratches that are long and upright
_LIGHT = 0.75  # share of scratches that bare the paper; the others hold dirt

Marks = tuple[list[Stroke], list[Stroke]]


def scratches(
    seed: int, height: int, width: int, density: float, opacity: float
) -> Marks:
    """Scratches, most of them light and some dark.

    Args:
        seed: Decides all of them.
        height: Rows.
        width: Columns.
        density: Share of all possible ones that are seen, in [0, 1].
        opacity: Cover of the deepest.

    Returns:
        Light strokes, dark strokes.
    """
    rng = opened(seed, "scratches")
    fates = uniforms(rng, SCRATCHES, 9).tolist()
    turns = normals(rng, SCRATCHES, _PIECES)
    depths = uniforms(rng, SCRATCHES, _PIECES)
    short = min(height, width)
    light: list[Stroke] = []
    dark: list[Stroke] = []
    for fate, turn, depth in zip(fates, turns, depths, strict=True):
        seen, x, y, length, heading, is_gate, wide, deep, tone = fate
        if seen >= density:
            continue
        start = np.array([x * width, y * height], dtype=np.float32)
        if is_gate < _GATE:
            start[1] = np.float32((y - 0.5) * 0.4 * height)
            way = walk(
                start,
                pi / 2 + 0.12 * (heading - 0.5),
                turn * np.float32(0.008),
                (0.3 + 0.8 * length) * height / _PIECES,
            )
        else:
            reach = short * _between_log(0.02, 0.45, length**1.5)
            way = walk(
                start, 2 * pi * heading, turn * np.float32(0.09), reach / _PIECES
            )
        # Nothing, a little, much: a needle that jumps, and lifts off at both ends.
        ends = np.sin(np.linspace(0.15, pi - 0.15, _PIECES, dtype=np.float32))
        profile = np.clip(depth * np.float32(1.7) - np.float32(0.25), 0.0, 1.0) * ends
        cover = opacity * (0.35 + 0.65 * deep)
        across = short * _between_log(0.0007, 0.0028, wide**1.6)
        into = light if tone < _LIGHT else dark
        for piece, share in enumerate(profile.tolist()):
            into.append(Stroke(way[piece : piece + 2], cover * share, across))
    return light, dark


def dust(seed: int, height: int, width: int, density: float, opacity: float) -> Marks:
    """Specks and curled hairs; arguments as of `scratches`."""
    rng = opened(seed, "dust")
    short = min(height, width)
    fates = uniforms(rng, SPECKS, 6).tolist()
    corners = (uniforms(rng, SPECKS, 6, 2) - np.float32(0.5)).astype(np.float32)
    light: list[Stroke] = []
    dark: list[Stroke] = []
    marks = (light, dark)
    for (seen, x, y, size, deep, tone), corner in zip(fates, corners, strict=True):
        if seen < density:
            centre = np.array([x * width, y * height], dtype=np.float32)
            across = short * _between_log(0.0014, 0.01, size**3)
            cover = opacity * (0.3 + 0.7 * deep)
            points = centre + corner * np.float32(across)
            (light if tone < _LIGHT else dark).append(
                Stroke(points, cover, across, is_area=True)
            )
    _add_hairs(marks, rng, height, width, density, opacity)
    return marks


def _add_hairs(
    marks: Marks,
    rng: np.random.Generator,
    height: int,
    width: int,
    density: float,
    opacity: float,
) -> None:
    short = min(height, width)
    fates = uniforms(rng, HAIRS, 7).tolist()
    bends = normals(rng, HAIRS, 4)
    for (seen, x, y, length, heading, deep, tone), bend in zip(
        fates, bends, strict=True
    ):
        if seen >= density:
            continue
        start = np.array([x * width, y * height], dtype=np.float32)
        # Curls that change slowly: 4 bends spread over 24 steps.
        places = np.linspace(0.0, 3.0, 24)
        curl = np.asarray(np.interp(places, _BENDS, bend), dtype=np.float32)
        reach = short * _between_log(0.03, 0.13, length)
        way = walk(start, 2 * pi * heading, curl * np.float32(0.16), reach / 24)
        cover = 0.9 * opacity * (0.5 + 0.5 * deep)
        (marks[0] if tone < 0.5 else marks[1]).append(
            Stroke(way, cover, short * 0.0014)
        )


def _between_log(low: float, high: float, place: float) -> float:
    return exp(log(low) + (log(high) - log(low)) * place)
