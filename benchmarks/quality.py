"""What the compact model gains, on photographs it never learned from.

python benchmarks/quality.py DATA [--save]

DATA holds the shards and the manifest of the training recipe; taken are those that it
keeps out. Every kind at severity 0.5 on the middle 384 x 384 pixels, mixtures of two,
and clean pictures that must stay as they are.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from _report import ROOT, report

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import DEGRADATIONS, RESTORERS
from pellucid.core.seeds import stream
from pellucid.core.settings import load
from pellucid.degrade.recipe import chain_of, of_kinds
from pellucid.restore.diagnose import KINDS, Look, look
from pellucid.train.photographs import load as photographs
from pellucid.train.settings import Run

PICTURES, SIDE, SEVERITY = 24, 384, 0.5

Pair = tuple[Image, Image]  # damaged, and what it should become


def main() -> None:
    """Measure and print the table."""
    run = load(Run, ROOT / "recipes" / "train" / "compact.toml")
    folder = Path(sys.argv[1])
    kept = photographs(folder, run.data.shards, run.data.kept_out, held_out=True)
    step = max(1, len(kept) // PICTURES)
    clean = [middle(each.pixels()) for each in kept[::step][:PICTURES]]
    restorer = RESTORERS.get("compact").load(LoadOptions())

    def gains(pairs: Sequence[Pair], request: Request) -> list[float]:
        """Decibels won on each pair."""
        return [
            psnr(restorer.restore(damaged, request), target) - psnr(damaged, target)
            for damaged, target in pairs
        ]

    rows: list[str] = []
    looks: list[tuple[Look, str]] = []
    for kind in KINDS:
        pairs = [single(kind, each, place) for place, each in enumerate(clean)]
        looks += [(look(damaged), kind) for damaged, _ in pairs]
        before = np.mean([psnr(*pair) for pair in pairs])
        own = gains(pairs, Request())
        told = gains(pairs, Request(task=(word_of(kind),)))
        rows.append(
            f"| {kind} | {before:.1f} | {np.mean(own):+.2f} | {np.median(own):+.2f}"
            f" | {np.mean(told):+.2f} | {sum(gain > 0 for gain in own)} of {len(own)} |"
        )
    mixed = [mixture(each, place) for place, each in enumerate(clean)]
    own = gains(mixed, Request())
    rows.append(
        f"| two kinds | {np.mean([psnr(*pair) for pair in mixed]):.1f}"
        f" | {np.mean(own):+.2f} | {np.median(own):+.2f} | "
        f"| {sum(gain > 0 for gain in own)} of {len(own)} |"
    )
    kept_db = [psnr(restorer.restore(each, Request()), each) for each in clean]
    looked = [look(each) for each in clean]
    quiet = sum(one.diagnosis().nothing_to_repair for one in looked)
    head = "| kind | input dB | auto, mean | auto, median | task named | better |"
    notes = [
        f"\n{len(clean)} photographs, severity {SEVERITY}, gain in PSNR (RGB) in dB.",
        f"Clean pictures: {np.median(kept_db):.1f} dB to the input in the median,"
        f" {min(kept_db):.1f} at worst; nothing to repair in {quiet} of {len(clean)}.",
        f"Diagnosis of single kinds: macro F1 {f1(looks, looked):.2f}.",
    ]
    report("Quality", [head, "|---|---|---|---|---|---|", *rows, *notes])


def middle(pixels: np.ndarray) -> Image:
    """The middle of a photograph."""
    height, width = pixels.shape[:2]
    top, left = max(0, height - SIDE) // 2, max(0, width - SIDE) // 2
    cut = pixels[top : top + SIDE, left : left + SIDE]
    return Image(cut.astype(np.float32) / np.float32(255))


def single(kind: str, clean: Image, place: int) -> Pair:
    """One kind of damage, stored with 8 bits."""
    damage = DEGRADATIONS.get(kind)()
    params = damage.sample(stream(place, "quality", kind), SEVERITY)
    move: Callable[..., Image] | None = getattr(damage, "target", None)
    return stored(damage.apply(clean, params)), (move(clean, params) if move else clean)


def mixture(clean: Image, place: int) -> Pair:
    """Two kinds of damage, one after the other."""
    rng = stream(place, "quality", "two")
    first, second = sorted(rng.permutation(len(KINDS))[:2].tolist())
    chain = chain_of(of_kinds([KINDS[first], KINDS[second]]))
    damaged, _ = chain(clean, rng, SEVERITY)
    return stored(damaged.image), damaged.clean


def stored(image: Image) -> Image:
    """As a file with 8 bits keeps it."""
    return image.with_pixels(
        np.rint(image.pixels * 255).astype(np.float32) / np.float32(255)
    )


def psnr(one: Image, other: Image) -> float:
    """Decibels over all channels, capped at 100."""
    error = np.mean((one.pixels.astype(np.float64) - other.pixels) ** 2)
    return float(10 * np.log10(1 / max(error, 1e-10)))


def word_of(kind: str) -> str:
    """The task that repairs a kind."""
    from pellucid.restore.tasks import TASKS

    return next(word for word, found in TASKS.items() if found == kind)


def f1(looks: Sequence[tuple[Look, str]], clean: Sequence[Look]) -> float:
    """Mean over kinds of F1: is it found where it is, and only there?"""
    scores: list[float] = []
    for place, kind in enumerate(KINDS):
        found = [(one.presence[place] > 0.5, true == kind) for one, true in looks]
        found += [(one.presence[place] > 0.5, False) for one in clean]
        hits = sum(said and true for said, true in found)
        wrong = sum(said != true for said, true in found)
        scores.append(2 * hits / max(1, 2 * hits + wrong))
    return float(np.mean(scores))


if __name__ == "__main__":
    main()
