"""What the compact model gains on damage that no generator of ours made.

python benchmarks/textbook.py DATA [--save]

Formulas of textbooks: white noise, one save as JPEG, Gaussian and straight motion blur,
an exposure that is too short, an even veil and one that thickens upwards. On kept-out
photographs, whole; beside each stands what a user would take else, told how strong the
damage is where it has a setting for that.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from _report import report
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter, ImageOps
from quality import Pair, gains, guarded, kept_out, psnr, stored

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import RESTORERS
from pellucid.core.seeds import stream
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.light import to_linear, to_srgb

PICTURES = 24

Plane = NDArray[np.float32]
Damage = Callable[[Plane, np.random.Generator], Plane]
Tool = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True)
class Case:
    """One damage, and who claims to repair it.

    Attributes:
        name: As in the table.
        task: What a user would ask for.
        damage: Makes it.
        tool: The other way.
        by: Name of that way.
    """

    name: str
    task: str
    damage: Damage
    tool: Tool
    by: str


def main() -> None:
    """Measure and print the table."""
    clean = [
        Image(each.astype(np.float32) / np.float32(255)) for each in kept_out(PICTURES)
    ]
    model = RESTORERS.get("compact").load(LoadOptions())
    head = "| damage | input dB | auto, mean | worst | task named | other tool |"
    rows = [head, "|---|---|---|---|---|---|"]
    for case in CASES:
        pairs = [damaged(case, each, place) for place, each in enumerate(clean)]
        before = np.mean([psnr(*pair) for pair in pairs])
        own = guarded(model, pairs)
        told = np.mean(gains(model, pairs, Request(task=(case.task,))))
        other = np.mean(with_tool(case.tool, pairs))
        rows.append(
            f"| {case.name} | {before:.1f} | {np.mean(own):+.2f} | {min(own):+.2f} |"
            f" {told:+.2f} | {other:+.2f} ({case.by}) |"
        )
    note = (
        f"\n{len(clean)} photographs of at most 544 px on the shorter side; gain in"
        " PSNR (RGB) in dB. auto: the whole command with its guards, told nothing;"
        " task named: the network alone."
    )
    report("Textbook damage", [*rows, note])


def damaged(case: Case, clean: Image, place: int) -> Pair:
    """Damage a photograph, and keep it in 8 bits."""
    found = case.damage(clean.pixels, stream(place, "textbook", case.name))
    return stored(clean.with_pixels(np.clip(found, 0.0, 1.0).astype(np.float32))), clean


def with_tool(tool: Tool, pairs: Sequence[Pair]) -> list[float]:
    """Decibels that the other tool wins."""
    found: list[float] = []
    for image, clean in pairs:
        levels = np.rint(image.pixels * 255).astype(np.uint8)
        made = tool(levels).astype(np.float32) / np.float32(255)
        found.append(psnr(image.with_pixels(made), clean) - psnr(image, clean))
    return found


def white(sigma: float) -> Damage:
    """Normal noise, the same everywhere; sigma in levels of 255."""
    return lambda pixels, rng: pixels + _normal(sigma, pixels, rng)


def _normal(sigma: float, pixels: Plane, rng: np.random.Generator) -> Plane:
    return rng.normal(0.0, sigma / 255.0, pixels.shape).astype(np.float32)


def counted(photons: float) -> Damage:
    """Shot noise in linear light; photons that white would bring."""
    return lambda pixels, rng: to_srgb(
        (rng.poisson(to_linear(pixels) * photons) / photons).astype(np.float32)
    )


def saved(quality: int) -> Damage:
    """One save as JPEG, colours at half resolution."""
    return lambda pixels, rng: jpeg(pixels, quality)


def soft(sigma: float) -> Damage:
    """A Gaussian over sRGB values; sigma in px."""
    return lambda pixels, rng: np.asarray(
        cv2.GaussianBlur(pixels, (0, 0), sigma), np.float32
    )


def moved(length: float) -> Damage:
    """A straight motion in any direction; length in px."""

    def damage(pixels: Plane, rng: np.random.Generator) -> Plane:
        angle, side = math.pi * rng.random(), 2 * math.ceil(length / 2) + 1
        kernel = np.zeros((side, side), np.float32)
        for place in np.linspace(-length / 2, length / 2, 16 * side):
            row = round(side // 2 + place * math.sin(angle))
            column = round(side // 2 + place * math.cos(angle))
            kernel[row, column] += 1.0
        return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.float32)

    return damage


def dark(stops: float, sigma: float = 0.0) -> Damage:
    """Less light by some stops, and white noise in levels of 255 after it."""

    def damage(pixels: Plane, rng: np.random.Generator) -> Plane:
        seen = to_srgb(to_linear(pixels) * np.float32(2.0**-stops))
        return seen + _normal(sigma, pixels, rng)

    return damage


def veiled(top: float, bottom: float) -> Damage:
    """Haze in sRGB values, as RESIDE makes it; what is left of the scene."""

    def damage(pixels: Plane, rng: np.random.Generator) -> Plane:
        left = np.linspace(top, bottom, len(pixels), dtype=np.float32)[:, None, None]
        air = np.float32(0.85) * (np.float32(1.0) - left)
        return (pixels * left + air).astype(np.float32)

    return damage


def means(strength: float) -> Tool:
    """Non-local means of OpenCV."""
    return lambda levels: np.asarray(
        cv2.fastNlMeansDenoisingColored(levels, None, strength, strength), np.uint8
    )


def sharpened(radius: float) -> Tool:
    """The unsharp mask of Pillow."""
    mask = ImageFilter.UnsharpMask(radius, 100, 0)
    return lambda levels: np.asarray(Pillow.fromarray(levels).filter(mask))


def contrast(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The automatic contrast of Pillow, on luminance."""
    picture = ImageOps.autocontrast(Pillow.fromarray(levels), 0.5, preserve_tone=True)
    return np.asarray(picture)


def smoothed(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The bilateral filter of OpenCV."""
    return np.asarray(cv2.bilateralFilter(levels, 5, 12, 2), np.uint8)


NLM, UNSHARP, AUTO = "non-local means", "unsharp mask", "auto contrast"
CASES = (
    Case("white noise, 15", "denoise", white(15), means(7), NLM),
    Case("white noise, 25", "denoise", white(25), means(12), NLM),
    Case("white noise, 50", "denoise", white(50), means(24), NLM),
    Case("shot noise, 500 photons", "denoise", counted(500), means(5), NLM),
    Case("JPEG, quality 10", "dejpeg", saved(10), smoothed, "bilateral filter"),
    Case("JPEG, quality 20", "dejpeg", saved(20), smoothed, "bilateral filter"),
    Case("JPEG, quality 40", "dejpeg", saved(40), smoothed, "bilateral filter"),
    Case("Gaussian blur, 1.5 px", "deblur", soft(1.5), sharpened(1.5), UNSHARP),
    Case("Gaussian blur, 3 px", "deblur", soft(3.0), sharpened(3.0), UNSHARP),
    Case("motion, 9 px", "deblur", moved(9), sharpened(3.0), UNSHARP),
    Case("1.5 stops too dark", "low-light", dark(1.5), contrast, AUTO),
    Case("3 stops too dark, noise 3", "low-light", dark(3.0, 3.0), contrast, AUTO),
    Case("even veil, 60 % left", "dehaze", veiled(0.6, 0.6), contrast, AUTO),
    Case("veil, 35 to 90 % left", "dehaze", veiled(0.35, 0.9), contrast, AUTO),
)

if __name__ == "__main__":
    main()
