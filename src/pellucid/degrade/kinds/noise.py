"""Noise: what a sensor, a film or a bad line adds to a picture.

Model:  noisy = process(unprocess(clean) + demosaic(noise)) for a sensor, with
        variance = gain * signal + (read * gain)^2 at each place of the filter array;
        for a film, normal noise and stuck values see `apply`. Every part of a picture
        has a strength of its own.

Only noise is added. It alone is demosaiced, so the picture under it stays sharp; and
what cutting at black and white would do to the brightness of a region is taken back,
as a camera keeps a pedestal under black for.

Source: A. Foi et al., "Practical Poissonian-Gaussian Noise Modeling and Fitting for
        Single-Image Raw-Data", 2008; T. Brooks et al., "Unprocessing Images for
        Learned Raw Denoising", 2019; A. Newson et al., "A Stochastic Film Grain Model
        for Resolution-Independent Rendering", 2017 (film); the
        paper of RealRestorer (strength by segment).
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Gt, Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.camera import Camera, draw_camera, recoloured, toned, untoned
from pellucid.degrade.film import film_grain
from pellucid.degrade.grain import Field, new_seed, normals, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.resample import resize
from pellucid.degrade.segments import painted, segments
from pellucid.degrade.sensor import Sensor, draw_sensor
from pellucid.degrade.severity import between, between_log, draw_severity

Positive = Annotated[float, Gt(0.0)]
Level = Annotated[float, Interval(gt=0.0, le=1.0)]
Length = Annotated[float, Interval(ge=0.0, le=8.0)]

_SOFTNESS = 0.015  # of the shorter side: where one part runs into the next
_REGION_PX = 16  # brightness is kept in regions of this size
_WEAKER = 0.6  # what noise is multiplied by that comes on top of that of a sensor


@settings
class Noise:
    """Ranges that noise is drawn from.

    Attributes:
        iso: Sensitivity of the sensor.
        full_well: Electrons that a pixel of it holds at ISO 100: a telephone has
            few, a large camera has many. Drawn, not walked.
        blotches: Coarse coloured noise, as a share of the fine noise. Drawn.
        film: Standard deviation of film grain in the middle tones.
        grain_px: Size of the grains of a film, standard deviation in px. Drawn.
        normal: Standard deviation of normal noise.
        stuck: Share of pixels that became black or white.
        film_share: Chance of film grain in place of the noise of a sensor.
        normal_share: Chance of normal noise in place of it.
        stuck_share: Chance of stuck pixels in place of it.
        mixed_share: Chance of all of that on top of it, weaker.
        variation: Lowest and highest strength of a part of the picture.
        segments: Where parts come from: ``superpixels``, or the folder of a
            segmentation network.
    """

    iso: tuple[Positive, Positive] = (400.0, 12800.0)
    full_well: tuple[Positive, Positive] = (3000.0, 12000.0)
    blotches: tuple[Share, Share] = (0.0, 0.25)
    film: tuple[Level, Level] = (0.02, 0.15)
    grain_px: tuple[Length, Length] = (0.5, 1.5)
    normal: tuple[Level, Level] = (0.015, 0.15)
    stuck: tuple[Level, Level] = (0.0008, 0.06)
    film_share: Share = 0.12
    normal_share: Share = 0.08
    stuck_share: Share = 0.04
    mixed_share: Share = 0.1
    variation: tuple[Positive, Positive] = (0.5, 1.6)
    segments: str = "superpixels"

    def __post_init__(self) -> None:
        """Check that the chances leave room for each other."""
        if sum(share for _, share in self._shares()) > 1.0:
            raise ValueError("The four shares must not sum to more than 1.")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw where the noise comes from, and how strong it is."""
        severity = draw_severity(rng, severity)
        source, jitter, size, colour, salt = rng.random(5).tolist()
        sensor = draw_sensor(rng, self.full_well, self.blotches)
        camera = draw_camera(rng)
        stops = jitter - 0.5
        factor = 2.0 ** (0.5 * stops)  # one stop of ISO is half of it in the noise
        name = self._source(source)
        if name == "mixed":
            factor *= _WEAKER
        params: Params = {
            "severity": severity,
            "seed": new_seed(rng),
            "source": name,
            "segments": self.segments,
            "variation": list(self.variation),
        }
        if name in ("sensor", "mixed"):
            iso = between_log(self.iso, severity) * 2.0**stops
            params |= {"iso": iso, "sensor": sensor, "camera": camera}
        if name in ("film", "mixed"):
            params |= {
                "film": between_log(self.film, severity) * factor,
                "grain_px": between(self.grain_px, size),
                "colour": colour,
            }
        if name in ("normal", "mixed"):
            params |= {"normal": between_log(self.normal, severity) * factor}
        if name in ("stuck", "mixed"):
            share = between_log(self.stuck, severity) * factor
            params |= {"stuck": share, "salt": 0.3 + 0.4 * salt}
        return params

    def apply(self, image: Image, params: Params) -> Image:
        """Add the noise."""
        clean, strength = image.pixels, _strength(image, params)
        noisy = _sensor(clean, params, strength) if "iso" in params else clean.copy()
        _add_normal(clean, noisy, params, strength)
        _keep_bright(clean, noisy)
        if "stuck" in params:
            _stick(noisy, strength, params)
        return image.with_pixels(noisy)

    def _shares(self) -> tuple[tuple[str, float], ...]:
        return (
            ("film", self.film_share),
            ("normal", self.normal_share),
            ("stuck", self.stuck_share),
            ("mixed", self.mixed_share),
        )

    def _source(self, place: float) -> str:
        for name, share in self._shares():
            if place < share:
                return name
            place -= share
        return "sensor"


