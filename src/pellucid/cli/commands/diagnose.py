"""The command `diagnose`."""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


def diagnose(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Photographs, folders, globs"),
    ],
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Say what photographs suffer from, and change nothing.

    With `--json`, one photograph gives an object and several give a list, with all
    that was looked for.
    """
    from pellucid.cli import diagnosing
    from pellucid.cli.options import limits_of

    diagnosing.run(paths, limits_of(max_pixels), as_json=as_json)
