"""A second picture made from nothing: what a pane may reflect.

Dead leaves: opaque shapes of all sizes that cover each other have the statistics of
photographs (power falls about with the square of the frequency), and fields of equal
contrast in every octave give them grain. On them lie the few things that people know
in a reflection: windows, lamps, a skyline, a person. A pane adds blur and little of
this is seen sharply, so outlines will do.

Light is linear: 1 is a white wall, a lamp is up to `LAMP`. Places and sizes are shares
of the picture, so a scene looks the same at any size.

Source: A. Lee, D. Mumford, J. Huang, "Occlusion Models for Natural Images", IJCV 2001
        (dead leaves, sizes by the inverse cube); D. Field, "Relations between the
        statistics of natural images and the response properties of cortical cells",
        JOSA A 1987 (the spectrum).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field, opened, smooth
from pellucid.degrade.resample import resize

LAMP = 8.0

_SMALL, _LARGE = 0.015, 0.4  # radius of a leaf, as a share of the picture
_FINE = 4  # bits behind the point in OpenCV's places of outlines

Colour = NDArray[np.float64]
Points = NDArray[np.float64]


def scene(seed: int, height: int, width: int) -> Pixels:
    """Paint a room, a street, a night or a garden.

    Args:
        seed: Same seed, same scene.
        height: Rows; 256 show all there is.
        width: Columns.

    Returns:
        (height, width, 3), linear light, from 0 to `LAMP`.
    """
    rng = opened(seed, "scene")
    canvas = Canvas(np.zeros((height, width, 3), dtype=np.float32), rng)
    painters = (_room, _room, _room, _street, _street, _garden, _garden, _night)
    painters[canvas.pick(len(painters))](canvas)
    soft = cv2.GaussianBlur(canvas.pixels, (3, 3), 0.7)  # outlines are not antialiased
    soft *= _grain(rng, height, width)[:, :, None]
    return np.minimum(soft, LAMP, out=soft)


@dataclass(frozen=True)
class Canvas:
    """Linear light to paint on; places are shares of width and height.

    Attributes:
        pixels: (height, width, 3).
        rng: Where chance comes from; only its `random` is used, whose numbers are
            equal in all versions of numpy.
    """

    pixels: Field
    rng: np.random.Generator

    def one(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw a number."""
        return low + (high - low) * float(self.rng.random())

    def pick(self, count: int) -> int:
        """Draw a place in a list."""
        return min(int(self.one() * count), count - 1)

    def colour(self, light: float, vivid: float = 0.12) -> Colour:
        """Draw a colour of about this light."""
        hue = 1.0 + vivid * 2.0 * (self.rng.random(3) - 0.5)
        return np.maximum(light * hue, 0.0)

    def polygon(self, points: Points, colour: Colour) -> None:
        """Fill an outline of points (x, y)."""
        height, width = self.pixels.shape[:2]
        places = np.clip(points, -2.0, 3.0) * ((width, height)) * 2**_FINE
        outline = np.rint(places).astype(np.int32)
        cv2.fillPoly(self.pixels, [outline], colour.tolist(), cv2.LINE_8, _FINE)

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour
    ) -> None:
        """Fill an upright rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.polygon(np.array(corners), colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a disc; the radius is a share of the mean side."""
        turn = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)
        ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        self.polygon(np.array((x, y)) + ring * self.share(radius), colour)

    def share(self, length: float) -> Points:
        """Turn a length, a share of the mean side, into shares of width and height."""
        height, width = self.pixels.shape[:2]
        return length * np.sqrt(height * width) / np.array((width, height))

    def wash(self, top: Colour, bottom: Colour) -> None:
        """Let the light run from the upper to the lower edge."""
        rows = np.linspace(0.0, 1.0, self.pixels.shape[0])[:, None]
        column = (1.0 - rows) * top + rows * bottom
        self.pixels[:] = column[:, None].astype(np.float32)


def _room(canvas: Canvas) -> None:
    """Somebody stands before the pane, windows and lamps behind them."""
    wall = canvas.one(0.05, 0.3)
    canvas.wash(canvas.colour(wall * 1.4), canvas.colour(wall * 0.5))
    _leaves(canvas, 50, wall, above=0.15)
    floor = canvas.one(0.65, 0.85)
    slant = canvas.one(-0.12, 0.12)
    ground = [(-0.1, floor - slant), (1.1, floor + slant), (1.1, 1.1), (-0.1, 1.1)]
    canvas.polygon(np.array(ground), canvas.colour(wall * 0.6))
    _windows(canvas, 1 + canvas.pick(4))
    _leaves(canvas, 60, wall * 0.6, above=0.5)
    _lamps(canvas, canvas.pick(5), lowest=0.35)
    _people(canvas, canvas.pick(3), wall * 0.15)


