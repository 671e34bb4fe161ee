"""One file in, one file out: what the command `convert` calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pellucid.cli import messages
from pellucid.cli.batch import Facts
from pellucid.cli.destinations import Destinations, identity, named_after, settle
from pellucid.cli.sizes import size_text
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import EnvironmentFailure, OutputExists
from pellucid.core.files import read, write
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.registry import FORMATS
from pellucid.core.writing import format_name


def prepare(
    files: Sequence[Path],
    output: str | None,
    options: WriteOptions,
    limits: Limits,
    *,
    overwrite: bool,
    in_place: bool,
) -> Conversion:
    """Settle where every file goes, before any of them is read.

    Raises:
        UsageMistake: If the options contradict each other, or outputs collide.
        UnknownName: If there is no such format.
        EnvironmentFailure: If the output folder cannot be made.
    """
    if in_place == (output is not None):
        what = "Say where to write: either `-o PATH` or `--in-place`."
        raise UsageMistake(what, "`-o` never replaces an input; `--in-place` does.")
    if options.format is not None:
        options = replace(options, format=format_name(options.format))
    if output is None and options.format is not None:
        what = "`--in-place` keeps the format, so `--format` cannot go with it."
        raise UsageMistake(what, "Write to another file with `-o PATH`.")
    places = None if output is None else settle(files, output, options.format)
    if places is not None and places.folder is not None:
        _make_folder(places.folder)
    return Conversion(
        destinations=places, options=options, limits=limits, overwrite=overwrite
    )


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How files are converted.

    Attributes:
        destinations: Where to; None is in place.
        options: How to write.
        limits: How much may be read.
        overwrite: Files that are there may be replaced, but none of this run.
        written: What this run has written.
    """

    destinations: Destinations | None
    options: WriteOptions
    limits: Limits
    overwrite: bool
    written: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def convert(self, file: Path) -> Facts:
        """Read one file and write it; say what was lost on the way."""
        image = read(file, self.limits)
        came_as = image.carried.format
        options, target = self.options, file
        if self.destinations is None:
            options = replace(options, format=came_as)
        else:
            target = self.destinations.of[file]
            if self.destinations.folder is not None:
                options = replace(options, format=options.format or came_as)
                target = target.with_name(named_after(target, options.format or ""))
        if identity(target) in self.written:
            what = f"{target}: It was written a moment ago, from another input."
            raise OutputExists(what, "Convert this one alone, to another name.")
        in_place = self.destinations is None
        written = write(
            image, target, options, overwrite=self.overwrite, in_place=in_place
        )
        if key := identity(written.path):
            self.written.add(key)
        warnings = [*image.carried.warnings, *written.warnings]
        for warning in warnings:
            messages.warning(f"{file}: {warning}")
        return {
            "file": str(file),
            "output": str(written.path),
            "format": written.format,
            "size_bytes": written.size,
            "warnings": warnings,
        }


def show(facts: Facts) -> str:
    """Say in one line what became of a file."""
    title = FORMATS.get(facts["format"]).title
    size = size_text(facts["size_bytes"])
    return f"{facts['file']} -> {facts['output']} ({title}, {size})"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"{folder}: The folder cannot be made: {error.strerror}."
        raise EnvironmentFailure(what, "Name another folder.") from error
