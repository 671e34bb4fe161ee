"""What the command `plan` does: look at machine and photograph, and count."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from pellucid.cli.table import table
from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.files import read
from pellucid.core.options import Limits
from pellucid.restore.plan import Machine, Planned, Way, choose
from pellucid.weights.catalogue import CATALOGUE
from pellucid.weights.home import home


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
    disk = Disk.for_model(model)
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
            "disk": asdict(disk),
        }
        print(json.dumps(facts))
        return
    print(f"{model}, {image.width} x {image.height}, {_words(machine)}; estimates:")
    print(_laid_out(ways, machine, chosen))
    print(disk.words())
    if reason:
        print(reason)


@dataclass(frozen=True, kw_only=True)
class Disk:
    """What the files of a model take.

    Attributes:
        folder: Where they lie, or would.
        gigabytes: Of all files, in 10^9 bytes.
        free_gigabytes: On that disk.
        is_here: The folder is there.
    """

    folder: str
    gigabytes: float
    free_gigabytes: float
    is_here: bool

    @classmethod
    def for_model(cls, model: str) -> Self:
        """Look at the disk where the weights of a model belong."""
        folder = home(model)
        there = next(each for each in (folder, *folder.parents) if each.exists())
        entry = CATALOGUE.get(model)
        return cls(
            folder=str(folder),
            gigabytes=entry.gigabytes if entry else 0.0,
            free_gigabytes=round(shutil.disk_usage(there).free / 1e9, 1),
            is_here=folder.is_dir(),
        )

    def words(self) -> str:
        """Say it in a line."""
        place = f"{self.gigabytes:g} GB of files in {self.folder}"
        if self.is_here:
            return f"{place}: here"
        return f"{place}: not here, and {self.free_gigabytes:g} GB are free"


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
