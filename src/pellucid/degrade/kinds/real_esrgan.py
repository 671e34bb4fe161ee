"""Everything at once: blur, resizing, noise and JPEG, twice, to a quarter of the size.

Model:  clean = sharpened(picture);  small = D2(D1(clean));  result = bicubic(small)
        D = JPEG(resized(clean * kernel) + noise)
Source: X. Wang, L. Xie, C. Dong, Y. Shan, "Real-ESRGAN: Training Real-World Blind
        Super-Resolution with Pure Synthetic Data", ICCV Workshops 2021. The ranges
        are those that SeeSR (2024) and DreamClear (2024) make their pairs with.
"""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.codecs import from_levels, jpeg, to_levels
from pellucid.degrade.grain import new_seed, normals, opened, poisson
from pellucid.degrade.kernels import (
    Kernel,
    circular_lowpass,
    filtered_nearly,
    gaussian,
    generalized_gaussian,
    plateau,
)
from pellucid.degrade.light import clipped
from pellucid.degrade.resample import MODES, resize
from pellucid.degrade.severity import Range, between, draw_severity
from pellucid.degrade.sharpen import sharpened_target

SHRINK = 4  # the result carries a quarter of the rows and columns
FAMILIES = ("gaussian", "generalized", "plateau")

# Share of each family; the first number is round, the second longer one way.
_SHARES = ((0.45, 0.25), (0.12, 0.03), (0.12, 0.03))
_LARGE_PX = 13  # kernels from here on may cut more frequencies

# Where severity 0 stands in the ranges of blurs. With less blur before it, shrinking
# aliases, and the result would come nearer as severity rises.
_MILDEST_BLUR = 0.25

Weights = tuple[Share, Share, Share]
Quality = tuple[
    Annotated[float, Interval(ge=1, le=100)], Annotated[float, Interval(ge=1, le=100)]
]


class _Draws:
    """The numbers of one picture: always the same many, used or not."""

    def __init__(self, rng: np.random.Generator, severity: float | None) -> None:
        drawn = draw_severity(rng, severity)
        self.rng = rng
        self.given = None if severity is None else drawn
        self.strengths: list[float] = []

    def share(self) -> float:
        """Draw what is not strength."""
        return float(self.rng.random())

    def strength(self, matters: bool = True, mildest: float = 0.0) -> float:
        """Draw how strong, or take the severity that is given.

        Args:
            matters: Whether it counts in the mean of the strengths.
            mildest: Where severity 0 stands in the range.
        """
        drawn = self.share()
        walked = mildest + (1.0 - mildest) * (self.given or 0.0)
        used = drawn if self.given is None else walked
        if matters:
            self.strengths.append(used)
        return used

    def severity(self) -> float:
        """The one that was given, or else the mean of the strengths that count."""
        if self.given is not None:
            return self.given
        return sum(self.strengths) / len(self.strengths)


