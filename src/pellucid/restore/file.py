"""One photograph on disk: read, restored, written, and a receipt of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import BadImage, EnvironmentFailure, OutputExists
from pellucid.core.files import decode, encode, read, write
from pellucid.core.image import Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Restorer
from pellucid.core.records import LoadOptions, Receipt, Request
from pellucid.core.registry import RESTORERS
from pellucid.restore import packet, receipt
from pellucid.restore.guard import Diagnose
from pellucid.restore.run import Outcome, restore_picture
from pellucid.restore.targets import writable
from pellucid.restore.tiles import Tell

MAX_PIXELS = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done to every photograph.

    Attributes:
        diagnose: Finds out what a picture suffers from.
        model: Name of the restorer.
        request: What is wanted of it.
        load: Where and how it runs.
        options: How results are written; a format of None is that of the photograph.
        limits: How much may be read.
        receipts: Whether a receipt is written beside every result.
        packet: Whether it stands in the XMP of the result, too.
    """

    diagnose: Diagnose
    model: str = "compact"
    request: Request = field(default_factory=Request)
    load: LoadOptions = field(default_factory=LoadOptions)
    options: WriteOptions = field(default_factory=WriteOptions)
    limits: Limits = field(default_factory=lambda: Limits(max_pixels=MAX_PIXELS))
    receipts: bool = True
    packet: bool = False


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A photograph that is done.

    Attributes:
        data: The file of the result, if it went nowhere else.
        receipt: What was done.
        warnings: What a careful reader should know, in whole sentences.
    """

    receipt: Receipt
    warnings: tuple[str, ...] = ()
    data: bytes = b""


@lru_cache(maxsize=1)
def ready(model: str, load: LoadOptions) -> Restorer:
    """Load a restorer, once in every process.

    Raises:
        UnknownName: If there is none of this name.
        MissingModel: If its weights are not there.
        MissingDependency: If it needs a package that is not installed.
        EnvironmentFailure: If the device does not suffice.
    """
    return RESTORERS.get(model).load(load)


def restore_file(
    plan: Plan,
    source: Path,
    target: Path,
    format: str,
    *,
    overwrite: bool = False,
    tell: Tell | None = None,
) -> Restored:
    """Restore a photograph into another file.

    Args:
        plan: What is to be done.
        source: The photograph.
        target: Where the result goes; its folder is made where it is missing.
        format: Name of the format it is written in.
        overwrite: What is there may be replaced, but never the photograph itself.
        tell: Called after every tile.

    Raises:
        InputMissing: If there is no photograph.
        ImageError: If it is broken, too large, or changes while it is read.
        OutputExists: If the result or its receipt would replace something.
        CannotWrite: If the format cannot hold the result.
        EnvironmentFailure: If the machine refuses to read or to write.
    """
    refuse_existing(target, overwrite=overwrite, receipts=plan.receipts)
    image, digest = _read(source, plan.limits)
    outcome = _restored(plan, image, tell)
    options = replace(plan.options, format=format)
    _make_folder(target.parent)
    picture = _packed(plan, outcome, digest)
    written = write(picture, target, options, overwrite=overwrite)
    warnings = (*image.carried.warnings, *outcome.warnings, *written.warnings)
    written_sha256 = receipt.file_sha256(target)
    made = _receipt(plan, outcome, digest, written_sha256, warnings)
    if plan.receipts:
        receipt.write(made, receipt.beside(target), overwrite=overwrite)
    return Restored(receipt=made, warnings=warnings)


def restore_bytes(
    plan: Plan,
    data: bytes,
    format: str | None = None,
    *,
    source: str = "",
    tell: Tell | None = None,
) -> Restored:
    """Restore a photograph that came in as bytes; the result is bytes, too.

    Args:
        plan: What is to be done.
        data: The file.
        format: Name of the format to write; None keeps the one it came in.
        source: Where it comes from, for messages.
        tell: Called after every tile.

    Raises:
        ImageError: If it is broken or too large.
        CannotWrite: If the format cannot hold the result.
    """
    image = decode(data, plan.limits, source)
    outcome = _restored(plan, image, tell)
    name = format or writable(image.carried.format)
    came = hashlib.sha256(data).hexdigest()
    picture = _packed(plan, outcome, came)
    encoded = encode(picture, replace(plan.options, format=name))
    warnings = (*image.carried.warnings, *outcome.warnings, *encoded.warnings)
    went = hashlib.sha256(encoded.data).hexdigest()
    made = _receipt(plan, outcome, came, went, warnings)
    return Restored(receipt=made, warnings=warnings, data=encoded.data)


def save(done: Restored, target: Path, *, overwrite: bool, receipts: bool) -> None:
    """Write what came as bytes to a file, and its receipt beside it.

    Raises:
        OutputExists: If something is there and may not be replaced.
        EnvironmentFailure: If the machine refuses.
    """
    refuse_existing(target, overwrite=overwrite, receipts=receipts)
    _make_folder(target.parent)
    try:
        write_atomically(target, done.data, replace=overwrite)
    except OSError as error:
        what = f"{target}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Make room, or name another folder.") from error
    if receipts:
        receipt.write(done.receipt, receipt.beside(target), overwrite=overwrite)


def refuse_existing(target: Path, *, overwrite: bool, receipts: bool) -> None:
    """Find out before the work that there is no place for what it makes.

    Raises:
        OutputExists: If something is there and may not be replaced.
    """
    wanted = [target, receipt.beside(target)] if receipts else [target]
    for path in wanted:
        if os.path.lexists(path) and not overwrite:
            hint = "Say `--overwrite` to replace it, or name another place."
            raise OutputExists(f"{path}: There is already a file.", hint)


def _read(source: Path, limits: Limits) -> tuple[Image, str]:
    """Read a photograph, and make sure that the checksum is that of its bytes."""
    before = _state(source)
    image = read(source, limits)
    digest = receipt.file_sha256(source)
    if _state(source) != before:
        what = f"{source}: It changed while it was read."
        raise BadImage(what, "Wait until it is written, then try again.")
    return image, digest


def _state(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except (OSError, ValueError):  # `read` says it better
        return None
    return about.st_size, about.st_mtime_ns


def _restored(plan: Plan, image: Image, tell: Tell | None) -> Outcome:
    restorer = ready(plan.model, plan.load)
    return restore_picture(
        image, restorer, plan.request, diagnose=plan.diagnose, tell=tell
    )


def _packed(plan: Plan, outcome: Outcome, input_sha256: str) -> Image:
    """The result, with a receipt inside where one is wanted."""
    if not plan.packet:
        return outcome.image
    made = _receipt(plan, outcome, input_sha256, None, outcome.warnings)
    xmp = packet.with_receipt(outcome.image.carried.xmp, made)
    return outcome.image.with_carried(xmp=xmp)


def _receipt(
    plan: Plan,
    outcome: Outcome,
    input_sha256: str,
    output_sha256: str | None,
    warnings: tuple[str, ...],
) -> Receipt:
    return receipt.make(
        outcome,
        plan.request,
        ready(plan.model, plan.load),
        input_sha256=input_sha256,
        output_sha256=output_sha256,
        warnings=warnings,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"{folder}: The folder cannot be made: {error.strerror or error}."
        raise EnvironmentFailure(what, "Name another folder.") from error
