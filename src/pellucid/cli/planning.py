"""What the command `plan` does: look at machine and photograph, and count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pellucid.cli.table import table
from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.files import read
from pellucid.core.options import Limits
from pellucid.restore.plan import Machine, Planned, Way, choose


def run(photo: str, model: str, limits: Limits, *, as_json: bool) -> None:
    """Print what each way takes.

    Raises:
        UnknownName: If there is no such restorer.
        SettingsError: If it needs no plan.
        ImageError: If the photograph cannot be read.
    """
    from pellucid.core.registry import RESTORERS

    kind = RESTORERS.get(model)
    if not issubclass(kind, Planned):
        what = f"The restorer `{model}` needs no plan:"
        raise SettingsError(f"{what} it runs on any machine.", "Just restore.")
    image, machine = read(Path(photo), limits), Machine.here()
    ways = kind.ways(image.width, image.height, machine)
    try:
        chosen = choose(ways, machine).name
        reason = ""
    except EnvironmentFailure as error:
        chosen, reason = "", f"{error} {error.hint}"
    if as_json:
        facts = {
            "model": model,
            "width": image.width,
            "height": image.height,
            "machine": asdict(machine),
            "ways": [{**asdict(way), "lacks": way.lacks(machine)} for way in ways],
            "chosen": chosen,
        }
        print(json.dumps(facts))
        return
    print(f"{model}, {image.width} x {image.height}, {_words(machine)}; estimates:")
    print(_laid_out(ways, machine, chosen))
    if reason:
        print(reason)


def _laid_out(ways: Sequence[Way], machine: Machine, chosen: str) -> str:
    head = ("", "way", "card", "memory", "time", "same picture", "")
    rows = [
        (
            ">" if way.name == chosen else "",
            way.name,
            f"{way.card_gib:.1f} GiB" if way.card_gib else "-",
            f"{way.host_gib:.1f} GiB",
            _time(way.seconds),
            "yes" if way.is_exact else "nearly",
            way.lacks(machine) or way.about,
        )
        for way in ways
    ]
    return table([head, *rows])


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _words(machine: Machine) -> str:
    card = machine.card or "no graphics card"
    free = f" with {machine.card_gib:.1f} GiB free" if machine.card else ""
    host = "" if machine.host_gib is None else f", {machine.host_gib:.1f} GiB of memory"
    return f"{card}{free}{host}"
