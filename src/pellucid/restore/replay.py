"""The picture of a receipt, made again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import get_args, get_type_hints

from pellucid.core.errors import Incomplete, InputMissing
from pellucid.core.files import format_of, read
from pellucid.core.image import Image
from pellucid.core.options import Limits
from pellucid.core.records import LoadOptions, Receipt
from pellucid.core.settings import build
from pellucid.restore import receipt
from pellucid.restore.file import ready
from pellucid.restore.guard import Diagnose
from pellucid.restore.run import restore_picture
from pellucid.restore.tiles import Tell

DTYPES = get_args(get_type_hints(LoadOptions)["dtype"])


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A picture that was made again.

    Attributes:
        image: The picture.
        is_same: Its pixels are those of the receipt, every bit of them.
        differences: What is another than it was, in whole sentences, where the pixels
            are not the same.
    """

    image: Image
    is_same: bool
    differences: tuple[str, ...] = ()


def replay(
    made: Receipt,
    photo: Path,
    *,
    diagnose: Diagnose,
    limits: Limits,
    weights: Path | None = None,
    tell: Tell | None = None,
) -> Replay:
    """Restore a photograph as a receipt says.

    Args:
        made: The receipt.
        photo: The photograph that was restored.
        diagnose: Finds out what a picture suffers from.
        limits: How much may be read.
        weights: Folder of the weights; None looks where they usually lie.
        tell: Called after every tile.

    Raises:
        Incomplete: If the photograph is another one, or the receipt says too little.
        UnknownName: If the restorer of the receipt is not here.
        MissingModel: If its weights are not there.
    """
    if made.pixels_sha256 is None:
        what = "The receipt does not say what the pixels were."
        raise Incomplete(what, "Restore the photograph anew.")
    image = read(photo, limits)
    if receipt.file_sha256(photo) != made.input_sha256:
        what = f"{photo}: It is not the photograph of the receipt, or it was changed."
        raise Incomplete(what, "Name the right one: `--input PHOTO`.")
    how = {
        "tile": made.tile,
        "dtype": made.dtype if made.dtype in DTYPES else "auto",
        "device": _device(made),
        "memory": made.memory,
    }
    load = replace(build(LoadOptions, how), weights_folder=weights)
    restorer = ready(made.model, load)
    outcome = restore_picture(
        image, restorer, made.request, diagnose=diagnose, tell=tell
    )
    now = receipt.make(outcome, made.request, restorer, input_sha256=made.input_sha256)
    is_same = now.pixels_sha256 == made.pixels_sha256
    differences = () if is_same else tuple(_differences(made, now))
    return Replay(image=outcome.image, is_same=is_same, differences=differences)


def find_photo(made: Receipt, receipt_file: Path) -> Path:
    """Find the photograph of a receipt among the pictures that lie beside it.

    Raises:
        InputMissing: If it is not there.
    """
    folder = receipt_file.absolute().parent
    # The result comes last: where nothing was repaired, it has the same bytes.
    others = sorted(
        folder.iterdir(),
        key=lambda path: (receipt.beside(path).name == receipt_file.name, path),
    )
    for path in others:
        is_picture = path.is_file() and format_of(path)
        if is_picture and receipt.file_sha256(path) == made.input_sha256:
            return path
    what = f"The photograph of the receipt does not lie in {folder}."
    raise InputMissing(what, "Name it: `pellucid replay RECEIPT --input PHOTO`.")


def _device(made: Receipt) -> str:
    """Ask for the runtime of the receipt, as far as it is here."""
    if made.device.endswith("openvino") and find_spec("openvino"):
        return "openvino"
    return "cpu" if made.device.startswith("cpu") else "auto"


def _differences(then: Receipt, now: Receipt) -> Iterator[str]:
    yield "The pixels differ from those of the receipt."
    yield from _changed("The version of {}", then.versions, now.versions)
    yield from _changed("The weights {}", then.weights_sha256, now.weights_sha256)
    for what, old, new in (
        ("The device", then.device, now.device),
        ("The numbers", then.dtype, now.dtype),
        ("The tile", then.tile, now.tile),
        ("The way of sharing memory", then.memory, now.memory),
        ("The strength", then.applied_strength, now.applied_strength),
    ):
        if old != new:
            yield f"{what} was {old}, now it is {new}."
    if then.before != now.before:
        yield "The diagnosis is another."


def _changed(
    what: str, then: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[str]:
    for name in sorted({*then, *now}):
        old, new = (each.get(name, "not there") for each in (then, now))
        if old != new:
            yield f"{what.format(name)} was {old}, now it is {new}."
