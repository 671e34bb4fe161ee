"""What the command `list` prints about plug-ins."""

from __future__ import annotations

from inspect import getdoc

import typer

from pellucid.cli import messages
from pellucid.cli.batch import Facts
from pellucid.cli.escape import json_text
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.table import table
from pellucid.core.errors import PellucidError, UnknownName, did_you_mean
from pellucid.core.registry import REGISTRIES, Registry


def print_names(*, as_json: bool) -> None:
    """Print the names in every group; no plug-in is imported."""
    groups = {group: registry.names() for group, registry in REGISTRIES.items()}
    if as_json:
        print(json_text(groups))
        return
    rows = [(group, ", ".join(names) or "none yet") for group, names in groups.items()]
    print(table(rows))


def print_group(group: str, *, as_json: bool) -> None:
    """Print name, title and origin of every plug-in in a group.

    Raises:
        UnknownName: If there is no such group.
        typer.Exit: If a plug-in could not be imported; the others are printed.
    """
    if group not in REGISTRIES:
        what = f"There is no group called `{group}`."
        raise UnknownName(what, did_you_mean(group, REGISTRIES))
    registry = REGISTRIES[group]
    plugins = [_facts(registry, name) for name in registry.names()]
    if as_json:
        print(json_text(plugins))
    elif plugins:
        print(table([_row(plugin) for plugin in plugins]))
    else:
        print(f"There are no {group} yet.")
    if any("error" in plugin for plugin in plugins):
        raise typer.Exit(ExitCode.SOME_FAILED)


def _facts(registry: Registry[object], name: str) -> Facts:
    try:
        plugin = registry.get(name)
        origin = registry.origin(name)
    except PellucidError as error:
        messages.failed(error)
        hint = messages.hint_of(error)
        return {"name": name, "error": str(error), "hint": hint}
    first_line = (getdoc(plugin) or "").partition("\n")[0]
    title = getattr(plugin, "title", name)
    return {
        "name": name,
        "title": title,
        "description": first_line,
        "origin": origin,
    }


def _row(plugin: Facts) -> tuple[str, str, str]:
    if "error" in plugin:
        return plugin["name"], "-", "cannot be used; see the message"
    return plugin["name"], plugin["origin"], plugin["description"]
