"""The command `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


def compare(
    before: Annotated[
        Path, typer.Argument(metavar="BEFORE", help="A picture", readable=False)
    ],
    after: Annotated[
        Path,
        typer.Argument(
            metavar="AFTER", help="Another of the same size", readable=False
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PAGE", help="Where to write the page: page.html"
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there")
    ] = False,
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Measure how far two pictures are apart, and show it.

    The page that `-o` writes holds a slider, a map of the differences and the numbers.
    It needs no network and no other file, and holds no metadata.
    """
    from pellucid.cli import comparing
    from pellucid.cli.options import limits_of

    comparing.run(
        before,
        after,
        output,
        limits_of(max_pixels),
        overwrite=overwrite,
        as_json=as_json,
    )
