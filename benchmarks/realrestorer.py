"""How long RealRestorer takes, and how much memory, with random weights.

python benchmarks/realrestorer.py [--save] [--full]

On a CPU a network of middling size is walked in the order of work of the published code
and in ours, each in a process of its own: connector and modulation at every step, all
640 tokens of the text, the picture read twice with all hidden states and logits;
against tables, collapsed padding and one look. On a graphics card (`--full`) the
network has its real size at 1024 x 1024, and each way of sharing memory and each
speed-up is measured, with its distance from the exact picture. With random weights a
distance says only that something changed; with real ones (`--weights FOLDER`) it is
worth reading.
"""

import argparse
import copy
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _report import ROOT, report

sys.path.insert(0, str(ROOT / "tests"))

from bundles import random_autoencoder, random_language, write_bundle

from pellucid.core.records import LoadOptions
from pellucid.flow.guidance import Guidance
from pellucid.flow.sampler import walk
from pellucid.flow.times import Shift, times
from pellucid.restore.models.realrestorer import language
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder, packed
from pellucid.restore.models.realrestorer.engine import (
    Ids,
    Manner,
    noise_for,
)
from pellucid.restore.models.realrestorer.instructions import ENGLISH
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.loading import load
from pellucid.restore.models.realrestorer.network import Found, Network, Shape
from pellucid.restore.models.realrestorer.places import Places
from pellucid.restore.models.realrestorer.quantise import KINDS
from pellucid.restore.models.realrestorer.ratios import read_ratios
from pellucid.restore.models.realrestorer.residence import Part, Parts, Residence
from pellucid.restore.models.realrestorer.speedups import SPEEDUPS, hastened
from pellucid.restore.models.realrestorer.tables import tabled
from pellucid.restore.models.realrestorer.ways import ways
from pellucid.restore.plan import Machine
from pellucid.weights.fill import fill
from pellucid.weights.step1x import TRANSFORMER

MIDDLING = Shape(
    double=3,
    single=6,
    heads=6,
    head=128,
    language=768,
    text=1024,
    connector_heads=8,
)
TALK = {  # a language model two thirds as large, as in the published model
    "intermediate_size": 3072,
    "num_hidden_layers": 11,
    "num_attention_heads": 12,
    "num_key_value_heads": 4,
}
SIDE, STEPS = 256, 28  # of the comparison on a CPU
FLOOR = 12.0  # s for 9.48 PFLOP at 790 TFLOP/s
PUBLISHED = "34 GB, 22 s"
CARD = torch.device("cuda")
FAST = ("guidance-interval", "mag-cache", "compile")
ROWS = (  # of the table of a graphics card: how memory is shared, and speed-ups
    ("resident", ()),
    *(("resident", (name,)) for name in SPEEDUPS),
    ("turns", ()),
    ("int8", ()),
    ("fp8", ()),
    ("fp8", ("compile",)),
    ("fp8", FAST),
    ("fp8", (*FAST, "second-order")),
    ("nf4", ()),
    ("streamed", ()),
)


def main() -> None:
    """Measure what there is to measure on this machine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--one", choices=("theirs", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--bundle", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.one:
        print(json.dumps(measured(told.one, told.bundle)))
        return
    lines = on_card(told.weights) if told.full else on_processor()
    report("RealRestorer", lines)


def on_processor() -> list[str]:
    """The published order of work against ours."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle(Path(folder) / "model", MIDDLING, TALK)
        rows = {name: alone(name, bundle) for name in ("theirs", "ours")}
        distance = psnr(*(np.load(row["picture"]) for row in rows.values()))
    numbers = sum(each.numel() for each in Network(MIDDLING).parameters())
    lines = [
        f"A network of {numbers / 1e6:.0f} million numbers and a language model two"
        f" thirds as large, {SIDE} x {SIDE}, {STEPS} guided steps, float32, on the"
        " processor; the published order of work holds all of it, ours what is used.",
        "",
        "| order of work | s | peak MB beyond an idle process | PSNR, dB |",
        "|---|---|---|---|",
    ]
    for name, row in rows.items():
        label = {"theirs": "as published", "ours": "ours, exact"}[name]
        facts = f"{row['seconds']:.2f} | {row['megabytes']:.0f} | {distance:.1f}"
        lines.append(f"| {label} | {facts} |")
    faster = rows["theirs"]["seconds"] / rows["ours"]["seconds"]
    less = 1 - rows["ours"]["megabytes"] / rows["theirs"]["megabytes"]
    return [*lines, "", f"Ours is {faster:.2f} times as fast, with {less:.0%} less."]


