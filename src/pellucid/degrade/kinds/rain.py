"""Rain: streaks of bright sky, mist behind them, splashes, drops on the lens.

Model:  in linear light, J = I * t + M * (1 - t),  t = exp(-mist * farness),
        rainy = J + a * max(E - J, 0),  a = 1 - product over layers of (1 - a_layer),
        E the light of the surroundings, which drops refract: rain shows before what
        is dark and not before a white sky. Then the lens with its drops.
Source: K. Garg, S. K. Nayar, "Vision and Rain", 2007; R. Li, L.-F. Cheong, R. T. Tan,
        "Heavy Rain Image Restoration: Integrating Physics Model and Conditional
        Adversarial Learning", 2019 (rain that is far away is a veil).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.assets import choose, load
from pellucid.degrade.depth import PRIOR, farness
from pellucid.degrade.drops import Wetting, lay_drops
from pellucid.degrade.grain import Field, clouds, new_seed, opened
from pellucid.degrade.light import luminance, to_linear, to_srgb
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import between, draw_severity
from pellucid.degrade.splashes import splashes
from pellucid.degrade.streaks import Shower, cover
from pellucid.degrade.surroundings import surroundings

Shares = tuple[Share, Share]
Lengths = tuple[Annotated[float, Gt(0)], Annotated[float, Gt(0)]]
Strengths = tuple[Annotated[float, Ge(0)], Annotated[float, Ge(0)]]
Angle = Annotated[float, Interval(ge=-80.0, le=80.0)]

_USUAL = 0.08  # length at which opacities are as they are given
_COARSE = 64  # cells of the field that makes mist uneven


@settings
class Rain:
    """Ranges that rain is drawn from; a share of the shorter side where not said.

    Attributes:
        density: Share of all possible streaks that fall, mildest and strongest.
        opacity: Share of light that the brightest streaks take from drops.
        mist: Optical depth of the farthest point, no unit.
        length: Path of the nearest drops while the shutter is open. Longer streaks
            are fainter.
        width: Diameter of the nearest drops.
        angle_deg: Slant from straight down; positive falls to the right.
        gust_deg: How much it turns within a picture.
        brightness: Of the sky above, against the bright parts of the picture.
        splash: Share of all possible splashes, mildest and strongest.
        lens: Chance that drops are on the lens.
        lens_drops: Share of all possible drops on the lens, mildest and strongest.
        lens_radius: Smallest and largest radius of them.
        depth: Where depth comes from: ``prior``, or a folder of a network.
        assets: Folder with pictures of rain in ``rain``; empty if there is none.
        pattern: Chance that one of them is used as well.
    """

    density: Shares = (0.15, 1.0)
    opacity: Shares = (0.08, 0.8)
    mist: Strengths = (0.02, 0.55)
    length: Lengths = (0.05, 0.15)
    width: Lengths = (0.0025, 0.0045)
    angle_deg: tuple[Angle, Angle] = (-28.0, 28.0)
    gust_deg: Strengths = (0.5, 3.0)
    brightness: Lengths = (1.4, 3.0)
    splash: Shares = (0.05, 0.6)
    lens: Share = 0.25
    lens_drops: Shares = (0.05, 0.8)
    lens_radius: Lengths = (0.008, 0.05)
    depth: str = PRIOR
    assets: str = ""
    pattern: Share = 0.5

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one shower."""
        severity = draw_severity(rng, severity)
        seed = new_seed(rng)
        dense, opaque, misty, wet = (0.8 + 0.4 * rng.random(4)).tolist()
        drawn = rng.random(12).tolist()
        pattern = choose(self.assets, "rain", rng)
        length = between(self.length, drawn[0])
        opacity = between(self.opacity, severity) * opaque * _USUAL / length
        return {
            "severity": severity,
            "seed": seed,
            "depth": self.depth,
            "shower": {
                "density": between(self.density, severity) * dense,
                "opacity": min(0.95, opacity),
                "length": length,
                "width": between(self.width, drawn[1]),
                "angle_deg": between(self.angle_deg, drawn[2]),
                "spread_deg": 0.4 + 1.6 * drawn[3],
                "gust_deg": between(self.gust_deg, drawn[4]),
                "defocus": 0.3 + 0.9 * drawn[5],
            },
            "mist": between(self.mist, severity) * misty,
            "brightness": between(self.brightness, drawn[6]),
            "splash": between(self.splash, severity),
            "splash_size": 0.008 + 0.01 * drawn[7],
            "wetting": {
                "share": between(self.lens_drops, severity) * wet,
                "smallest": self.lens_radius[0],
                "largest": self.lens_radius[1],
                "defocus": 0.25 + 0.6 * drawn[8],
                "rim": 0.35 + 0.4 * drawn[9],
            }
            if drawn[10] < self.lens
            else None,
            "pattern": pattern if drawn[11] < self.pattern else None,
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Let it rain."""
        seed = int(params["seed"])
        linear = to_linear(image.pixels)
        far = farness(image, params["depth"], seed)
        sky, mist = surroundings(linear, params["brightness"])
        covered = self._covered(far, params)
        clear = _clearness(far, params["mist"], seed)
        size = image.height, image.width
        # Plane by plane: less memory is touched, and nothing is repeated for colours.
        for place in range(3):
            plane = linear[..., place].copy()
            plane *= clear
            plane += (1.0 - clear) * mist[place]
            light = resize(sky[..., place].copy(), *size, "bilinear")
            light -= plane
            np.maximum(light, 0.0, out=light)
            light *= covered
            plane += light
            linear[..., place] = plane
        if params["wetting"] is not None:
            lay_drops(linear, Wetting(**params["wetting"]), seed)
        return image.with_pixels(to_srgb(linear))

    def _covered(self, far: Field, params: Params) -> Field:
        """How much of every pixel is water: (height, width) in [0, 1]."""
        seed, shower = int(params["seed"]), Shower(**params["shower"])
        height, width = far.shape[0], far.shape[1]
        covered = cover(height, width, shower, far, seed)
        burst = splashes(far, params["splash"], params["splash_size"], seed)
        covered = np.maximum(
            covered, burst * np.float32(min(1.0, 1.2 * shower.opacity))
        )
        if params["pattern"] is not None:
            drawn = _pattern(load(self.assets, params["pattern"]), height, width, seed)
            covered = 1.0 - (1.0 - covered) * (1.0 - np.float32(shower.opacity) * drawn)
        return covered.astype(np.float32, copy=False)


def _clearness(far: Field, depth: float, seed: int) -> Field:
    """How much is seen through mist: thicker with distance, and uneven."""
    height, width = far.shape[0], far.shape[1]
    rows, columns = min(height, _COARSE), min(width, _COARSE)
    uneven = clouds(opened(seed, "mist"), rows, columns, 3.0) * np.float32(0.5)
    uneven = (uneven + np.float32(0.75)) * np.float32(-depth)
    thickness = far * np.float32(0.9)
    thickness += np.float32(0.1)
    thickness *= resize(uneven, height, width, "bilinear")
    return np.exp(thickness, out=thickness)


def _pattern(pixels: Pixels, height: int, width: int, seed: int) -> Field:
    """Cut a picture of rain to a size; it may show rain on black or on white."""
    gray = luminance(to_linear(pixels))
    gray = 1.0 - gray if gray.mean() > 0.5 else gray
    flip, across, down = opened(seed, "pattern").random(3).tolist()
    gray = gray[:, ::-1] if flip < 0.5 else gray
    scale = max(height / gray.shape[0], width / gray.shape[1])
    rows, columns = (max(1, round(each / scale)) for each in (height, width))
    top = int(down * (gray.shape[0] - rows + 1))
    left = int(across * (gray.shape[1] - columns + 1))
    cut = np.ascontiguousarray(gray[top : top + rows, left : left + columns])
    mode = "area" if scale < 1.0 else "bilinear"
    return np.clip(resize(cut, height, width, mode), 0.0, 1.0)


PLUGIN: type[Degradation] = Rain
