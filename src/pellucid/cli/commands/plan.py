"""The command `plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.large import LargePixels
from pellucid.cli.options import AsJson


def plan(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A photograph")],
    model: Annotated[
        str, typer.Option(metavar="NAME", help="One of `pellucid list restorers`")
    ] = "realrestorer",
    max_pixels: LargePixels = 100.0,
    as_json: AsJson = False,
) -> None:
    """Say what a large model would take, before it is loaded.

    Lists every way of running it, with memory and time by estimate, whether this
    machine has enough, and which one `restore` would choose.
    """
    from pellucid.cli import planning
    from pellucid.cli.options import limits_of

    planning.run(photo, model, limits_of(max_pixels), as_json=as_json)
