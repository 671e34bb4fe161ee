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
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.core.protocols import Restorer
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import DEGRADATIONS, RESTORERS
from pellucid.core.seeds import stream
from pellucid.core.settings import load
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.recipe import chain_of, of_kinds
from pellucid.restore.diagnose import KINDS, Look, diagnose, look
from pellucid.restore.run import restore_picture
from pellucid.train.photographs import load as photographs
from pellucid.train.settings import Run

PICTURES, SIDE, SEVERITY = 48, 384, 0.5
QUALITY = 90  # of JPEG

Pair = tuple[Image, Image]  # damaged, and what it should become


def main() -> None:
    """Measure and print the table."""
    clean = [middle(each) for each in kept_out(PICTURES)]
    restorer = RESTORERS.get("compact").load(LoadOptions())
    rows: list[str] = []
    looks: list[tuple[Look, str]] = []
    for kind in KINDS:
        pairs = [single(kind, each, place) for place, each in enumerate(clean)]
        looks += [(look(damaged), kind) for damaged, _ in pairs]
        told = gains(restorer, pairs, Request(task=(word_of(kind),)))
        rows.append(row(kind, restorer, pairs, f"{np.mean(told):+.2f}"))
    mixed = [mixture(each, place) for place, each in enumerate(clean)]
    rows.append(row("two kinds", restorer, mixed, ""))
    looked = [look(each) for each in clean]
    report("Quality", [*HEAD, *rows, *notes(restorer, clean, looks, looked)])


HEAD = ["| kind | input dB | auto, mean | median | better | JPEG, auto | task named |"]
HEAD.append("|---|---|---|---|---|---|---|")


def kept_out(count: int) -> list[NDArray[np.uint8]]:
    """Photographs that the training recipe keeps out, evenly among all of them."""
    run = load(Run, ROOT / "recipes" / "train" / "compact.toml")
    kept = photographs(
        Path(sys.argv[1]), run.data.shards, run.data.kept_out, held_out=True
    )
    step = max(1, len(kept) // count)
    return [each.pixels() for each in kept[::step][:count]]


def row(kind: str, model: Restorer, pairs: Sequence[Pair], told: str) -> str:
    """One line of the table."""
    before = np.mean([psnr(*pair) for pair in pairs])
    own = guarded(model, pairs)
    as_jpeg = guarded(model, [(coded(damaged), clean) for damaged, clean in pairs])
    better = f"{sum(gain > 0 for gain in own)} of {len(own)}"
    means = f"{np.mean(own):+.2f} | {np.median(own):+.2f}"
    stored = f"{np.mean(as_jpeg):+.2f}"
    return f"| {kind} | {before:.1f} | {means} | {better} | {stored} | {told} |"


def gains(model: Restorer, pairs: Sequence[Pair], request: Request) -> list[float]:
    """Decibels that the network wins on each pair, without guards."""
    return [
        psnr(model.restore(damaged, request), target) - psnr(damaged, target)
        for damaged, target in pairs
    ]


def guarded(model: Restorer, pairs: Sequence[Pair]) -> list[float]:
    """Decibels that the command wins on each pair, told nothing."""
    return [
        psnr(restored(model, damaged), target) - psnr(damaged, target)
        for damaged, target in pairs
    ]


def restored(model: Restorer, image: Image) -> Image:
    """What the command hands out."""
    return restore_picture(image, model, Request(), diagnose=diagnose).image


def notes(
    model: Restorer,
    clean: Sequence[Image],
    looks: Sequence[tuple[Look, str]],
    looked: Sequence[Look],
) -> list[str]:
    """Clean pictures, and how good the diagnosis is."""
    quiet = sum(one.diagnosis().nothing_to_repair for one in looked)
    coded_quiet = sum(look(coded(one)).diagnosis().nothing_to_repair for one in clean)
    kept_db = [psnr(restored(model, each), each) for each in clean]
    forced = [
        psnr(model.restore(each, Request(task=("general",))), each) for each in clean
    ]
    return [
        f"\n{len(clean)} photographs, severity {SEVERITY}, gain in PSNR (RGB) in dB."
        " auto: the whole command with its guards; JPEG: the same, stored with quality"
        f" {QUALITY} after the damage; task named: the network alone, lossless.",
        f"Clean pictures: nothing to repair in {quiet} of {len(clean)};"
        f" {sum(db >= 45 for db in kept_db)} come back with 45 dB or more, the worst"
        f" with {min(kept_db):.1f}. Forced by `--task general`, without guards:"
        f" {np.median(forced):.1f} dB in the median.",
        f"Clean pictures stored as JPEG {QUALITY}: nothing to repair in {coded_quiet}.",
        f"Diagnosis of single kinds: macro F1 {f1(looks, looked):.3f},"
        f" expected calibration error {calibration_error(looks, looked):.3f}.",
    ]


def middle(pixels: NDArray[np.uint8]) -> Image:
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


def coded(image: Image) -> Image:
    """As cameras keep it."""
    return image.with_pixels(jpeg(image.pixels, QUALITY))


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


def calibration_error(
    looks: Sequence[tuple[Look, str]], clean: Sequence[Look], bins: int = 10
) -> float:
    """Mean distance between how sure it is and how often it is right.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 3.
    """
    said = [*looks, *((one, "") for one in clean)]
    chance = np.concatenate([one.presence for one, _ in said])
    truth = np.array([kind == true for _, true in said for kind in KINDS])
    sure = np.maximum(chance, 1 - chance)
    right = (chance > 0.5) == truth
    place = np.minimum(((sure - 0.5) * 2 * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(sure[place == one].mean() - right[place == one].mean())
            * (place == one).mean()
            for one in np.unique(place)
        )
    )


if __name__ == "__main__":
    main()
