"""The light of a display, as the sensor of a camera samples it.

A display is a grid of red, green and blue sub-pixels between black bars. In display
pixels (u, v) the light of one colour is a Fourier series of mean 1,

    m(u, v) = 1 + sum over k of a_k cos(2 pi k . ((u, v) - centre)).

The lens and the aperture of a sensor pixel leave ``sinc(fx) sinc(fy)
exp(-2 pi^2 blur^2 f^2)`` of a wave of frequency f. The sensor has one colour at every
second pixel (RGGB), so it cannot tell f from the nearest multiple of one half, and
sees only the difference: slow bands, different in each colour. This is moire.

Source: B. E. Bayer, US patent 3971065, 1976 (the array); J. W. Goodman, "Introduction
        to Fourier Optics", 1968 (transfer functions); I. Amidror, "The Theory of the
        Moiré Phenomenon", 2000 (aliased harmonics).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, exp, pi, sin
from typing import Literal

import cv2
import numpy as np

from pellucid.degrade.grain import Field

Layout = Literal["stripes", "pentile"]
Vector = tuple[float, float]

FAINT = 0.003  # waves below this contrast are left out: less than one level

# Colour at each place of the 2 x 2 cell of the sensor: row, column, colour.
_SITES = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2))

# Waves as (k_u, k_v) in cycles per display pixel. Red and blue of a PenTile stand on a
# chessboard, so their waves are half as fast.
_WHOLE = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0), (2.0, 0.0), (0.0, 2.0))
_HALVES = ((0.5, 0.5), (0.5, -0.5), (1.0, 0.0), (0.0, 1.0))


@dataclass(frozen=True)
class _Subpixel:
    """One colour of a layout, in display pixels."""

    centre: Vector
    size: Vector
    waves: tuple[Vector, ...]


_LAYOUTS: dict[Layout, tuple[_Subpixel, _Subpixel, _Subpixel]] = {
    "stripes": (
        _Subpixel((1 / 6, 0.5), (0.27, 0.8), _WHOLE),
        _Subpixel((3 / 6, 0.5), (0.27, 0.8), _WHOLE),
        _Subpixel((5 / 6, 0.5), (0.27, 0.8), _WHOLE),
    ),
    "pentile": (
        _Subpixel((0.5, 0.5), (0.5, 0.5), _HALVES),
        _Subpixel((0.0, 0.0), (0.4, 0.4), _WHOLE),
        _Subpixel((1.5, 0.5), (0.5, 0.5), _HALVES),
    ),
}


@dataclass(frozen=True)
class Bend:
    """How perspective and lens move the places of a plane screen.

    A place at x px from the middle of the picture sees the place ``x (1 + s)`` of an
    ideal view, ``1 + s = (1 + k r^2) / (1 + p . n)``, with n the place and r its
    distance from the middle, both in halves of the longer side.

    Attributes:
        tilt: p, across and down: 0.05 makes one side 10 % smaller than the other.
        barrel: k; negative for barrel, positive for pincushion.
    """

    tilt: Vector = (0.0, 0.0)
    barrel: float = 0.0


@dataclass(frozen=True)
class Screen:
    """A display in front of a sensor.

    Attributes:
        layout: How sub-pixels are arranged.
        frequency: Of the columns of the display at the middle of the picture, across
            and down, in cycles per sensor pixel; its length is 1 / pitch.
        phase: Where the grid begins, in display pixels.
        bend: Perspective and lens.
        blur_px: Standard deviation of the lens blur.
    """

    layout: Layout
    frequency: Vector
    phase: Vector = (0.0, 0.0)
    bend: Bend = Bend()
    blur_px: float = 0.5


@dataclass(frozen=True)
class _Wave:
    colour: int
    frequency: Vector
    contrast: float
    cycles: float  # phase at the middle of the picture


def seen(screen: Screen, height: int, width: int) -> Field:
    """The light of a white screen at each place of an RGGB sensor.

    Waves are evaluated at the frequency the sensor takes them for, so float32 holds
    their phase at any size.

    Returns:
        (height, width), mean 1 over many pixels; not below 0.
    """
    light = np.ones((height, width), dtype=np.float32)
    waves = _waves(screen)
    across, down = _places(height, width)
    for row, column, colour in _SITES:
        x, y = across[column::2], down[row::2]
        if not (x.size and y.size):
            continue
        shift = shifts(screen.bend, x, y, max(height, width) / 2)
        total = light[row::2, column::2]
        for wave in waves:
            if wave.colour == colour:
                start = (float(x[0, 0]), float(y[0, 0]))
                phase = _phase(wave, x.ravel(), y.ravel(), start, shift)
                total += np.float32(wave.contrast) * np.cos(phase, out=phase)
    return np.maximum(light, 0.0, out=light)  # what rounding leaves


def shifts(bend: Bend, x: Field, y: Field, half: float) -> Field:
    """The shift s of a `Bend`, as a share of the distance from the middle.

    Args:
        bend: Perspective and lens.
        x: (columns, 1), distance from the middle in px.
        y: (rows, 1), likewise.
        half: Half of the longer side, in px.

    Returns:
        (rows, columns).
    """
    across, down = x.ravel()[None] * np.float32(1 / half), y * np.float32(1 / half)
    tilt = np.repeat(down * np.float32(bend.tilt[1]), x.size, axis=1)
    tilt += across * np.float32(bend.tilt[0])
    shift = np.repeat(down * down, x.size, axis=1)
    shift += across * across
    shift *= np.float32(bend.barrel)
    shift -= tilt
    tilt += np.float32(1.0)
    shift /= tilt
    return shift.astype(np.float32, copy=False)


def viewed(plane: Field, bend: Bend) -> Field:
    """Look at a picture through a `Bend`, from so near that it fills the frame.

    Args:
        plane: (height, width) or (height, width, 3).
        bend: Perspective and lens.
    """
    height, width = plane.shape[:2]
    x, y = _places(height, width)
    more = shifts(bend, x, y, max(height, width) / 2)
    more += np.float32(1.0)
    more *= np.float32(1.0 / max(1.0, float(more.max())))
    middle = ((width - 1) / 2, (height - 1) / 2)
    moved = cv2.remap(
        plane,
        x.ravel()[None] * more + np.float32(middle[0]),
        y * more + np.float32(middle[1]),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,  # mirroring 1 pixel never ends
    )
    return moved.reshape(plane.shape).astype(np.float32, copy=False)


def blur_for(screen: Screen, contrast: float) -> float:
    """The lens blur, in px, behind which a screen has this contrast.

    Args:
        screen: Its own blur does not matter.
        contrast: How far the light of one colour swings where all its waves meet, in
            (0, 1].

    Returns:
        0 if even a perfect lens shows less.
    """
    waves = _unblurred(screen)
    sharp, soft = 0.0, 4.0
    if _swing(waves, sharp) <= contrast:
        return sharp
    for _ in range(30):  # halving: the swing falls with the blur
        middle = (sharp + soft) / 2.0
        if _swing(waves, middle) > contrast:
            sharp = middle
        else:
            soft = middle
    return soft


def _swing(waves: list[_Wave], blur_px: float) -> float:
    sums = [0.0, 0.0, 0.0]
    for wave in waves:
        sums[wave.colour] += wave.contrast * _passed(wave, blur_px)
    return max(sums)


def _passed(wave: _Wave, blur_px: float) -> float:
    """Share of a wave that a lens leaves."""
    return exp(-2.0 * (pi * blur_px) ** 2 * _squared(wave.frequency))


def _waves(screen: Screen) -> list[_Wave]:
    unblurred = _unblurred(screen)
    # A series that was cut short would go below 0 where all its waves are low.
    excess = max(1.0, _swing(unblurred, screen.blur_px))
    shares = [_passed(wave, screen.blur_px) / excess for wave in unblurred]
    passed = [
        replace(wave, contrast=wave.contrast * share)
        for wave, share in zip(unblurred, shares, strict=True)
    ]
    return [wave for wave in passed if wave.contrast >= FAINT]


def _unblurred(screen: Screen) -> list[_Wave]:
    """All waves of a screen behind the aperture of a pixel, before the lens blurs."""
    fx, fy = screen.frequency
    found: list[_Wave] = []
    for colour, subpixel in enumerate(_LAYOUTS[screen.layout]):
        for k_u, k_v in subpixel.waves:
            frequency = (k_u * fx - k_v * fy, k_u * fy + k_v * fx)
            contrast = (
                2.0 * _sinc(k_u * subpixel.size[0]) * _sinc(k_v * subpixel.size[1])
            )
            contrast *= _sinc(frequency[0]) * _sinc(frequency[1])
            cycles = k_u * (screen.phase[0] - subpixel.centre[0])
            cycles += k_v * (screen.phase[1] - subpixel.centre[1])
            if contrast < 0.0:
                contrast, cycles = -contrast, cycles + 0.5
            found.append(_Wave(colour, frequency, contrast, cycles))
    return found


def _phase(wave: _Wave, x: Field, y: Field, start: Vector, shift: Field) -> Field:
    """Radians of a wave at sites two pixels apart, whole turns between them left out.

    Args:
        wave: The wave.
        x: (columns,) px from the middle, in steps of 2.
        y: (rows,) likewise.
        start: First x and first y.
        shift: (rows, columns), of the `Bend`.
    """
    full = (2.0 * pi * wave.frequency[0], 2.0 * pi * wave.frequency[1])
    # Sites are 2 px apart, so a multiple of 1/2 cycle per px is whole turns away.
    nearest = [round(2.0 * f) / 2.0 for f in wave.frequency]
    slow = [f - 2.0 * pi * g for f, g in zip(full, nearest, strict=True)]
    skipped = sum(g * s for g, s in zip(nearest, start, strict=True))
    turn = 2.0 * pi * ((wave.cycles + skipped) % 1.0)
    # Phase and its gain along the shift, each a sum of a row and a column.
    phase = shift * np.float32(full[0]) * x[None]
    phase += shift * (np.float32(full[1]) * y)[:, None]
    phase += (np.float32(slow[0]) * x + np.float32(turn))[None]
    phase += (np.float32(slow[1]) * y)[:, None]
    return phase


def _places(height: int, width: int) -> tuple[Field, Field]:
    """Distances from the middle in px: (width, 1) and (height, 1)."""
    x = np.arange(width, dtype=np.float32) - np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32) - np.float32((height - 1) / 2)
    return x[:, None], y[:, None]


def _sinc(value: float) -> float:
    return 1.0 if value == 0.0 else sin(pi * value) / (pi * value)


def _squared(vector: Vector) -> float:
    return vector[0] ** 2 + vector[1] ** 2


def turned(length: float, angle: float) -> Vector:
    """A vector of a length, at an angle in radians from the x axis."""
    return length * cos(angle), length * sin(angle)
