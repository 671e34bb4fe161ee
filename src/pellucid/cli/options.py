"""Options that several commands have, with one meaning everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.core.options import Limits

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]

MaxPixels = Annotated[
    float | None,
    typer.Option(
        "--max-pixels",
        metavar="MEGAPIXELS",
        help="Refuse larger pictures; 64 unless you say otherwise",
        min=0,
        max=1_000_000,
        show_default=False,
    ),
]


def limits_of(megapixels: float | None) -> Limits:
    """Turn what `--max-pixels` says into limits; None leaves the usual ones."""
    if megapixels is None:
        return Limits()
    return Limits(max_pixels=round(megapixels * 1_000_000))
