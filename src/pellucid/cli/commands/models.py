"""The command `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.options import AsJson


def models(
    action: Annotated[
        Literal["list", "pull"], typer.Argument(metavar="ACTION", help="list or pull")
    ] = "list",
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of a model, to pull it")
    ] = "",
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the weights shall lie")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="The licence has been read; do not ask")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List large models, or fetch the weights of one.

    This is the only command that uses the network. The licence is shown before, the
    commit is pinned, and every file is checked. What is there already stays.
    """
    from pellucid.cli import fetching

    if action == "list":
        fetching.show(as_json=as_json)
    else:
        fetching.pull(name, to, is_agreed=yes, as_json=as_json)
