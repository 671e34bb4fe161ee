"""The command `convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.options import AsJson, MaxPixels, limits_of


def convert(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="What to read", readable=False),
    ],
    output: Annotated[
        str | None,  # not a path: `out/` says that `out` is a folder
        typer.Option(
            "--output", "-o", metavar="PATH", help="Where to write: a file or a folder"
        ),
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
    bit_depth: Annotated[
        Literal[8, 16, 32] | None, typer.Option(help="Bits per sample")
    ] = None,
    metadata: Annotated[
        Literal["keep", "safe", "none"],
        typer.Option(help="safe: no place, no serial numbers, no thumbnail"),
    ] = "keep",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace the inputs themselves")
    ] = False,
    max_pixels: MaxPixels = None,
    as_json: AsJson = False,
) -> None:
    """Write pictures in another format, depth or quality.

    What is not asked for stays as it came in: format, depth, profile, metadata. What
    a file loses is said in a warning. With `--json`, one file gives an object and
    several give a list.
    """
    from pellucid.cli import batch, conversion
    from pellucid.core.options import WriteOptions

    options = WriteOptions(
        format=format, quality=quality, bit_depth=bit_depth, metadata=metadata
    )
    limits = limits_of(max_pixels)
    plan = conversion.prepare(
        files, output, options, limits, overwrite=overwrite, in_place=in_place
    )
    batch.run(files, plan.convert, conversion.show, as_json=as_json)