def alone(name: str, bundle: Path) -> dict[str, Any]:
    """Measure in a fresh process."""
    line = [sys.executable, __file__, "--one", name, "--bundle", str(bundle)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measured(name: str, bundle: Path) -> dict[str, Any]:
    """Restore a picture."""
    idle = peak()
    pixels = photograph(SIDE)
    work = {"theirs": as_published, "ours": as_here}[name](bundle, pixels)
    start = time.perf_counter()
    picture = work()
    seconds = time.perf_counter() - start
    path = bundle / f"{name}.npy"
    np.save(path, picture)
    return {"seconds": seconds, "megabytes": peak() - idle, "picture": str(path)}


def peak() -> float:
    """The most memory that this process has had so far, in MB.

    On Linux `ru_maxrss` begins with what the parent had, so it is asked elsewhere.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def as_here(bundle: Path, pixels: np.ndarray) -> Callable[[], np.ndarray]:
    """Our order of work."""
    residence, _ = load(bundle, LoadOptions())

    def work() -> np.ndarray:
        hidden, mask = residence.speak().read(
            pixels, [ENGLISH["derain"], ""], torch.device("cpu")
        )
        noise, manner = noise_for(SIDE, SIDE, 0), Manner(steps=STEPS)
        return residence.paint().restore(pixels, hidden, mask, noise, manner)

    return work


def as_published(bundle: Path, pixels: np.ndarray) -> Callable[[], np.ndarray]:
    """The published order of work, on the same classes and weights."""
    from transformers import Qwen2_5_VLForConditionalGeneration

    places = Places.find(bundle)
    network = Network(Found.at(places.transformer).shape)
    fill(
        network,
        Found.at(places.transformer).stored,
        TRANSFORMER["original"],
        torch.float32,
    )
    autoencoder = Autoencoder.load(places.autoencoder)
    library: Any = Qwen2_5_VLForConditionalGeneration
    speaking = library.from_pretrained(places.encoder, local_files_only=True).eval()
    part = Language.load(places.encoder, places.processor, torch.float32)
    spoken = replace(part, model=None)  # the whole model speaks, with its head
    del part

    def heard(instruction: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Every instruction by itself, with logits and all hidden states."""
        patches = spoken.sight(images=[language.as_seen(pixels)], return_tensors="pt")
        grid = patches["image_grid_thw"]
        count = int(grid.prod()) // 4
        ids = torch.tensor([language.ids_of(spoken.tokenizer, instruction, count)])
        told = speaking(
            input_ids=ids,
            pixel_values=patches["pixel_values"],
            image_grid_thw=grid,
            mm_token_type_ids=(ids == speaking.config.image_token_id).int(),
            output_hidden_states=True,
        )
        kept = told.hidden_states[-1][:, spoken.offset :]
        mask = torch.ones(1, kept.shape[1])
        empty = language.LENGTH - kept.shape[1]
        pad = torch.nn.functional.pad
        return pad(kept, (0, 0, 0, empty)), pad(mask, (0, empty))

    @torch.no_grad()
    def work() -> np.ndarray:
        both = [heard(each) for each in (ENGLISH["derain"], "")]
        hidden = torch.cat([each for each, _ in both])
        mask = torch.cat([each for _, each in both])
        count = SIDE * SIDE // 256
        reference = autoencoder.encode(pixels)
        ids = Ids.of(SIDE, SIDE, "v1.1", torch.device("cpu"))
        guidance: Guidance = Manner(steps=STEPS).guidance(count)

        def velocity(latents: torch.Tensor, step: int, at: float) -> torch.Tensor:
            now = torch.full((2,), at)
            tokens, pooled = network.connector(hidden, mask, now)
            found = network.transformer(
                hidden_states=torch.cat([latents, reference], 1).expand(2, -1, -1),
                encoder_hidden_states=tokens,
                pooled_projections=pooled,
                timestep=now,
                img_ids=ids.pictures,
                txt_ids=ids.text(tokens.shape[1]),
                return_dict=False,
            )[0][:, :count]
            return guidance(found[:1], found[1:], at)

        stops = times(STEPS, count, Shift())
        tokens = walk(velocity, packed(noise_for(SIDE, SIDE, 0)), stops)
        return autoencoder.decode(tokens, SIDE, SIDE)

    return work


def on_card(weights: Path | None) -> list[str]:
    """Every way and every speed-up at full size; each line is printed when it is there.

    A device may be lent for minutes only: what was measured before it went stays.
    """
    if not torch.cuda.is_available():
        return ["There is no graphics card here: nothing was measured."]
    lines = [
        f"1024 x 1024, 28 guided steps, bfloat16, {torch.cuda.get_device_name()}; at"
        f" least {FLOOR} s at 790 TFLOP/s; published: {PUBLISHED}. Without the language"
        " model.",
        "",
        "| way | speed-ups | s per picture | peak, GiB | PSNR to exact, dB |",
        "|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    pixels, exact, parts = photograph(1024), None, full_size(weights)
    ratios = ratios_of(weights)
    for way, names in ROWS:
        manner = hastened(replace(Manner(), ratios=ratios), names, keep_steps=False)
        gc.collect()  # what the row before had
        torch.cuda.empty_cache()
        picture, seconds = walked(own(parts, way), way, pixels, manner)
        card = torch.cuda.max_memory_allocated() / 2**30
        exact = picture if exact is None else exact
        line = f"| {way} | {', '.join(names) or '-'} | {seconds:.1f} | {card:.1f} |"
        lines.append(f"{line} {psnr(picture, exact):.1f} |")
        print(lines[-1], flush=True)
    return lines


def own(parts: Parts, way: str) -> Parts:
    """A copy of the transformer for a way that takes bits from its weights."""
    if way not in KINDS:
        return parts
    network = copy.deepcopy(parts.network.get().cpu())
    return replace(parts, network=Part(lambda: network))


def ratios_of(weights: Path | None) -> tuple[float, ...]:
    """What MagCache must know; for random weights, what is known of FLUX."""
    if weights is not None:
        return read_ratios(weights)
    from diffusers.hooks.mag_cache import FLUX_MAG_RATIOS

    return tuple(FLUX_MAG_RATIOS.tolist())


def walked(
    parts: Parts, way: str, pixels: np.ndarray, manner: Manner
) -> tuple[np.ndarray, float]:
    """Restore a picture on the card: two steps to warm up, then all of them."""
    every = ways(1024, 1024, Machine.here())
    chosen = next(each for each in every if each.name == way)
    residence = Residence(CARD, chosen, every, parts)
    language = residence.speak()
    hidden, mask = language.read(pixels, [ENGLISH["derain"], ""], CARD)
    height, width = pixels.shape[:2]
    engine, noise = residence.paint(), noise_for(height, width, 0)
    engine.restore(pixels, hidden, mask, noise, replace(manner, steps=2))
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    picture = engine.restore(pixels, hidden, mask, noise, manner)
    return picture, time.perf_counter() - start


def full_size(weights: Path | None) -> Parts:
    """The published model, or one of its size with random weights."""
    if weights is not None:
        return load(weights, LoadOptions(device="cuda", memory="turns"))[0].parts
    network: Any = Network(Shape()).to(torch.bfloat16).to_empty(device="cuda")
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    network.cpu()
    tabled(network)
    autoencoder = random_autoencoder((128, 256, 512, 512))
    language = random_language()
    return Parts(Part(lambda: language), Part(lambda: network.eval()), autoencoder)


def photograph(side: int) -> np.ndarray:
    """A slope with noise, float32."""
    rng = np.random.default_rng(0)
    slope = np.linspace(0.2, 0.8, side)[:, None, None] * np.ones((1, side, 3))
    return (slope + 0.05 * rng.standard_normal((side, side, 3))).clip(0, 1).astype("f4")


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """In dB; of equal pictures it is infinite."""
    mean = float(np.square(one.astype(np.float64) - other).mean())
    return -10 * np.log10(mean) if mean else float("inf")


if __name__ == "__main__":
    main()
