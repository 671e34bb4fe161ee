"""Blur by motion: the path that a point of light draws on the sensor.

A path is a table of places, one for each equal span of time, so it is dense where the
hand dwells. Its centroid is 0 and its longest extent 1; a kernel is the path, scaled
and drawn. The same path at another length is the same movement, only stronger.

Source: G. Boracchi and A. Foi, "Modeling the Performance of Image Restoration from
        Motion Blur", IEEE TIP 2012 (the random walk with inertia, pull and jerks);
        O. Kupyn et al., "DeblurGAN", CVPR 2018, algorithm 1.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from pellucid.degrade.grain import normals, opened, uniforms
from pellucid.degrade.kernels import Kernel

Points = NDArray[np.float64]  # (number, 2): x to the right, y downwards

_MOMENTS = 257  # places on a path
_MASS = 21  # moments over which a jerk is spread
_GAP_PX = 0.25  # between two places that are drawn: less than a pixel, so no beads


def linear(angle_deg: float) -> Points:
    """A straight path at even speed.

    Args:
        angle_deg: 0 lies flat, 90 stands; counted against the clock, as on paper.
    """
    turn = math.radians(angle_deg)
    along = np.linspace(-0.5, 0.5, _MOMENTS)
    return _normal(along * math.cos(turn), -along * math.sin(turn))


def arc(angle_deg: float, bend_deg: float) -> Points:
    """A part of a circle at even speed.

    Args:
        angle_deg: Direction in the middle of the path, as in `linear`.
        bend_deg: How far the direction turns between the two ends, up to 360.
    """
    bend = math.radians(bend_deg)
    headings = math.radians(angle_deg) + bend * np.linspace(-0.5, 0.5, _MOMENTS)
    return _normal(np.cumsum(np.cos(headings)), -np.cumsum(np.sin(headings)))


def shake(seed: int) -> Points:
    """A hand that tries to hold still: it drifts, is pulled back, and jerks.

    Args:
        seed: What the movement is made from.
    """
    rng = opened(seed, "shake")
    restless, springy, nervous, start = uniforms(rng, 4).tolist()
    pushes = normals(rng, _MOMENTS, 2) @ np.array([1.0, 1j])
    events = uniforms(rng, _MOMENTS, 2).tolist()

    step = 1.0 / _MOMENTS
    wander = (0.5 + 2.0 * restless) * math.sqrt(step)  # in radians over the whole path
    pull = 20.0 * springy * step  # of a spring that turns it back within one path
    jerks = 3.0 * nervous * step  # how many in the mean

    place, speed = 0j, cmath.rect(1.0, math.tau * start)
    places: list[complex] = []
    for push, (chance, side) in zip(pushes.tolist(), events, strict=True):
        if chance < jerks:
            speed *= cmath.rect(0.4, math.pi + 2.0 * (side - 0.5))
        speed += wander * push - pull * place
        # Muscles keep the pace, but not at once: the hand dwells where it turns.
        speed *= max(abs(speed), 1e-3) ** -0.1
        place += speed * step
        places.append(place)
    # A hand has mass, so its path has no corners.
    x = _softened([each.real for each in places])
    return _normal(x, _softened([each.imag for each in places]))


def drawn(path: Points, extent_px: float) -> Kernel:
    """Make the kernel of a path whose longest extent is ``extent_px``."""
    longest = float(np.hypot(*np.diff(path, axis=0).T).max()) * extent_px
    count = (len(path) - 1) * max(1, math.ceil(longest / _GAP_PX)) + 1
    moments = np.linspace(0.0, 1.0, count)
    known = np.linspace(0.0, 1.0, len(path))
    x = np.interp(moments, known, path[:, 0])
    y = np.interp(moments, known, path[:, 1])
    return splatted(np.stack([x, y], axis=1) * extent_px, np.ones(count))


def splatted(points: Points, weights: NDArray[np.float64]) -> Kernel:
    """Draw weighted points on the pixels around them, each shared by four.

    Sharing in proportion to nearness keeps the centroid of the points exactly, so the
    kernel is centred as well as they can be.

    Args:
        points: In px; their centroid becomes the middle of the kernel.
        weights: One for each, not all 0; they need not sum to 1.
    """
    weights = weights / weights.sum()
    centred = points - weights @ points
    reach = math.ceil(float(np.abs(centred).max()) + 1e-9)
    side = 2 * reach + 1
    corner = np.floor(centred).astype(np.int64)
    beyond = centred - corner
    kernel = np.zeros((side + 1) * (side + 1))  # one more: a whole place has no next
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = np.abs(1 - right - beyond[:, 0]) * np.abs(1 - down - beyond[:, 1])
        rows, columns = corner[:, 1] + reach + down, corner[:, 0] + reach + right
        kernel += np.bincount(
            rows * (side + 1) + columns, share * weights, minlength=len(kernel)
        )
    square = kernel.reshape(side + 1, side + 1)[:side, :side]
    return np.ascontiguousarray(square, dtype=np.float32)


def _softened(places: list[float]) -> NDArray[np.float64]:
    half = _MASS // 2
    padded = np.array([places[0]] * half + places + [places[-1]] * half)
    return np.convolve(padded, np.hanning(_MASS), "valid")


def _normal(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    """Shift the centroid to 0, and scale the longest extent to 1."""
    turns = np.linspace(0.0, math.pi, 36, endpoint=False)
    shadows = np.outer(np.cos(turns), x) + np.outer(np.sin(turns), y)
    extent = float(np.ptp(shadows, axis=1).max())
    return np.stack([x - x.mean(), y - y.mean()], axis=1) / max(extent, 1e-9)
