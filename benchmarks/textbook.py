"""What the compact model gains on damage that no generator of ours made.

python benchmarks/textbook.py DATA [--save]

Formulas of textbooks: white noise, one save as JPEG, Gaussian and straight motion blur,
an exposure that is too short, an even veil and one that thickens upwards. On kept-out
photographs, whole; beside each stands what a user would take else, told how strong the
damage is where it has a setting for that.
"""

import io
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from _report import ROOT, report
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter, ImageOps
from quality import Pair, gains, guarded, psnr, stored

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import RESTORERS
from pellucid.core.seeds import stream
from pellucid.core.settings import load
from pellucid.degrade.light import to_linear, to_srgb
from pellucid.train.photographs import load as photographs
from pellucid.train.settings import Run

PICTURES = 24

Plane = NDArray[np.float32]
Damage = Callable[[Plane, np.random.Generator], Plane]
Tool = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True, kw_only=True)
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
    run = load(Run, ROOT / "recipes" / "train" / "compact.toml")
    kept = photographs(
        Path(sys.argv[1]), run.data.shards, run.data.kept_out, held_out=True
    )
    step = max(1, len(kept) // PICTURES)
    clean = [
        Image(each.pixels().astype(np.float32) / np.float32(255))
        for each in kept[::step][:PICTURES]
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
    """One save as JPEG by libjpeg, colours at half resolution."""

    def damage(pixels: Plane, rng: np.random.Generator) -> Plane:
        file = io.BytesIO()
        levels = np.rint(pixels * 255).astype(np.uint8)
        Pillow.fromarray(levels).save(file, "JPEG", quality=quality)
        return np.asarray(Pillow.open(file), np.float32) / np.float32(255)

    return damage


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


def case(name: str, task: str, damage: Damage, tool: Tool, by: str) -> Case:
    """Write a case in one line."""
    return Case(name=name, task=task, damage=damage, tool=tool, by=by)


NLM, UNSHARP, AUTO = "non-local means", "unsharp mask", "auto contrast"
CASES = (
    case("white noise, 15", "denoise", white(15), means(7), NLM),
    case("white noise, 25", "denoise", white(25), means(12), NLM),
    case("white noise, 50", "denoise", white(50), means(24), NLM),
    case("shot noise, 500 photons", "denoise", counted(500), means(5), NLM),
    case("JPEG, quality 10", "dejpeg", saved(10), smoothed, "bilateral filter"),
    case("JPEG, quality 20", "dejpeg", saved(20), smoothed, "bilateral filter"),
    case("JPEG, quality 40", "dejpeg", saved(40), smoothed, "bilateral filter"),
    case("Gaussian blur, 1.5 px", "deblur", soft(1.5), sharpened(1.5), UNSHARP),
    case("Gaussian blur, 3 px", "deblur", soft(3.0), sharpened(3.0), UNSHARP),
    case("motion, 9 px", "deblur", moved(9), sharpened(3.0), UNSHARP),
    case("1.5 stops too dark", "low-light", dark(1.5), contrast, AUTO),
    case("3 stops too dark, noise 3", "low-light", dark(3.0, 3.0), contrast, AUTO),
    case("even veil, 60 % left", "dehaze", veiled(0.6, 0.6), contrast, AUTO),
    case("veil, 35 to 90 % left", "dehaze", veiled(0.35, 0.9), contrast, AUTO),
)

if __name__ == "__main__":
    main()
