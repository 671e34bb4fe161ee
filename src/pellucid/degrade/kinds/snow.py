"""Snow: flakes in the air, near and far, and the veil of those too far to be seen.

Model:  in linear light, J = I * t + M * (1 - t),  t = exp(-veil * farness * uneven),
        snowy = J * (1 - a) + E * a,  a = 1 - product over layers of (1 - a_layer),
        E the light that falls on flakes, M that of the flakes far away. Flakes are
        white, but show no more than that light: gray before a bright sky, and dark
        where no lamp shines.
Source: Y.-F. Liu et al., "DesnowNet: Context-Aware Deep Network for Snow Removal",
        2018 (mask and flakes); W.-T. Chen et al., "JSTASR: Joint Size and Transparency-
        Aware Snow Removal", 2020 (veil, size, transparency).
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Gt, Interval, MinLen

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.depth import PRIOR, farness
from pellucid.degrade.flakes import Flurry, cover
from pellucid.degrade.grain import Field, clouds, new_seed, opened
from pellucid.degrade.light import to_linear, to_srgb
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import between, draw_severity
from pellucid.degrade.surroundings import surroundings

Shares = tuple[Share, Share]
Sizes = tuple[Annotated[float, Gt(0)], Annotated[float, Gt(0)]]
Depths = tuple[
    Annotated[float, Interval(ge=0, le=20)], Annotated[float, Interval(ge=0, le=20)]
]
Angle = Annotated[float, Interval(ge=-90.0, le=90.0)]
Spread = Annotated[float, Interval(ge=0.0, le=90.0)]

_COARSE = 64  # longer side of the field that makes the veil uneven


@settings
class Snow:
    """Ranges that snow is drawn from; lengths are shares of the shorter side.

    Attributes:
        density: Share of all possible flakes that fall, mildest and strongest.
        opacity: Of a flake that stands still, mildest and strongest, 0 to 1.
        veil: Optical depth of the farthest point, mildest and strongest, no unit.
        size: Diameter of a usual flake that is rather near.
        motion: Path of such a flake while the shutter is open.
        angle_deg: Wind: from straight down; positive falls to the right.
        flutter_deg: How far single flakes turn from it, standard deviation.
        defocus: How far near flakes are out of focus; 1 is usual.
        brightness: Light on the flakes, against the bright parts of the picture.
        depth: ``prior``, or the folder of a depth network of transformers.
    """

    density: Shares = (0.12, 1.0)
    opacity: Shares = (0.3, 1.0)
    veil: Depths = (0.005, 0.6)
    size: Sizes = (0.011, 0.021)
    motion: Shares = (0.0, 0.025)
    angle_deg: tuple[Angle, Angle] = (-55.0, 55.0)
    flutter_deg: tuple[Spread, Spread] = (8.0, 25.0)
    defocus: Depths = (0.6, 1.4)
    brightness: Sizes = (1.5, 3.0)
    depth: Annotated[str, MinLen(1)] = PRIOR

    def __post_init__(self) -> None:
        """Refuse ranges that run backwards."""
        for name in ("size", "motion", "angle_deg", "flutter_deg", "brightness"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} must rise, got [{low}, {high}].")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one snowfall."""
        severity = draw_severity(rng, severity)
        seed = new_seed(rng)
        dense, opaque, veiled = (0.85 + 0.3 * rng.random(3)).tolist()
        drawn = rng.random(6).tolist()
        return {
            "severity": severity,
            "flurry": {
                "density": min(1.0, between(self.density, severity) * dense),
                "opacity": min(1.0, between(self.opacity, severity) * opaque),
                "size": between(self.size, drawn[0]),
                "motion": between(self.motion, drawn[1]),
                "angle_deg": between(self.angle_deg, drawn[2]),
                "flutter_deg": between(self.flutter_deg, drawn[3]),
                "defocus": between(self.defocus, drawn[4]),
            },
            "veil": between(self.veil, severity) * veiled,
            "brightness": between(self.brightness, drawn[5]),
            "depth": self.depth,
            "seed": seed,
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Let it snow."""
        height, width, seed = image.height, image.width, int(params["seed"])
        far = farness(image, params["depth"], seed)
        linear = to_linear(image.pixels)
        light, mist = surroundings(linear, params["brightness"])
        covered = cover(height, width, Flurry(**params["flurry"]), far, seed)
        seen = np.float32(1.0) - covered
        veiled = seen * _clearness(far, params["veil"], seed)
        # I * t * (1 - a) + M * (1 - t) * (1 - a) + E * a
        snowy = resize(light, height, width, "bilinear")
        snowy *= _merged([covered] * 3)
        linear *= _merged([veiled] * 3)
        snowy += linear
        seen -= veiled
        snowy += _merged([seen * colour for colour in mist])
        return image.with_pixels(to_srgb(snowy))


def _clearness(far: Field, depth: float, seed: int) -> Field:
    """Say what share of light the far flakes let through; snow comes in sheets."""
    height, width = far.shape
    shrink = min(1.0, _COARSE / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    sheets = clouds(opened(seed, "veil"), rows, columns, 3.0) + np.float32(0.5)
    thickness = far + np.float32(0.1)
    thickness *= resize(sheets * np.float32(-depth), height, width, "bilinear")
    return cv2.exp(thickness).reshape(height, width).astype(np.float32, copy=False)


def _merged(planes: list[Field]) -> Pixels:
    """Put colours beside each other; OpenCV is several times as fast as numpy."""
    merged = cv2.merge(planes).reshape(*planes[0].shape, 3)
    return merged.astype(np.float32, copy=False)


PLUGIN: type[Degradation] = Snow
