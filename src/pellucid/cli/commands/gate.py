"""The command `gate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


def gate(
    photos: Annotated[
        list[str], typer.Argument(metavar="PHOTO", help="Photographs like yours")
    ],
    task: Annotated[
        str, typer.Option("--task", "-t", metavar="NAME", help="What to repair")
    ] = "denoise",
    model: Annotated[
        str, typer.Option(metavar="NAME", help="One of `pellucid list restorers`")
    ] = "realrestorer",
    weights: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the weights lie")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="From noise to a picture")
    ] = None,
    speed_up: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Which; all unless you say otherwise"),
    ] = None,
    memory: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A way with fewer bits; may be repeated"),
    ] = None,
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Measure how far faster results are from the exact one.

    Restores the photographs exactly and with each speed-up, and writes no picture.
    What `mag-cache` must know of the weights is measured here, and kept beside them.
    """
    from pellucid.cli import gating
    from pellucid.cli.options import limits_of
    from pellucid.core.records import LoadOptions, Request

    gating.run(
        photos,
        model,
        Request(task=(task,), steps=steps),
        LoadOptions(weights_folder=weights),
        speed_ups=speed_up,
        memory=memory or [],
        limits=limits_of(max_pixels),
        as_json=as_json,
    )
