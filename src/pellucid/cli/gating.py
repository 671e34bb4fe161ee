"""What the command `gate` does: measure speed-ups on the user's photographs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.cli.table import table
from pellucid.core.errors import SettingsError, UnknownName, did_you_mean
from pellucid.core.files import read
from pellucid.core.options import Limits
from pellucid.core.records import LoadOptions, Request

if TYPE_CHECKING:
    from pellucid.restore.gate import Row


def run(
    photos: Sequence[str],
    model: str,
    request: Request,
    load: LoadOptions,
    *,
    speed_ups: Sequence[str] | None,
    memory: Sequence[str],
    limits: Limits,
    as_json: bool,
) -> None:
    """Print distance and time of each.

    Raises:
        UnknownName: If there is no such restorer, task or speed-up.
        SettingsError: If the restorer has no speed-ups.
        ImageError: If a photograph cannot be read.
    """
    from pellucid.core.registry import RESTORERS
    from pellucid.restore.gate import Gate, check_speed_ups

    kind = RESTORERS.get(model)
    known: tuple[str, ...] = getattr(kind, "speed_ups", ())
    if not known:
        what = f"The restorer `{model}` has no speed-ups: it is always exact."
        raise SettingsError(what, "Just restore.")
    if request.task[0] not in kind.card.tasks:
        what = f"The restorer `{model}` does not know the task `{request.task[0]}`."
        raise UnknownName(what, did_you_mean(request.task[0], kind.card.tasks))
    check_speed_ups(kind, speed_ups or ())
    images = [read(Path(photo), limits) for photo in photos]
    gate = Gate(
        load=kind.load, options=load, images=images, request=request, tell=_told
    )
    names = known if speed_ups is None else tuple(speed_ups)
    rows = tuple(gate.rows(names, tuple(memory)))
    floor = rows[1].psnr
    if as_json:
        print(json.dumps([{**asdict(r), "verdict": r.verdict(floor)} for r in rows]))
        return
    count = "1 photograph" if len(images) == 1 else f"{len(images)} photographs"
    print(f"{model}, {count}; the distance is that of the farthest:")
    print(_laid_out(rows, floor))


def _laid_out(rows: Sequence[Row], floor: float) -> str:
    from pellucid.restore.gate import EQUAL

    head = ("", "s per photo", "times as fast", "dB to exact", "")
    exact = rows[0].seconds
    lines = [
        (row.name, "", "", "", row.verdict(floor))
        if row.failed
        else (
            row.name,
            f"{row.seconds:.1f}",
            f"{exact / row.seconds:.2f}",
            f"{row.psnr:.1f}" if row.psnr < EQUAL else "equal",
            row.verdict(floor) if row.name != "exact" else "",
        )
        for row in rows
    ]
    return table([head, *lines])


def _told(name: str) -> None:
    print(f"measuring: {name}", file=sys.stderr)
