"""What the command `diagnose` does: read, look, and print what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from pellucid.cli import batch
from pellucid.cli.batch import Facts
from pellucid.cli.escape import printable
from pellucid.cli.table import table
from pellucid.core.files import read
from pellucid.core.image import Image
from pellucid.core.options import Limits
from pellucid.core.settings import plain


def run(inputs: Sequence[str], limits: Limits, *, as_json: bool) -> None:
    """Diagnose photographs and print what was found.

    Raises:
        InputMissing: If an input is not there.
        MissingModel: If the weights of the diagnoser are not there.
        typer.Exit: If a photograph cannot be read.
    """
    from pellucid.data.folders import find
    from pellucid.restore import diagnose

    gray = np.full((8, 8, 3), 0.5, dtype=np.float32)
    diagnose.diagnose(Image(gray))  # weights that are missing are heard of once
    files = [source.path for source in find(inputs)]
    batch.run(files, partial(facts_of, limits), text_of, as_json=as_json)


def facts_of(limits: Limits, file: Path) -> Facts:
    """Look at one photograph."""
    from pellucid.restore import diagnose

    found = diagnose.diagnose(read(file, limits))
    findings = sorted(found.findings, key=lambda each: -each.presence)
    return {
        "file": str(file),
        "nothing_to_repair": found.nothing_to_repair,
        "found": list(found.found),
        "findings": [plain(each) for each in findings],
    }


def text_of(facts: Facts) -> str:
    """Lay out what was found, the likeliest first."""
    name = printable(facts["file"])
    if facts["nothing_to_repair"]:
        return f"{name}: nothing to repair"
    rows = [
        (
            each["kind"],
            f"{each['presence']:.0%} likely",
            f"severity {each['severity']:.2f}",
            f"confidence {each['confidence']:.2f}",
        )
        for each in facts["findings"]
        if each["kind"] in facts["found"]
    ]
    return f"{name}\n{table(rows, indent=2)}"
