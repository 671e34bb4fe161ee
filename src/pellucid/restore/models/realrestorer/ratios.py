"""What MagCache must know of the weights: measured once, kept beside them.

Source: Z. Ma et al., "MagCache: Fast Video Generation with Magnitude-Aware Cache",
        NeurIPS 2025: how fast what the blocks add changes from step to step depends on
        the weights, and hardly on the picture.
"""

# pyright: standard

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import BrokenModel, EnvironmentFailure, MissingModel
from pellucid.core.image import Pixels
from pellucid.restore.models.realrestorer.caches import measuring
from pellucid.restore.models.realrestorer.engine import Engine, Manner, noise_for
from pellucid.restore.models.realrestorer.extent import TILE
from pellucid.restore.models.realrestorer.native import resized, working_size

FILE = "mag_ratios.json"


def measure(
    engine: Engine, pixels: Pixels, hidden: Tensor, mask: Tensor, manner: Manner
) -> list[float]:
    """Measure the ratios on a copy of a picture that the model takes at once.

    Args:
        engine: The networks.
        pixels: (height, width, 3), any size.
        hidden: What the language model says of the picture.
        mask: Which of it are tokens.
        manner: Exact.

    Returns:
        One number for each step.
    """
    height, width = pixels.shape[:2]
    wide, high = working_size(width, height, min(TILE, max(height, width)))
    noise = noise_for(high, wide, 0)
    with measuring(engine.network.transformer, manner.steps) as found:
        engine.restore(resized(pixels, high, wide), hidden, mask, noise, manner)
    return found


def read_ratios(folder: Path) -> tuple[float, ...]:
    """Read the ratios of some weights, one for each step.

    Raises:
        MissingModel: If nobody has measured them.
        BrokenModel: If the file holds something else.
    """
    path = folder / FILE
    if not path.is_file():
        what = f"{path}: `mag-cache` needs numbers that are measured on the weights."
        raise MissingModel(what, "Measure them: `pellucid gate PHOTO...`.")
    try:
        found = tuple(float(each) for each in json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        what = f"{path}: These are no ratios: {error}."
        raise BrokenModel(
            what, "Delete it, and say `pellucid gate PHOTO...`."
        ) from error
    if not found:
        what = f"{path}: There are no ratios in it."
        raise BrokenModel(what, "Delete it, and say `pellucid gate PHOTO...`.")
    return found


def write_ratios(folder: Path, measured: Sequence[Sequence[float]]) -> None:
    """Write the mean of the ratios of several pictures.

    Args:
        folder: Of the weights.
        measured: For each picture, one number for each step.

    Raises:
        EnvironmentFailure: If the folder cannot be written to.
    """
    steps = zip(*measured, strict=True)
    mean = [round(sum(each) / len(measured), 6) for each in steps]
    path = folder / FILE
    try:
        write_atomically(path, (json.dumps(mean) + "\n").encode(), replace=True)
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Make the folder writable.") from error
