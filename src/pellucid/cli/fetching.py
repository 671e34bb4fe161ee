"""What the command `models` does: show what can be fetched, and fetch it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.table import table
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import UnknownName, did_you_mean
from pellucid.weights.catalogue import CATALOGUE, Entry
from pellucid.weights.home import home


def show(*, as_json: bool) -> None:
    """List what can be fetched, and what is here."""
    from pellucid.weights.fetch import LOCK

    rows = [
        {
            "name": name,
            "repository": entry.repository,
            "licence": entry.licence,
            "gigabytes": entry.gigabytes,
            "folder": str(home(name)),
            "is_here": (home(name) / LOCK).is_file(),
        }
        for name, entry in CATALOGUE.items()
    ]
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        here = "here" if row["is_here"] else f"{row['gigabytes']} GB to fetch"
        print(table([(str(row["name"]), here, str(row["licence"]))]))


def pull(name: str, to: Path | None, *, is_agreed: bool, as_json: bool) -> None:
    """Fetch a model.

    Raises:
        UsageMistake: If none is named.
        UnknownName: If there is no such model.
        PellucidError: If it cannot be fetched.
    """
    from pellucid.weights import fetch

    if not name:
        what = "Say which model is to be fetched."
        raise UsageMistake(what, f"One of: {', '.join(CATALOGUE)}.")
    if name not in CATALOGUE:
        what = f"There is no model `{name}` to be fetched."
        raise UnknownName(what, did_you_mean(name, CATALOGUE))
    entry, folder = CATALOGUE[name], to or home(name)
    print(_terms(entry, folder), file=sys.stderr)
    if not is_agreed and not _agreed():
        print("Nothing was fetched.", file=sys.stderr)
        raise typer.Exit(ExitCode.INCOMPLETE)
    commit = fetch.pull(entry, folder, fetch.HuggingFace(), _told)
    facts = {"name": name, "folder": str(folder), "commit": commit}
    print(json.dumps(facts) if as_json else f"{name}: {folder} (commit {commit[:12]})")


def _terms(entry: Entry, folder: Path) -> str:
    return (
        f"{entry.address}: {entry.gigabytes} GB to {folder}\n"
        f"Licence: {entry.licence}.\n{entry.terms}"
    )


def _agreed() -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        what = "Nobody can be asked whether the terms are accepted."
        raise UsageMistake(what, "Read them, then say `--yes`.")
    print("Fetch it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _told(name: str, done: int, total: int) -> None:
    if name:
        print(f"{done + 1} of {total}: {name}", file=sys.stderr)
