"""The command `train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import AsJson


def train(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE", help="A run of training, in TOML")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where its state stays"),
    ],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1")] = "cpu",
    minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Save and stop after so long")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the networks as ONNX afterwards"),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change any setting"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train the compact model, or go on where a run stopped.

    The state is saved every few steps. A run that is started again, after a kill too,
    goes on with the very same numbers.
    """
    from pellucid.cli import training

    training.run(
        recipe, output, device, minutes, export, assignments or [], as_json=as_json
    )
