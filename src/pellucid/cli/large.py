"""The limit on pixels of commands that are made for large photographs."""

from __future__ import annotations

from typing import Annotated

import typer

LargePixels = Annotated[
    float,
    typer.Option(
        "--max-pixels",
        metavar="MEGAPIXELS",
        help="Refuse larger pictures; 100 unless you say otherwise",
        min=0,
        max=1_000_000,
        show_default=False,
    ),
]