def _strength(image: Image, params: Params) -> Field:
    """Draw a factor for every part of the picture, by equal steps of loudness."""
    labels = segments(image, params["segments"], params["seed"])
    low, high = params["variation"]
    places = uniforms(opened(params["seed"], "strength"), int(labels.max()) + 1)
    return painted(
        labels, np.float32(low) * np.float32(high / low) ** places, _SOFTNESS
    )


def _sensor(clean: Pixels, params: Params, strength: Field) -> Pixels:
    """Take the picture with a sensor that has noise."""
    camera, sensor = Camera.of(params["camera"]), Sensor(**params["sensor"])
    linear = untoned(clean)
    counted = recoloured(linear, camera.to_camera)
    np.clip(counted, 0.0, 1.0, out=counted)
    noise = sensor.noise(counted, params["iso"], strength)
    linear += recoloured(noise, camera.from_camera)
    return toned(linear)


def _add_normal(clean: Pixels, noisy: Pixels, params: Params, strength: Field) -> None:
    """Add the grain of a film and normal noise, where they are among the choices."""
    seed = params["seed"]
    if "film" in params:
        size, colour = params["grain_px"], params["colour"]
        field = film_grain(clean, params["film"], size, colour, seed)
        # The same film lies under all parts: they differ less.
        field *= cv2.merge([np.sqrt(strength)] * 3).reshape(clean.shape)
        noisy += field
    if "normal" in params:
        field = normals(opened(seed, "normal"), *clean.shape)
        field *= cv2.merge([np.float32(params["normal"]) * strength] * 3).reshape(
            clean.shape
        )
        noisy += field


def _keep_bright(clean: Pixels, noisy: Field) -> None:
    """Cut to [0, 1], and take back what this does to the brightness of a region."""
    height, width = clean.shape[:2]
    np.clip(noisy, 0.0, 1.0, out=noisy)
    few = (-(-height // _REGION_PX), -(-width // _REGION_PX))
    shift = resize(noisy, *few, "area") - resize(clean, *few, "area")
    noisy -= resize(gaussian_blurred(shift, 1.5), height, width, "bilinear")
    np.clip(noisy, 0.0, 1.0, out=noisy)


def _stick(noisy: Pixels, strength: Field, params: Params) -> None:
    """Turn pixels black or white: at a higher share the same ones, and more."""
    place, kind = uniforms(opened(params["seed"], "stuck"), 2, *strength.shape)
    is_stuck = place < np.float32(params["stuck"]) * strength
    is_white = kind < np.float32(params["salt"])
    noisy[is_stuck] = is_white[is_stuck, None]


PLUGIN: type[Degradation] = Noise
