"""What light a drop of water shows: that of its surroundings.

A drop in the air is a lens of very wide angle. It shows most of what surrounds it,
above all the sky, and hardly what is behind it. What surrounds a camera is not in the
picture; its bright parts are the best guess.

Source: K. Garg, S. K. Nayar, "Vision and Rain", 2007, section 3 (the brightness of a
        drop is the mean of a field of view of 165 degrees).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import luminance
from pellucid.degrade.resample import resize

_THUMBNAIL = 24  # longer side
_REACH = 0.2  # how far light is gathered from, share of the longer side
_GRAY = np.float32(0.7)  # many reflections mix colours


def surroundings(linear: Pixels, brightness: float) -> tuple[Field, Field]:
    """Guess what the drops in front of a picture show.

    Args:
        linear: The picture, (height, width, 3), linear light.
        brightness: How much brighter the sky above the camera is than the bright
            parts of the picture; 1 is equal.

    Returns:
        A thumbnail, (rows, columns, 3), linear light, to be enlarged; and
        the mean colour of the whole picture, (3,), which is the colour of mist.
    """
    height, width = linear.shape[:2]
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = resize(linear, rows, columns, "area")
    light = luminance(small)
    # Weighed by their square, bright parts decide; the floor keeps black from 0 / 0.
    weight = np.repeat((light * light + np.float32(1e-6))[..., None], 3, axis=2)
    weighed = (small * weight).astype(np.float32, copy=False)
    everywhere = weighed.sum(axis=(0, 1)) / weight.sum(axis=(0, 1))
    reach = _REACH * max(rows, columns)
    near = gaussian_blurred(weighed, reach) / gaussian_blurred(weight, reach)
    shown = _pale(near + everywhere) * np.float32(0.5 * brightness)
    return shown, _pale(small.mean(axis=(0, 1)) + everywhere) * np.float32(0.5)


def _pale(colours: NDArray[np.floating]) -> Field:
    kept = colours.astype(np.float32, copy=False)
    paler = kept + _GRAY * (luminance(kept)[..., None] - kept)
    return paler.astype(np.float32, copy=False)
