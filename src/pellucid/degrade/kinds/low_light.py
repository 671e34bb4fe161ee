"""Low light: too few photons, and a camera that makes up for a part of them.

Model:  seen = counted * 2^-exposure,  shown = process(gain (seen + noise + black)),
        gain = 2^(exposure - dark): the camera regains all stops but ``dark``.

What it regains it pays for in noise: the ISO rises by the same factor. What it gets
wrong in such light comes with it: the white balance, the black level, the colours.

Source: T. Brooks et al., "Unprocessing Images for Learned Raw Denoising", 2019 (back
        to camera values); C. Chen et al., "Learning to See in the Dark", 2018, and
        C. Wei et al., "Deep Retinex Decomposition for Low-Light Enhancement", 2018
        (what such pictures look like: noise, cast, lifted black).
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Gt, Interval

from pellucid.core.image import Image
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.camera import Camera, draw_camera, recoloured, toned, unprocess
from pellucid.degrade.grain import Field
from pellucid.degrade.light import LUMINANCE
from pellucid.degrade.sensor import Sensor, draw_sensor
from pellucid.degrade.severity import Range, between, between_log, draw_severity

Positive = Annotated[float, Gt(0.0)]
Stops = Annotated[float, Interval(ge=0.0, le=10.0)]
Darkness = Annotated[float, Interval(gt=0.0, le=10.0)]

_JITTER: Range = (0.8, 1.2)


@settings
class LowLight:
    """Ranges that low light is drawn from.

    Attributes:
        exposure: Stops of light that are missing.
        dark: Stops of them that the camera does not regain, by equal factors.
        iso: What the camera is set to in good light. Drawn, not walked.
        full_well: Electrons that a pixel holds at ISO 100. Drawn.
        blotches: Coarse coloured noise, as a share of the fine noise. Drawn.
        black: Error of the black level, as a share of the range before the gain.
        cast: Stops that red and blue are wrong by, in opposite directions.
        saturation: What is left of the colours.
        falloff: Stops that the corner farthest from the light is darker by.
    """

    exposure: tuple[Stops, Stops] = (1.0, 5.0)
    dark: tuple[Darkness, Darkness] = (0.09, 3.0)
    iso: tuple[Positive, Positive] = (100.0, 400.0)
    full_well: tuple[Positive, Positive] = (3000.0, 12000.0)
    blotches: tuple[Share, Share] = (0.0, 0.25)
    black: tuple[Share, Share] = (0.0, 0.002)
    cast: tuple[Stops, Stops] = (0.01, 0.3)
    saturation: tuple[Share, Share] = (0.98, 0.65)
    falloff: tuple[Stops, Stops] = (0.02, 0.8)

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw the light, and the camera that sees it."""
        severity = draw_severity(rng, severity)
        camera = draw_camera(rng)
        sensor = draw_sensor(rng, self.full_well, self.blotches)
        base, less, lifted, warm, tint, pale, fall, x, y = rng.random(9).tolist()
        factor = between(_JITTER, less)  # the same for both, or the gain could fall
        exposure = between(self.exposure, severity) * factor
        dark = between_log(self.dark, severity) * factor
        dark = min(dark, exposure)  # a camera does not make it darker than it is
        cast = between(self.cast, severity)
        return {
            "severity": severity,
            "exposure": exposure,
            "dark": dark,
            "iso": between_log(self.iso, base) * 2.0 ** (exposure - dark),
            "black": between(self.black, severity) * lifted,
            "warmth": cast * (2.4 * warm - 1.0),  # lamps are warm more often than cold
            "tint": 0.4 * cast * (2.0 * tint - 1.0),
            "saturation": 1.0 - (1.0 - between(self.saturation, severity)) * pale,
            "falloff": between(self.falloff, severity) * fall,
            "centre": [0.25 + 0.5 * x, 0.25 + 0.5 * y],
            "camera": camera,
            "sensor": sensor,
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Take the picture again in the dark."""
        camera, sensor = Camera.of(params["camera"]), Sensor(**params["sensor"])
        counted = unprocess(image.pixels, camera)
        shade = _falloff(image.height, image.width, params)
        counted *= cv2.merge([shade] * 3).reshape(counted.shape)
        # Noise at `iso` under the amplified picture is the amplified noise of the
        # picture as it was seen; so the gain is applied to all of them first.
        counted += sensor.noise(counted, params["iso"])
        counted += np.float32(_gain(params) * params["black"])
        return image.with_pixels(toned(recoloured(counted, _rendering(camera, params))))


def _gain(params: Params) -> float:
    return 2.0 ** (params["exposure"] - params["dark"])


def _falloff(height: int, width: int, params: Params) -> Field:
    """What is left of the light, after the gain of the camera: (height, width)."""
    x0, y0 = params["centre"]
    far = max(x0, 1.0 - x0) ** 2 + max(y0, 1.0 - y0) ** 2
    steps = -np.log(2.0) * params["falloff"] / far
    x = ((np.arange(width) + 0.5) / width - x0) ** 2
    y = ((np.arange(height) + 0.5) / height - y0) ** 2
    kept = _gain(params) * 2.0 ** -params["exposure"]
    rows = (kept * np.exp(steps * y)).astype(np.float32)
    return rows[:, None] * np.exp(steps * x).astype(np.float32)


def _rendering(camera: Camera, params: Params) -> Field:
    """Camera values to linear sRGB, by a white balance that is wrong: (3, 3)."""
    warmth, tint = params["warmth"], params["tint"]
    wrong = np.exp2(np.array([warmth, tint, -warmth]))
    pale = 1.0 - params["saturation"]
    mixing = (1.0 - pale) * np.eye(3) + pale * LUMINANCE
    both = mixing @ camera.from_camera * wrong
    white = camera.to_camera.sum(axis=1)
    # A wrong balance is no exposure: gray keeps its luminance.
    return (both / (LUMINANCE @ both @ white)).astype(np.float32)


PLUGIN: type[Degradation] = LowLight
