"""The command `list`."""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.options import AsJson


def list_(
    group: Annotated[
        str | None, typer.Argument(metavar="GROUP", help="Only these, with details")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what there is: formats, restorers, metrics and more.

    Without a group, the names in every group. With one, what each of its members is
    and where it comes from. Groups are formats, degradations, restorers, metrics,
    judges and suites.
    """
    from pellucid.cli import plugins

    if group is None:
        plugins.print_names(as_json=as_json)
    else:
        plugins.print_group(group, as_json=as_json)
