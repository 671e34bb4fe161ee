"""The command `degrade`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import AsJson, MaxPixels, limits_of


def degrade(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Photographs, folders, globs"),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="PATH", help="A picture, a folder or NAME.tar"
        ),
    ] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", "-k", metavar="NAME", help="One of `pellucid list degradations`"
        ),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A chain of kinds, in TOML")
    ] = None,
    severity: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="0 can just be seen, 1 is the worst"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same damage")] = 0,
    count: Annotated[int, typer.Option(min=1, help="Pairs from each photograph")] = 1,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 takes one for each core")
    ] = 0,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="RECORD", help="Make the picture of a record again"),
    ] = None,
    assets: Annotated[
        str, typer.Option(metavar="FOLDER", help="Pictures of flares, rain, moire, ...")
    ] = "",
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change any setting"),
    ] = None,
    frames: Annotated[
        bool, typer.Option("--frames", help="Inputs are clips: average their frames")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there")
    ] = False,
    max_pixels: MaxPixels = None,
    as_json: AsJson = False,
) -> None:
    """Damage photographs as cameras and the web do, with a record.

    One photograph becomes one picture with a record beside it; a folder becomes
    pairs with a manifest. A run that was killed goes on when it is started again.
    `--kind` may be given several times: the kinds follow one another. With `--frames`,
    videos and folders of frames become motion blur as it really happened.
    """
    from pellucid.cli import degrading

    order = degrading.Order(
        inputs=inputs or [],
        output=output,
        fields={"assets": assets} if assets else {},
        limits=limits_of(max_pixels),
        count=count,
        workers=workers,
        frames=frames,
        overwrite=overwrite,
        as_json=as_json,
    )
    if replay is not None:
        degrading.replay(order, replay)
    else:
        plan = degrading.plan(
            order, kind or [], recipe, assignments or [], severity, seed
        )
        degrading.run(order, plan)
