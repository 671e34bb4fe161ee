"""From a finished picture back to what the sensor counted, and forth again.

A camera multiplies what it counted by the gains of the white balance, turns the
colours of its filters into those of sRGB, and bends the values by a tone curve, an S.
All three shape the noise: red and blue are amplified, the colours mix, and the S
presses noise down near black and white. Both ways are exact inverses up to 16 bits,
but for colours that no light has in the eyes of that sensor; they are cut.

Model:  sRGB = curve(tone(M diag(r, 1, b) camera)),  tone(x) = 3 x^2 - 2 x^3

Source: T. Brooks et al., "Unprocessing Images for Learned Raw Denoising", CVPR 2019,
        sections 3.2 to 3.5: tone, gains, the mixing of measured sensors. LibRaw
        0.22, table of colours: the sensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pellucid.core.image import Pixels
from pellucid.core.protocols import Params
from pellucid.degrade.grain import Field
from pellucid.degrade.light import look_up, to_linear, to_srgb
from pellucid.degrade.severity import Range, between

RED_GAIN: Range = (1.9, 2.4)  # daylight, against green
BLUE_GAIN: Range = (1.5, 1.9)

_STEPS = 65535

# XYZ to the colours of three sensors: red, green and blue, one after the other.
_SENSORS = np.array(
    [
        [0.4913, -0.0541, -0.0202, -0.6130, 1.3513, 0.2906, -0.1564, 0.2151, 0.7183],
        [0.8380, -0.2630, -0.0639, -0.2887, 1.0725, 0.2496, -0.0627, 0.1427, 0.5438],
        [0.6596, -0.2079, -0.0562, -0.4782, 1.3016, 0.1933, -0.0970, 0.1581, 0.5181],
    ]
).reshape(3, 3, 3)
_SRGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)


@dataclass(frozen=True, kw_only=True)
class Camera:
    """How a camera sees colours.

    Attributes:
        red_gain: What the white balance multiplies red by; green has 1.
        blue_gain: The same for blue.
        sensor: Weights of the three measured sensors in this one; they sum to 1.
    """

    red_gain: float
    blue_gain: float
    sensor: tuple[float, ...]

    @classmethod
    def of(cls, params: Params) -> Camera:
        """Take a camera from the choices that `draw_camera` made."""
        return cls(
            red_gain=params["red_gain"],
            blue_gain=params["blue_gain"],
            sensor=tuple(params["sensor"]),
        )

    @property
    def to_camera(self) -> Field:
        """Linear sRGB to camera values: (3, 3). White becomes (1/r, 1, 1/b)."""
        mixed = np.tensordot(np.array(self.sensor), _SENSORS, axes=1) @ _SRGB_TO_XYZ
        whole = mixed / mixed.sum(axis=1, keepdims=True)
        gains = np.array([[self.red_gain], [1.0], [self.blue_gain]])
        return (whole / gains).astype(np.float32)

    @property
    def from_camera(self) -> Field:
        """Camera values to linear sRGB: (3, 3)."""
        return np.linalg.inv(self.to_camera.astype(np.float64)).astype(np.float32)


def draw_camera(rng: np.random.Generator) -> Params:
    """Draw a camera in daylight: two gains and three weights."""
    red, blue, *weights = rng.random(5).tolist()
    total = sum(weights) + 1e-9
    return {
        "red_gain": between(RED_GAIN, red),
        "blue_gain": between(BLUE_GAIN, blue),
        "sensor": [each / total for each in weights],
    }


def unprocess(pixels: Pixels, camera: Camera) -> Field:
    """Find what a sensor counted: linear, unbalanced, 1 is full.

    Args:
        pixels: (height, width, 3), sRGB in [0, 1].
        camera: How it sees colours.

    Returns:
        (height, width, 3) in [0, 1].
    """
    counted = recoloured(untoned(pixels), camera.to_camera)
    return np.clip(counted, 0.0, 1.0, out=counted)


def process(counted: Field, camera: Camera) -> Pixels:
    """Make a picture of what a sensor counted; values out of range are cut.

    Args:
        counted: (height, width, 3), camera values; noise may make them negative.
        camera: How it sees colours.

    Returns:
        (height, width, 3), sRGB in [0, 1].
    """
    return toned(recoloured(counted, camera.from_camera))


def untoned(pixels: Pixels) -> Field:
    """Undo the sRGB curve and the tone curve: linear light in [0, 1]."""
    return look_up(_table_untoned(), pixels)


def toned(linear: Field) -> Pixels:
    """Apply the tone curve and the sRGB curve; values outside [0, 1] are cut.

    Together the two are nearly straight, so the table is entered evenly.
    """
    return look_up(_table_toned(), np.clip(linear, 0.0, 1.0))


def recoloured(values: Field, matrix: Field) -> Field:
    """Multiply every colour by a matrix: (height, width, 3) in and out."""
    changed = cv2.transform(values, matrix).reshape(values.shape)
    return changed.astype(np.float32, copy=False)


@lru_cache(maxsize=1)
def _table_untoned() -> Field:
    linear = to_linear(np.linspace(0.0, 1.0, _STEPS + 1, dtype=np.float32))
    # The middle one of three roots of 3 x^2 - 2 x^3 = linear.
    angle = np.arcsin(1.0 - 2.0 * linear.astype(np.float64))
    return np.clip(0.5 - np.sin(angle / 3.0), 0.0, 1.0).astype(np.float32)


@lru_cache(maxsize=1)
def _table_toned() -> Field:
    x = np.linspace(0.0, 1.0, _STEPS + 1)
    return to_srgb((x * x * (3.0 - 2.0 * x)).astype(np.float32))
