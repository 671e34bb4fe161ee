"""Everything that a run of training depends on, as a recipe writes it."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Interval, MinLen

from pellucid.core.records import Amount, Count, Name, Positive, Share
from pellucid.core.settings import settings


@settings
class Data:
    """Where clean photographs come from.

    Attributes:
        folder: Of the shards and their ``manifest.csv``, relative to the recipe.
        shards: Their names.
        kept_out: First letters of the ``git_blob`` of photographs nobody learns from.
    """

    folder: Name
    shards: Annotated[tuple[Name, ...], MinLen(1)]
    kept_out: tuple[Name, ...] = ("0", "1")


@settings
class Stage:
    """A stretch of a run.

    Attributes:
        steps: How many.
        recipe: What damages the pictures: a file in ``recipes/degrade``.
        crop: Side of a crop, in px, a multiple of 16.
        regions: Photographs in a step.
        crops: Crops from each.
        region: Smallest and largest side of a piece of a photograph, in px.
        untouched: Share of the regions that stay clean.
        stored: Share of the regions that become a JPEG of high quality in the end, as
            most photographs are; that is no damage, and must not hide any.
        resized: Share of the photographs that are made up to a half larger first: what
            cameras store is softer than what was made small.
        gray: Share of the regions without colours, damage and all, as black-and-white
            photographs are stored; without them, no colour looks like compression.
        lr: Learning rate where the stage begins.
        lr_end: Where it ends; between them half a cosine.
    """

    steps: Positive
    recipe: Name
    crop: Positive = 96
    regions: Positive = 4
    crops: Positive = 4
    region: tuple[Positive, Positive] = (160, 384)
    untouched: Share = 0.05
    stored: Share = 0.6
    resized: Share = 0.25
    gray: Share = 0.0
    lr: Amount = 1e-3
    lr_end: Amount = 1e-5

    def __post_init__(self) -> None:
        low, high = self.region
        if self.crop % 16 or self.crop > low:
            raise ValueError(
                f"`crop` must be a multiple of 16 up to {low}, got {self.crop}."
            )
        if low > high:
            raise ValueError(f"`region` must rise, got [{low}, {high}].")


@settings
class Run:
    """One training of the compact model.

    Attributes:
        data: Clean photographs.
        stage: What follows what: single kinds first, mixtures then.
        start: A folder of exported networks that the run goes on from, relative to the
            recipe; empty begins with chance.
        seed: Same seed, same run.
        warmup: Steps in which the learning rate rises.
        ema: Share of the mean weights that a step keeps.
        kernels: Rate of the 3 x 3 kernels, which Muon moves, over that of all else.
        clip: Longest gradient that is followed.
        taught: Share of the regions whose damage the restorer is told; for the others
            it hears what the diagnoser thinks.
        diagnosis: Weight of the diagnoser's mistakes beside those of the restorer.
        save_every: Steps between two checkpoints.
        workers: Processes that draw batches.
    """

    data: Data
    stage: Annotated[tuple[Stage, ...], MinLen(1)]
    start: str = ""
    seed: Count = 0
    warmup: Count = 100
    ema: Annotated[float, Interval(ge=0.0, lt=1.0)] = 0.999
    kernels: Amount = 2.0
    clip: Amount = 1.0
    taught: Share = 0.5
    diagnosis: Amount = 1.0
    save_every: Positive = 100
    workers: Positive = 1
