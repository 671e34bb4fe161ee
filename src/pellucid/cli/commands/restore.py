"""The command `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson

LARGE = "Large models"


def restore(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Photographs, folders, globs; - is stdin"),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="PATH", help="A picture or a folder; - is stdout"
        ),
    ] = "",
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            "-t",
            metavar="NAME",
            help="What to repair, such as denoise; auto unless you say otherwise",
        ),
    ] = None,
    strength: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="0 changes nothing, 1 is all")
    ] = 1.0,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="One of `pellucid list restorers`")
    ] = "compact",
    recipe: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Model and options from a file, TOML"),
    ] = None,
    dtype: Annotated[
        Literal["auto", "float32", "bfloat16", "float16", "int8"],
        typer.Option(help="What the network computes in; compact: int8 is faster"),
    ] = "auto",
    tile: Annotated[
        int | None,
        typer.Option(metavar="PIXELS", min=1, help="Side of a tile: less memory"),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="NAME", help="One of `pellucid list formats`"
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=1, max=100, help="For formats that lose something"
        ),
    ] = None,
    metadata: Annotated[
        Literal["keep", "safe", "none"],
        typer.Option(help="safe: no place, no serial numbers, no thumbnail"),
    ] = "keep",
    receipt: Annotated[
        Literal["beside", "xmp", "none"],
        typer.Option(help="Where it says what was done; xmp: also in the picture"),
    ] = "beside",
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all receipts into one JSON file"),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 takes one for four cores")
    ] = 0,
    timeout_s: Annotated[
        float,
        typer.Option(
            "--timeout", metavar="SECONDS", min=1, help="For each of many photographs"
        ),
    ] = 1800.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, and stop")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there")
    ] = False,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="From noise to a picture", rich_help_panel=LARGE),
    ] = None,
    guidance_scale: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="How far to follow the words; 1 is fast",
            rich_help_panel=LARGE,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Equal seeds, equal results", rich_help_panel=LARGE),
    ] = 0,
    prompt: Annotated[
        str, typer.Option(help="Words in place of the task's", rich_help_panel=LARGE)
    ] = "",
    language: Annotated[
        Literal["en", "zh"],
        typer.Option(help="In which the task is told", rich_help_panel=LARGE),
    ] = "en",
    speed_up: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Faster, and a little different; may be repeated",
            rich_help_panel=LARGE,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the weights lie", rich_help_panel=LARGE
        ),
    ] = None,
    memory: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How to share the card: see `pellucid plan`",
            rich_help_panel=LARGE,
        ),
    ] = "auto",
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Repair photographs, and lose nothing of what their files carry.

    One photograph becomes `photo-restored.jpg` beside it, unless `-o` says otherwise.
    A folder becomes a folder with the same tree; a run that was stopped goes on when
    it is started again. Format, depth, profile and metadata stay as they were.
    `--task` may be given several times. No photograph is ever replaced.
    """
    from pellucid.cli import restore_order, restoring
    from pellucid.cli.options import limits_of
    from pellucid.core.options import WriteOptions
    from pellucid.core.records import LoadOptions, Request

    order = restore_order.Order(
        inputs=inputs or [],
        output=output,
        report=report,
        workers=workers,
        timeout_s=timeout_s,
        dry_run=dry_run,
        overwrite=overwrite,
        as_json=as_json,
    )
    plan = restore_order.plan(
        order,
        wanted=Request(
            task=tuple(task or ["auto"]),
            strength=float(strength),
            seed=seed,
            prompt=prompt,
            language=language,
            steps=steps,
            guidance=guidance_scale,
            speed_ups=tuple(speed_up or ()),
        ),
        model=model,
        recipe=recipe,
        load=LoadOptions(tile=tile, dtype=dtype, weights_folder=weights, memory=memory),
        options=WriteOptions(format=format, quality=quality, metadata=metadata),
        limits=limits_of(max_pixels),
        receipt=receipt,
    )
    restoring.run(order, plan)
