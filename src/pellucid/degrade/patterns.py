"""Pictures of moire alone, and how they are laid over a picture.

A made pattern is what two fine gratings that lie on top of each other show: bands
where their lines meet and part, each colour a little beside the others, and a trace
of the gratings themselves. A loaded one is a picture from a folder of assets.

Model:  damaged = image + strength (w image P + 0.8 (1 - w) P)
        with a pattern P of mean 0: multiplied, and merged as grain.

Source: Z. Yang et al., "UniDemoiré: Towards Universal Image Demoiréing with Data
        Generation and Synthesis", AAAI 2025 (both ways to blend, and their shares);
        I. Amidror, "The Theory of the Moiré Phenomenon", 2000 (bands).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.degrade.display import Bend, Vector, shifts
from pellucid.degrade.grain import Field

MERGED = 0.8  # opacity of the grain merge in UniDemoiré

_RMS = 0.35  # of every pattern, made or loaded
_TRACE = 0.3  # what is left of the gratings beside their bands


@dataclass(frozen=True)
class Gratings:
    """Two gratings on top of each other.

    Attributes:
        bands: Frequency of the bands at the middle, across and down, in cycles per
            px: what the two gratings differ by.
        lines: Frequency of the finer grating.
        phase: Of the bands, in cycles.
        colours: How far red and blue lie beside green, in cycles.
        bend: What makes the bands curved.
    """

    bands: Vector
    lines: Vector
    phase: float
    colours: Vector
    bend: Bend


def made(gratings: Gratings, height: int, width: int) -> Pixels:
    """Draw the pattern of two gratings.

    Returns:
        (height, width, 3), mean 0 in each colour.
    """
    x = np.arange(width, dtype=np.float32)[:, None] - np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32((height - 1) / 2)
    shift = shifts(gratings.bend, x, y, max(height, width) / 2)
    lines = _turns(gratings.lines, x, y)
    # Both gratings pass the same lens, but only one of them is bent by the screen: so
    # the bands, their difference, bend as much as fine lines do.
    bands = _turns(gratings.bands, x, y) + lines * shift
    bands += np.float32(gratings.phase)
    bands *= np.float32(2.0 * pi)
    lines *= np.float32(2.0 * pi)
    trace = np.cos(lines, out=lines)
    trace *= np.float32(_TRACE)
    # cos(bands + colour) (1 + trace) + trace, by the sum formula of the cosine.
    waves = [np.cos(bands), np.sin(bands, out=bands), trace]
    for wave in waves[:2]:
        wave += wave * trace
    red, blue = gratings.colours
    turns = [2.0 * pi * cycles for cycles in (red, 0.0, blue)]
    mixing = np.array([[cos(turn), -sin(turn), 1.0] for turn in turns], np.float32)
    pattern = cv2.transform(cv2.merge(waves), mixing).reshape(height, width, 3)
    return evened(pattern.astype(np.float32, copy=False))


def loaded(picture: Pixels, height: int, width: int, place: Vector) -> Pixels:
    """Cut a pattern from a picture of one, at its own size.

    A larger picture is cut at a place; a smaller one goes on mirrored. It is never
    squashed.

    Args:
        picture: (height, width, 3), any size.
        height: Rows wanted.
        width: Columns wanted.
        place: Share of the way from the first to the last cut, down and across.

    Returns:
        (height, width, 3), mean 0 in each colour.
    """
    rows = _cut(picture.shape[0], height, place[0])
    columns = _cut(picture.shape[1], width, place[1])
    return evened(picture[rows[:, None], columns[None]])


def blended(
    pixels: Pixels, pattern: Pixels, strength: Field, multiplied: float
) -> Pixels:
    """Lay a pattern over a picture; the result may leave [0, 1].

    Args:
        pixels: (height, width, 3) in [0, 1].
        pattern: The same size, mean 0.
        strength: (height, width), how much of it is seen.
        multiplied: Share of multiplication, w; the rest is merged as grain.
    """
    gain = np.float32(multiplied) * pixels
    gain += np.float32(MERGED * (1.0 - multiplied))
    gain *= pattern
    gain *= strength[:, :, None]
    gain += pixels
    return gain


def evened(pattern: Pixels) -> Pixels:
    """Take the mean of each colour away in place, and give all one strength."""
    mean, deviation = cv2.meanStdDev(pattern)
    rms = float(np.sqrt(np.mean(np.square(deviation))))
    pattern -= mean.ravel().astype(np.float32)
    pattern *= np.float32(_RMS / max(rms, 1e-3))
    return pattern


def _turns(frequency: Vector, x: Field, y: Field) -> Field:
    down = y * np.float32(frequency[1])
    turns = np.repeat(down, x.size, axis=1)
    turns += x.ravel()[None] * np.float32(frequency[0])
    return turns


def _cut(length: int, wanted: int, place: float) -> np.ndarray:
    start = int(place * max(length - wanted, 0))
    spots = (np.arange(wanted) + start) % (2 * length)
    return np.minimum(spots, 2 * length - 1 - spots)
