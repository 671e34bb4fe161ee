"""The command `replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


def replay(
    receipt: Annotated[
        Path,
        typer.Argument(
            metavar="RECEIPT",
            help="The `.receipt.json` beside a result",
            readable=False,
        ),
    ],
    photo: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            metavar="PHOTO",
            help="The photograph, if it lies elsewhere",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Where to write, if at all"
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where those of a large model lie"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there")
    ] = False,
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Make a result again from its receipt, and compare the two.

    Ends with 4 and says what differs if the pixels are others. Without `-o` nothing
    is written.
    """
    from pellucid.cli import replaying
    from pellucid.cli.options import limits_of

    replaying.run(
        receipt,
        photo,
        output,
        limits_of(max_pixels),
        weights=weights,
        overwrite=overwrite,
        as_json=as_json,
    )
