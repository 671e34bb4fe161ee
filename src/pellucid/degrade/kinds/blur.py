"""Blur: a hand that shakes, a thing that moves, a lens that is out of focus.

Model:  blurred = sRGB(gain * kernel * linear(clean)),  kernel of mass 1, centred;
        or, with a clip at hand, blurred = sRGB(mean of linear(frames)).
        Light adds up in linear values, so lamps bloom into discs and streaks. That
        brightens fine texture in sRGB values; ``gain`` is 1 unless the mean would
        move by more than 2 levels of 255, and then keeps it at 2.
Source: G. Boracchi and A. Foi, "Modeling the Performance of Image Restoration from
        Motion Blur", 2012 (shake); O. Kupyn et al., "DeblurGAN", 2018 (shake); M.
        Potmesil and I. Chakravarty, "A Lens and Aperture Camera Model", 1981 (focus);
        S. Nah et al., "Deep Multi-scale Convolutional Neural Network for Dynamic
        Scene Deblurring", 2017 (mean of frames).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import cv2
import numpy as np
from annotated_types import Interval, MinLen

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.settings import settings
from pellucid.degrade import video
from pellucid.degrade.aperture import defocused, disc, polygon
from pellucid.degrade.depth import farness
from pellucid.degrade.grain import Field, new_seed
from pellucid.degrade.kernels import Kernel, filtered, gaussian_blurred
from pellucid.degrade.light import clipped, to_linear, to_srgb
from pellucid.degrade.motion import arc, drawn, linear, shake
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import between_log, draw_severity

Shape = Literal["shake", "linear", "arc", "disc", "polygon", "gaussian"]
Share = Annotated[float, Interval(ge=0.0, le=1.0)]
Size = Annotated[float, Interval(gt=0.0, le=200.0)]  # larger kernels blur no photograph
Bend = Annotated[float, Interval(ge=0.0, le=360.0)]
Blades = Annotated[int, Interval(ge=3, le=32)]
Bright = Annotated[float, Interval(ge=1.0, le=100.0)]

PATHS = ("shake", "linear", "arc")
APERTURES = ("disc", "polygon")

_TEXTS = ("shapes", "depth")  # the fields that are no ranges
_SETTLED = 2.0 / 255.0  # how far the mean may move in sRGB values
_TOE = 0.055  # of the sRGB curve
_WHITE = 0.93  # linear light from which something counts as white
_LAMP_AREA = 0.06  # share of its surroundings that a lamp may fill
_THUMBNAIL = 64  # longer side of the picture in which surroundings are looked at
_AROUND = 11  # how wide they are there


@settings
class Blur:
    """Ranges that blur is drawn from.

    Attributes:
        shapes: What is drawn among, evenly; a name that stands twice counts twice.
        extent_px: Longest extent of a path (shake, linear, arc), in px.
        radius_px: Radius of an aperture (disc, polygon), in px.
        sigma_px: Standard deviation of a Gaussian, in px.
        bend_deg: How far an arc turns, in degrees.
        blades: Fewest and most sides of a polygon.
        softness: Width of the edge of an aperture, share of its radius.
        lamps: How much brighter than white small clipped lights were in the scene.
        depth: Where the depth of a lens blur comes from: ``none`` blurs all alike,
            ``prior`` guesses, else the folder of a depth network.
        focus: What is in focus if there is depth: 0 is near, 1 is far.
    """

    shapes: Annotated[tuple[Shape, ...], MinLen(1)] = (
        "shake",
        "linear",
        "arc",
        "disc",
        "polygon",
        "gaussian",
    )
    extent_px: tuple[Size, Size] = (1.5, 36.0)
    radius_px: tuple[Size, Size] = (0.6, 11.0)
    sigma_px: tuple[Size, Size] = (0.45, 5.0)
    bend_deg: tuple[Bend, Bend] = (30.0, 150.0)
    blades: tuple[Blades, Blades] = (5, 9)
    softness: tuple[Share, Share] = (0.0, 0.25)
    lamps: tuple[Bright, Bright] = (1.0, 4.0)
    depth: str = "none"
    focus: tuple[Share, Share] = (0.0, 1.0)

    def __post_init__(self) -> None:
        spans = {key: each for key, each in vars(self).items() if key not in _TEXTS}
        for name, (low, high) in spans.items():
            if low > high:
                raise ValueError(f"`{name}` must rise, got [{low}, {high}].")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw one movement of the hand, or one state of the lens."""
        severity = draw_severity(rng, severity)
        shape = self.shapes[int(rng.random() * len(self.shapes))]
        size = float(rng.uniform(0.85, 1.15))
        angle = float(rng.uniform(0.0, 360.0))
        bend = float(rng.uniform(*self.bend_deg))
        blades = self.blades[0] + rng.random() * (self.blades[1] + 1 - self.blades[0])
        softness = float(rng.uniform(*self.softness))
        lamps = float(rng.uniform(*self.lamps))
        focus = float(rng.uniform(*self.focus))
        seed = new_seed(rng)

        params: Params = {"severity": severity, "shape": shape, "lamps": lamps}
        if shape in PATHS:
            params["extent_px"] = size * between_log(self.extent_px, severity)
            own = {
                "shake": {"seed": seed},
                "linear": {"angle_deg": angle},
                "arc": {"angle_deg": angle, "bend_deg": bend},
            }
            return {**params, **own[shape]}
        if shape == "gaussian":
            return {**params, "sigma_px": size * between_log(self.sigma_px, severity)}
        params["radius_px"] = size * between_log(self.radius_px, severity)
        params["softness"] = softness
        if shape == "polygon":
            params |= {"blades": int(blades), "rotation_deg": angle}
        if self.depth != "none":
            params |= {"depth": self.depth, "focus": focus, "seed": seed}
        return params

    def apply(self, image: Image, params: Params) -> Image:
        """Blur a picture, or take the mean of the frames that it is in the middle of.

        Raises:
            ImageError: If the params name frames, and the picture is not their middle.
            InputMissing: If these frames are not there, or are others by now.
        """
        if params["shape"] == "frames":
            mean = video.averaged(Path(params["source"]), params, middle=image)
            return image.with_pixels(mean.pixels)
        light = _with_lamps(to_linear(image.pixels), params["lamps"])
        if params["shape"] == "gaussian":
            spread = gaussian_blurred(light, params["sigma_px"])
        elif "depth" in params:
            spread = _beside_focus(image, light, params)
        else:
            spread = filtered(light, kernel_of(params))
        return image.with_pixels(_settled(spread, float(image.pixels.mean())))