def _street(canvas: Canvas) -> None:
    """A bright sky above house fronts; cars, trees and people below."""
    sky = canvas.one(0.7, 1.6)
    canvas.wash(sky * np.array((0.75, 0.9, 1.15)), canvas.colour(sky * 1.1))
    stone = sky * canvas.one(0.1, 0.3)
    left = -0.1
    while left < 1.0:
        right = left + canvas.one(0.08, 0.35)
        _house(canvas, left, canvas.one(0.05, 0.6), right, stone * canvas.one(0.4, 1.6))
        left = right
    if canvas.one() < 0.5:
        _foliage(canvas, canvas.one(0.35, 0.6), sky * 0.12)
    street = canvas.one(0.7, 0.85)
    canvas.box(-0.1, street, 1.1, 1.1, canvas.colour(stone * 0.9))
    _leaves(canvas, 70, stone * 0.8, above=0.55)
    _people(canvas, canvas.pick(4), stone * 0.2)


def _night(canvas: Canvas) -> None:
    """Lit windows and lamps, and little else."""
    dark = canvas.one(0.01, 0.06)
    canvas.wash(canvas.colour(dark * 0.6, 0.4), canvas.colour(dark * 2.0, 0.4))
    left = -0.1
    while left < 1.0:
        right = left + canvas.one(0.1, 0.4)
        _house(canvas, left, canvas.one(0.1, 0.7), right, dark, lit=0.25)
        left = right
    _leaves(canvas, 50, dark * 2.0, above=0.4)
    _lamps(canvas, 6 + canvas.pick(22), lowest=0.8)
    _people(canvas, canvas.pick(2), dark * 0.3)


def _garden(canvas: Canvas) -> None:
    """Leaves and trunks against the sky."""
    sky = canvas.one(0.6, 1.4)
    canvas.wash(sky * np.array((0.85, 0.95, 1.1)), canvas.colour(sky * 0.6))
    canvas.box(-0.1, canvas.one(0.6, 0.8), 1.1, 1.1, sky * np.array((0.1, 0.14, 0.06)))
    _leaves(canvas, 60, sky * 0.15, above=0.45)
    _foliage(canvas, canvas.one(0.4, 0.65), sky * 0.15)
    for _ in range(1 + canvas.pick(4)):
        x, lean, thick = canvas.one(), canvas.one(-0.06, 0.06), canvas.one(0.01, 0.04)
        foot, top = canvas.one(0.7, 1.1), canvas.one(-0.1, 0.2)
        trunk = [(x - thick, foot), (x + thick, foot)]
        trunk += [(x + lean + thick / 2, top), (x + lean - thick / 2, top)]
        canvas.polygon(np.array(trunk), sky * np.array((0.07, 0.055, 0.04)))
    _people(canvas, canvas.pick(2), sky * 0.03)


def _leaves(canvas: Canvas, count: int, light: float, above: float) -> None:
    """Cover with boxes and discs of all sizes; most stand upright, as things do.

    Args:
        canvas: What to paint on.
        count: How many; the large ones come first, so that small ones are seen.
        light: Their mean light.
        above: Height of the highest, as a share.
    """
    places = canvas.rng.random((count, 9))
    # Inverse of the cumulated inverse cube between the smallest and the largest.
    span = 1.0 - (_SMALL / _LARGE) ** 2
    radii = np.sort(_SMALL / np.sqrt(1.0 - span * places[:, 0]))[::-1]
    for radius, (_, x, y, aspect, turn, bright, *hue) in zip(
        radii, places, strict=True
    ):
        shape = np.exp(1.2 * (aspect - 0.5))
        colour = light * np.exp(2.4 * (bright - 0.6)) * (0.8 + 0.4 * np.array(hue))
        centre = np.array((x, above + (1.05 - above) * y))
        if turn < 0.25:
            canvas.disc(centre[0], centre[1], radius * 0.8, colour)
            continue
        angle = (turn - 0.625) * (0.3 if turn < 0.85 else 6.0)
        along = canvas.share(radius) * (np.cos(angle), np.sin(angle)) * shape
        across = canvas.share(radius) * (-np.sin(angle), np.cos(angle)) / shape
        corners = [along + across, along - across, -along - across, across - along]
        canvas.polygon(centre + np.array(corners), colour)


def _windows(canvas: Canvas, count: int) -> None:
    """Panes of daylight with bars between them, one beside the other."""
    day = canvas.one(0.8, 3.0) * np.array((0.9, 1.0, 1.12))
    width, height = canvas.one(0.1, 0.3), canvas.one(0.2, 0.5)
    left, top = canvas.one(-0.1, 0.4), canvas.one(0.05, 0.25)
    rows, columns = 1 + canvas.pick(3), 1 + canvas.pick(3)
    for place in range(count):
        start = left + place * width * 1.25
        for row in range(rows):
            for column in range(columns):
                pane = canvas.one(0.8, 1.1) * day * (1.0 - 0.35 * row / rows)
                x = start + width * column / columns
                y = top + height * row / rows
                end = x + 0.9 * width / columns, y + 0.93 * height / rows
                canvas.box(x, y, *end, pane)


