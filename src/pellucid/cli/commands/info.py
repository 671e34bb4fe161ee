"""The command `info`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import AsJson, MaxPixels, limits_of


def info(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="What to look at", readable=False),
    ],
    every_tag: Annotated[
        bool, typer.Option("--all", help="Show every EXIF tag, also the place")
    ] = False,
    max_pixels: MaxPixels = None,
    as_json: AsJson = False,
) -> None:
    """Show what picture files carry: pixels, profile, metadata.

    Prints a table for each file. With `--json`, one file gives an object and several
    give a list; payloads are given by size and SHA-256.
    """
    from pellucid.cli import batch
    from pellucid.cli.contents import contents
    from pellucid.cli.contents_table import show

    look = partial(contents, limits=limits_of(max_pixels), every_tag=every_tag)
    batch.run(files, look, show, as_json=as_json)
