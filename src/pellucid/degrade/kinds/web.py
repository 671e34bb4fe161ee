"""The web: what sites and messengers do to every picture that is sent through them.

Model:  result = enlarged(JPEG(blurred(shrunk(picture)) + noise))
Source: RealRestorer, 2025, section on degradation synthesis, whose web tail this is,
        with the ranges of its published code.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Gt, Interval

from pellucid.core.image import Image
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.grain import new_seed, normals, opened
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import clipped
from pellucid.degrade.resample import MODES, resize
from pellucid.degrade.severity import between, draw_severity

Positive = Annotated[float, Gt(0)]
Strength = Annotated[float, Interval(ge=0)]
Percent = Annotated[float, Interval(ge=1, le=100)]


@settings
class Web:
    """Ranges of the tail that pictures from the web have.

    Attributes:
        scale: Size that is sent, as a share of the picture's.
        blur: Chance of a blur.
        blur_px: Its sigma, in px of the smaller picture.
        noise: Chance of noise.
        noise_levels: Its sigma, in levels of 255.
        quality: Of the JPEG, 1 to 100.
        rough: Chance of a rough JPEG instead.
        quality_rough: Its quality.
    """

    scale: tuple[Positive, Positive] = (0.9, 0.5)
    blur: Share = 0.6
    blur_px: tuple[Positive, Positive] = (0.1, 1.2)
    noise: Share = 0.5
    noise_levels: tuple[Strength, Strength] = (1.0, 10.0)
    quality: tuple[Percent, Percent] = (95.0, 60.0)
    rough: Share = 0.2
    quality_rough: tuple[Percent, Percent] = (60.0, 40.0)

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one way through the web."""
        severity = draw_severity(rng, severity)
        down = MODES[int(rng.random() * len(MODES))]
        has_blur = bool(rng.random() < self.blur)
        has_noise = bool(rng.random() < self.noise)
        is_rough = bool(rng.random() < self.rough)
        up = "bilinear" if rng.random() < 0.5 else "bicubic"
        quality = self.quality_rough if is_rough else self.quality
        return {
            "severity": severity,
            "scale": between(self.scale, severity),
            "down": down,
            "blur_px": between(self.blur_px, severity) if has_blur else 0.0,
            "noise_levels": between(self.noise_levels, severity) if has_noise else 0.0,
            "quality": round(between(quality, severity)),
            "up": up,
            "seed": new_seed(rng),
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Shrink, blur, add noise, code, and enlarge again."""
        height, width = image.height, image.width
        rows = max(1, round(height * params["scale"]))
        columns = max(1, round(width * params["scale"]))
        small = resize(image.pixels, rows, columns, params["down"])
        small = gaussian_blurred(small, params["blur_px"])
        if params["noise_levels"]:
            noise = normals(opened(params["seed"], "noise"), rows, columns, 3)
            noise *= np.float32(params["noise_levels"] / 255.0)
            small = small + noise
        coded = jpeg(np.clip(small, 0.0, 1.0), params["quality"])
        return image.with_pixels(clipped(resize(coded, height, width, params["up"])))


PLUGIN: type[Degradation] = Web
