"""What the command `replay` does: find the photograph, restore it, and compare."""

from __future__ import annotations

from pathlib import Path

import typer

from pellucid.cli import messages
from pellucid.cli.escape import json_text, printable
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.progress import meter
from pellucid.core.files import write
from pellucid.core.options import Limits


def run(
    receipt_file: Path,
    photo: Path | None,
    output: Path | None,
    limits: Limits,
    *,
    weights: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make the picture of a receipt again, and say whether it is the same.

    Raises:
        InputMissing: If the receipt or the photograph is not there.
        Incomplete: If the photograph is another one.
        typer.Exit: If the pixels differ.
    """
    from pellucid.restore import diagnose, receipt
    from pellucid.restore.file import refuse_existing
    from pellucid.restore.replay import find_photo, replay

    made = receipt.read(receipt_file)
    photo = photo or find_photo(made, receipt_file)
    if output is not None:
        refuse_existing(output, overwrite=overwrite, receipts=False)
    with meter("tiles") as shown:
        again = replay(
            made,
            photo,
            diagnose=diagnose.diagnose,
            limits=limits,
            weights=weights,
            tell=shown.show,
        )
    warnings = list(again.differences)
    if output is not None:
        warnings += write(again.image, output, overwrite=overwrite).warnings
    for warning in warnings:
        messages.warning(warning)
    facts = {
        "receipt": str(receipt_file),
        "file": str(photo),
        "output": None if output is None else str(output),
        "same": again.is_same,
        "differences": list(again.differences),
    }
    if as_json:
        print(json_text(facts))
    else:
        verdict = "the same pixels" if again.is_same else "other pixels"
        target = "" if output is None else f" -> {output}"
        print(printable(f"{photo}{target} ({verdict})"))
    if not again.is_same:
        raise typer.Exit(ExitCode.INCOMPLETE)