def _house(
    canvas: Canvas,
    left: float,
    top: float,
    right: float,
    light: float,
    lit: float = 0.0,
) -> None:
    """A front with rows of windows, of which a share is lit from inside."""
    canvas.box(left, top, right, 1.1, canvas.colour(light))
    columns, rows = 2 + canvas.pick(4), 3 + canvas.pick(6)
    step_x, step_y = (right - left) / columns, canvas.one(0.05, 0.12)
    lights = canvas.rng.random((rows, columns, 3))
    for row in range(rows):
        for column in range(columns):
            chance, warm, bright = lights[row, column]
            shine = 0.1 + bright**2 if chance < lit else light * (0.3 + bright)
            tint = (1.0, 0.9 - 0.2 * warm, 0.8 - 0.5 * warm)
            x = left + (column + 0.25) * step_x
            y = top + (row + 0.4) * step_y
            end = x + 0.5 * step_x, y + 0.6 * step_y
            canvas.box(
                x, y, *end, shine * np.array(tint if chance < lit else (1, 1, 1))
            )


def _lamps(canvas: Canvas, count: int, lowest: float) -> None:
    """Small bright discs, warm and cold; half of them hang in a row."""
    x, y = canvas.one(), canvas.one(0.02, lowest)
    step_x, step_y = canvas.one(-0.15, 0.15), canvas.one(-0.03, 0.05)
    for place in range(count):
        warm, bright = canvas.one(), canvas.one(0.25, 1.0)
        colour = bright * LAMP * np.array((1.0, 0.95 - 0.3 * warm, 1.0 - 0.75 * warm))
        radius = canvas.one(0.003, 0.012)
        alone = canvas.one(), canvas.one(0.02, lowest)
        row = (x + place * step_x) % 1.0, y + place * step_y
        canvas.disc(*(row if place % 2 else alone), radius, colour)


def _people(canvas: Canvas, count: int, light: float) -> None:
    """Heads above shoulders, dark against what is behind them."""
    for _ in range(count):
        x, tall = canvas.one(0.1, 0.9), canvas.one(0.35, 0.8)
        head = tall * 0.09
        across, down = canvas.share(head)
        neck = 1.0 - tall + down
        colour = canvas.colour(light + 0.003, 0.3)
        sway = canvas.one(-0.3, 0.3)
        right = [(0.4, 0.8), (0.5, 1.5), (1.5, 1.9), (2.0, 2.7), (2.1, 5.2), (1.6, 7.4)]
        right += [(1.3, 7.2), (1.4, 10.0), (1.2, 15.0), (0.3, 15.0), (0.1, 9.5)]
        body = np.array(right + [(-x, y) for x, y in reversed(right)])
        body[:, 0] *= canvas.one(0.75, 1.1)
        body[:, 0] += sway * np.sin(0.2 * body[:, 1])
        canvas.polygon(body * (across, down) + (x, neck), colour)
        skin = np.array((1.0, 0.75, 0.6)) * (light * canvas.one(1.0, 4.0) + 0.003)
        canvas.disc(x, neck, head * 0.9, skin)


def _foliage(canvas: Canvas, cover: float, light: float) -> None:
    """Leaves in clumps: a field of all octaves, cut where it is high."""
    height, width = canvas.pixels.shape[:2]
    field = _octaves(canvas.rng, height, width, 6, 0.62)
    rows = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None]
    field += np.float32((cover - 0.5) * 3.0) - 0.8 * np.abs(rows + 0.2)
    here = np.clip(field * 6.0, 0.0, 1.0)[:, :, None]
    shade = np.clip(1.0 - 0.5 * field, 0.3, 1.6)[:, :, None]
    green = light * np.array((0.55, 1.0, 0.35)) * canvas.colour(1.0, 0.25)
    leaves = shade * green.astype(np.float32)
    canvas.pixels[:] += here * (leaves - canvas.pixels)


def _grain(rng: np.random.Generator, height: int, width: int) -> Field:
    """Unevenness of surfaces, a factor with equal contrast in every octave."""
    field = np.float32(0.25) * _octaves(rng, height, width, 6, 1.0)
    return np.exp(field, out=field)


def _octaves(
    rng: np.random.Generator, height: int, width: int, count: int, fall: float
) -> Field:
    """Fields of halving size on top of each other, together of unit variance.

    Each is made at four pixels for a blotch and enlarged with those before it.
    """
    total = np.zeros((1, 1), dtype=np.float32)
    for octave in range(count):
        cells = 2.5 * 2**octave
        scale = min(1.0, 4.0 * cells / max(height, width))
        rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
        total = resize(total, rows, columns, "bilinear")
        total += np.float32(fall**octave) * smooth(rng, rows, columns, cells)
    spread = np.sqrt(sum(fall ** (2 * each) for each in range(count)))
    return resize(total, height, width, "bilinear") / np.float32(spread)
