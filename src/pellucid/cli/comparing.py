"""What the command `compare` does: read two pictures, measure, and write a page."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.cli.escape import json_text, printable
from pellucid.core.atomic import write_atomically
from pellucid.core.errors import EnvironmentFailure, OutputExists
from pellucid.core.files import read
from pellucid.core.options import Limits

if TYPE_CHECKING:
    from pellucid.restore.compare import Numbers


def run(
    before: Path,
    after: Path,
    output: Path | None,
    limits: Limits,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Compare two pictures, print the numbers, and write the page if it is wanted.

    Raises:
        InputMissing: If a picture is not there.
        ImageError: If it cannot be read, or the sizes differ.
        OutputExists: If something is in the place of the page.
        EnvironmentFailure: If the machine refuses to write.
    """
    from pellucid.restore.compare import numbers, page

    if output is not None and os.path.lexists(output) and not overwrite:
        raise _exists(output)
    pictures = read(before, limits), read(after, limits)
    found = numbers(*pictures)
    if output is not None:
        text = page(*pictures, title=f"{before.name} – {after.name}")
        _write(output, text, overwrite=overwrite)
    where = None if output is None else str(output)
    facts = {"before": str(before), "after": str(after), "page": where}
    if as_json:
        print(json_text({**facts, **asdict(found)}))
    else:
        print(printable(f"{before} and {after}: {in_words(found)}"))
        if where is not None:
            print(printable(f"-> {where}"))


def in_words(found: Numbers) -> str:
    """Say how far two pictures are apart."""
    if found.psnr is None:
        return "the same pixels"
    changed = f"{found.changed:.1%} of the pixels differ"
    return f"{found.psnr:.2f} dB, {changed}"


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    try:
        # A name that is not UTF-8 is shown with a mark in place of its odd bytes.
        write_atomically(path, text.encode("utf-8", "replace"), replace=overwrite)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Choose another folder.") from error


def _exists(path: Path) -> OutputExists:
    hint = "Say `--overwrite` to replace it, or name another file."
    return OutputExists(f"{path}: There is already a file.", hint)