@settings
class RealEsrgan:
    """Ranges of the second-order chain; those of strengths run from mild to strong.

    Attributes:
        kernel_px: Smallest and largest side of a kernel, odd, in px.
        sigma: Of the first blur, in px.
        sigma_again: Of the second blur, in px of the picture then.
        beta_sharp: Exponent of half of the generalized Gaussians.
        beta_flat: Exponent of the other half.
        beta_plateau: Exponent of half of the plateaus; the others have 1.
        cutoff: Frequency where low-pass kernels cut, in radians per px.
        cutoff_large: The same for kernels of 13 px and more, the final one apart.
        sinc: Chance that a blur is a low-pass.
        sinc_final: Chance of a low-pass at the end.
        sinc_before_jpeg: Chance that it comes before the last JPEG, not after it.
        blur_again: Chance of the second blur.
        directions: Chances that the first resizing enlarges, shrinks, does nothing.
        directions_again: The same of the second resizing.
        enlarging: Factor of the first resizing where it enlarges.
        shrinking: Factor where it shrinks.
        enlarging_again: Factor of the second, counted from a quarter of the size.
        shrinking_again: Factor where it shrinks, counted in the same way.
        gaussian: Chance that noise is Gaussian, and not Poisson.
        gray: Chance that noise is equal in the three colours.
        noise: Sigma of the first Gaussian noise, in levels of 255.
        noise_again: Sigma of the second.
        poisson: Factor on the first Poisson noise.
        poisson_again: Factor on the second.
        quality: Of both JPEGs.
    """

    kernel_px: tuple[int, int] = (7, 21)
    sigma: Range = (0.2, 3.0)
    sigma_again: Range = (0.2, 1.5)
    beta_sharp: Range = (0.5, 1.0)
    beta_flat: Range = (1.0, 4.0)
    beta_plateau: Range = (1.0, 2.0)
    cutoff: Range = (np.pi, np.pi / 3)
    cutoff_large: Range = (np.pi, np.pi / 5)
    sinc: Share = 0.1
    sinc_final: Share = 0.8
    sinc_before_jpeg: Share = 0.5
    blur_again: Share = 0.8
    directions: Weights = (0.2, 0.7, 0.1)
    directions_again: Weights = (0.3, 0.4, 0.3)
    enlarging: Range = (1.5, 1.0)
    shrinking: Range = (1.0, 0.15)
    enlarging_again: Range = (1.2, 1.0)
    shrinking_again: Range = (1.0, 0.3)
    gaussian: Share = 0.5
    gray: Share = 0.4
    noise: Range = (1.0, 30.0)
    noise_again: Range = (1.0, 25.0)
    poisson: Range = (0.05, 3.0)
    poisson_again: Range = (0.05, 2.5)
    quality: Quality = (95.0, 30.0)

    def __post_init__(self) -> None:
        low, high = self.kernel_px
        if not (3 <= low <= high and low % 2 and high % 2):
            raise ValueError(f"Kernels have odd sides from 3, got [{low}, {high}].")
        for name in ("directions", "directions_again"):
            if not np.isclose(sum(getattr(self, name)), 1.0):
                raise ValueError(f"The chances of `{name}` must add up to 1.")
        for name in _POSITIVE:
            if min(getattr(self, name)) <= 0.0:
                raise ValueError(f"`{name}` must be positive.")

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw both stages.

        Without a severity each strength is drawn on its own, evenly, as in the paper,
        and the ``severity`` among the choices is their mean. With one, all strengths
        stand there in their ranges, and only the rest is drawn.
        """
        draws = _Draws(rng, severity)
        first = {
            "blur": self._draw_blur(draws, self.sigma, 1.0),
            **_draw_size(draws, self.directions, self.enlarging, self.shrinking),
            "noise": self._draw_noise(draws, self.noise, self.poisson),
            "quality": self._draw_quality(draws),
        }
        again = (self.directions_again, self.enlarging_again, self.shrinking_again)
        second = {
            "blur": self._draw_blur(draws, self.sigma_again, self.blur_again),
            **_draw_size(draws, *again),
            "noise": self._draw_noise(draws, self.noise_again, self.poisson_again),
            "quality": self._draw_quality(draws),
        }
        final = {
            "mode": _pick(draws, MODES),
            "sinc": self._draw_final_sinc(draws),
            "is_before_jpeg": draws.share() < self.sinc_before_jpeg,
        }
        return {
            "severity": draws.severity(),
            "first": first,
            "second": second,
            "final": final,
            "seed": new_seed(rng),
        }

    def _draw_blur(
        self, draws: _Draws, sigma: Range, probability: float
    ) -> Params | None:
        happens = draws.share() < probability
        size = self._draw_size_of_kernel(draws)
        is_sinc = draws.share() < self.sinc
        place = draws.share()
        strength = draws.strength(happens, _MILDEST_BLUR)
        across = draws.share() * (1.0 if draws.given is None else strength)
        angle = np.pi * (2.0 * draws.share() - 1.0)
        is_first_half, beta = draws.share() < 0.5, draws.share()
        if not happens:
            return None
        if is_sinc:
            cutoff = self.cutoff_large if size >= _LARGE_PX else self.cutoff
            return {
                "family": "sinc",
                "size": size,
                "cutoff": between(cutoff, strength),
            }
        family, is_round = _family(place)
        long = between(sigma, strength)
        return {
            "family": family,
            "size": size,
            "sigma": [long, long if is_round else between(sigma, across)],
            "angle": 0.0 if is_round else angle,
            "beta": self._beta(family, is_first_half, beta),
        }

    def _beta(self, family: str, is_first_half: bool, share: float) -> float:
        if family == "gaussian":
            return 1.0
        if family == "plateau":
            return 1.0 if is_first_half else between(self.beta_plateau, share)
        return between(self.beta_sharp if is_first_half else self.beta_flat, share)

    def _draw_size_of_kernel(self, draws: _Draws) -> int:
        low, high = self.kernel_px
        return low + 2 * int(draws.share() * ((high - low) // 2 + 1))

    def _draw_noise(self, draws: _Draws, sigma: Range, factor: Range) -> Params:
        is_gaussian = draws.share() < self.gaussian
        is_gray = draws.share() < self.gray
        strength = draws.strength()
        return {
            "kind": "gaussian" if is_gaussian else "poisson",
            "amount": between(sigma if is_gaussian else factor, strength),
            "is_gray": is_gray,
        }

    def _draw_quality(self, draws: _Draws) -> int:
        return round(between(self.quality, draws.strength()))

    def _draw_final_sinc(self, draws: _Draws) -> Params | None:
        happens = draws.share() < self.sinc_final
        size = self._draw_size_of_kernel(draws)
        cutoff = between(self.cutoff, draws.strength(happens))
        return {"family": "sinc", "size": size, "cutoff": cutoff} if happens else None

    def apply(self, image: Image, params: Params) -> Image:
        """Sharpen, damage twice, and enlarge to the old size with 8-bit rounding."""
        height, width = image.height, image.width
        rows, columns = max(1, round(height / SHRINK)), max(1, round(width / SHRINK))
        first, second, final = params["first"], params["second"], params["final"]
        pixels = _blurred(sharpened_target(image.pixels), first["blur"])
        pixels = _resized(pixels, (height, width), first)
        pixels = _noisy(pixels, first["noise"], opened(params["seed"], "first"))
        pixels = _blurred(jpeg(pixels, first["quality"]), second["blur"])
        pixels = _resized(pixels, (height / SHRINK, width / SHRINK), second)
        pixels = _noisy(pixels, second["noise"], opened(params["seed"], "second"))
        if not final["is_before_jpeg"]:
            pixels = jpeg(pixels, second["quality"])
        pixels = resize(pixels, rows, columns, final["mode"])
        pixels = clipped(_blurred(pixels, final["sinc"]).copy())
        if final["is_before_jpeg"]:
            pixels = jpeg(pixels, second["quality"])
        return image.with_pixels(_enlarged(pixels, height, width))

    def target(self, image: Image, params: Params) -> Image:
        """Sharpen: what a restorer should reach."""
        return image.with_pixels(sharpened_target(image.pixels))


_POSITIVE = (
    "sigma",
    "sigma_again",
    "beta_sharp",
    "beta_flat",
    "beta_plateau",
    "cutoff",
    "cutoff_large",
    "enlarging",
    "shrinking",
    "enlarging_again",
    "shrinking_again",
)


def _pick(draws: _Draws, among: tuple[str, ...]) -> str:
    return among[int(draws.share() * len(among))]


def _family(place: float) -> tuple[str, bool]:
    """Find the family of a kernel at a place in [0, 1), and whether it is round."""
    for family, shares in zip(FAMILIES, _SHARES, strict=True):
        for is_round, share in zip((True, False), shares, strict=True):
            if place < share:
                return family, is_round
            place -= share
    return FAMILIES[-1], False  # the shares add up to 1 but for rounding


def _draw_size(
    draws: _Draws, chances: Weights, enlarging: Range, shrinking: Range
) -> Params:
    place = draws.share()
    enlarges, shrinks = chances[0], chances[0] + chances[1]
    strength = draws.strength(place < shrinks)
    scale = 1.0
    if place < enlarges:
        scale = between(enlarging, strength)
    elif place < shrinks:
        scale = between(shrinking, strength)
    return {"scale": scale, "mode": _pick(draws, MODES)}


def _kernel(blur: Params) -> Kernel:
    size, family = blur["size"], blur["family"]
    if family == "sinc":
        return circular_lowpass(size, blur["cutoff"])
    sigma = (blur["sigma"][0], blur["sigma"][1])
    if family == "gaussian":
        return gaussian(size, sigma, blur["angle"])
    if family == "plateau":
        return plateau(size, sigma, blur["angle"], blur["beta"])
    return generalized_gaussian(size, sigma, blur["angle"], blur["beta"])


def _blurred(pixels: Pixels, blur: Params | None) -> Pixels:
    return pixels if blur is None else filtered_nearly(pixels, _kernel(blur))


def _resized(pixels: Pixels, whole: tuple[float, float], stage: Params) -> Pixels:
    """Resize to a share of a size, not of the present one."""
    rows, columns = (max(1, round(side * stage["scale"])) for side in whole)
    return resize(pixels, rows, columns, stage["mode"])


def _noisy(pixels: Pixels, noise: Params, rng: np.random.Generator) -> Pixels:
    add = _gaussian_noise if noise["kind"] == "gaussian" else _poisson_noise
    field = add(pixels, noise["is_gray"], rng)
    field *= np.float32(noise["amount"])
    field = field + pixels if field.shape[2] == 1 else np.add(field, pixels, out=field)
    return clipped(field)


def _gaussian_noise(
    pixels: Pixels, is_gray: bool, rng: np.random.Generator
) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    field = normals(rng, height, width, 1 if is_gray else 3)
    field *= np.float32(1.0 / 255.0)
    return field


def _poisson_noise(
    pixels: Pixels, is_gray: bool, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Count photons: as many at white as the picture has levels, rounded up to 2^n."""
    levels = to_levels(np.maximum(pixels, np.float32(0.0)))
    if is_gray:
        gray = cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)[..., None]
        levels = gray.astype(np.uint8, copy=False)
    used = np.count_nonzero(np.bincount(levels.reshape(-1), minlength=256))
    peak = 1 << int(used - 1).bit_length()
    field = poisson(rng, levels, peak)
    field *= np.float32(1.0 / peak)
    field -= levels * np.float32(1.0 / 255.0)
    return field


def _enlarged(pixels: Pixels, height: int, width: int) -> Pixels:
    large = resize(pixels, height, width, "bicubic")
    return from_levels(to_levels(np.maximum(large, np.float32(0.0))))


PLUGIN: type[Degradation] = RealEsrgan