def kernel_of(params: Params, radius_px: float | None = None) -> Kernel:
    """Make the kernel of a path or an aperture.

    Args:
        params: What `Blur.sample` has drawn.
        radius_px: Of the aperture, if not the one that was drawn.
    """
    shape = params["shape"]
    if shape == "shake":
        return drawn(shake(params["seed"]), params["extent_px"])
    if shape == "linear":
        return drawn(linear(params["angle_deg"]), params["extent_px"])
    if shape == "arc":
        return drawn(arc(params["angle_deg"], params["bend_deg"]), params["extent_px"])
    radius_px = float(params["radius_px"]) if radius_px is None else radius_px
    if shape == "disc":
        return disc(radius_px, params["softness"])
    return polygon(
        radius_px, params["softness"], params["blades"], params["rotation_deg"]
    )


def _beside_focus(image: Image, light: Pixels, params: Params) -> Pixels:
    focus = params["focus"]
    far = farness(image, params["depth"], params["seed"])
    away = np.abs(far - np.float32(focus))
    away *= np.float32(1.0 / max(focus, 1.0 - focus))
    radius_px = params["radius_px"]
    return defocused(light, away, radius_px, lambda radius: kernel_of(params, radius))


def _with_lamps(light: Field, brightness: float) -> Field:
    """Give small white things the light that they had, and that a file cuts off.

    Without it a lamp out of focus would become a gray disc, which no lens shows.
    Large white areas are left alone: they are paper or sky.
    """
    if brightness == 1.0 or float(light.max()) <= _WHITE:
        return light
    red, green, blue = cv2.split(light)
    white: Field = np.maximum(np.maximum(red, green), blue)
    white -= np.float32(_WHITE)
    white *= np.float32(1.0 / (1.0 - _WHITE))
    np.maximum(white, 0.0, out=white)
    height, width = white.shape
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = resize(white, rows, columns, "area")
    around = cv2.blur(small, (_AROUND, _AROUND)).reshape(rows, columns)
    alone = clipped(np.float32(2.0) - around.astype(np.float32) * (1 / _LAMP_AREA))
    white *= resize(alone, height, width, "bilinear")
    places = white.nonzero()
    light[places] *= (white[places] * np.float32(brightness - 1.0) + 1.0)[:, None]
    return light


def _settled(light: Field, mean: float) -> Pixels:
    """Apply the sRGB curve, with the gain that keeps the mean near what it was."""
    pixels = to_srgb(light)
    for _ in range(4):
        now = float(pixels.mean())
        wanted = min(max(now, mean - _SETTLED), mean + _SETTLED)
        if abs(now - wanted) < 0.1 * _SETTLED:
            break
        # The curve is a power of the light, so a gain is a gain of value + toe.
        light = light * np.float32(((wanted + _TOE) / (now + _TOE)) ** 2.4)
        pixels = to_srgb(light)
    return pixels


PLUGIN: type[Degradation] = Blur
