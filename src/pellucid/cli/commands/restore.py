"""The command `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


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
    dtype: Annotated[
        Literal["auto", "float32", "int8"],
        typer.Option(help="What the network computes in; int8 is faster"),
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
    from pellucid.core.records import LoadOptions

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
        tasks=task or ["auto"],
        strength=strength,
        model=model,
        load=LoadOptions(tile=tile, dtype=dtype),
        options=WriteOptions(format=format, quality=quality, metadata=metadata),
        limits=limits_of(max_pixels),
        receipt=receipt,
    )
    restoring.run(order, plan)
