"""What was done to a picture, so that it can be checked, and done again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    EnvironmentFailure,
    InputMissing,
    OutputExists,
    SettingsError,
)
from pellucid.core.image import Image
from pellucid.core.protocols import Restorer
from pellucid.core.records import Receipt, Request, from_json, to_json
from pellucid.core.version import __version__
from pellucid.restore.run import Outcome

# Packages whose version can change a pixel: of the result, or of how a file is read.
PACKAGES = (
    *("numpy", "pillow", "tifffile", "onnxruntime", "openvino", "torch"),
    *("diffusers", "transformers"),
    *("pi-heif", "rawpy"),
)
SUFFIX = ".receipt.json"


@runtime_checkable
class Accountable(Protocol):
    """A restorer that can say how it ran.

    Attributes:
        device: What it runs on, in words: ``cpu, onnxruntime``.
        dtype: What its network computes in.
        tile: Side of a tile in pixels; None takes a picture whole.
        weights_sha256: File name to checksum, one for each file of weights.
    """

    device: str
    dtype: str
    tile: int | None
    weights_sha256: Mapping[str, str]


def make(
    outcome: Outcome,
    request: Request,
    restorer: Restorer,
    *,
    input_sha256: str | None,
    output_sha256: str | None = None,
    warnings: tuple[str, ...] | None = None,
) -> Receipt:
    """Write down what was done.

    Args:
        outcome: What `restore_picture` gave.
        request: What was wanted.
        restorer: What did it; one that is `Accountable` says how.
        input_sha256: Of the file that was read; None for pictures from memory.
        output_sha256: Of the file that was written; None while there is none.
        warnings: All that the user was told; those of the outcome when None.
    """
    how = restorer if isinstance(restorer, Accountable) else None
    return Receipt(
        input_sha256=input_sha256,
        output_sha256=output_sha256,
        versions=versions(),
        model=restorer.card.name,
        weights_sha256=dict(how.weights_sha256) if how else {},
        request=request,
        seed=request.seed,
        device=how.device if how else "not said",
        dtype=how.dtype if how else "not said",
        tile=how.tile if how else None,
        memory=getattr(restorer, "memory", "auto"),
        before=outcome.before,
        after=outcome.after,
        applied_strength=outcome.strength,
        pixels_sha256=pixels_sha256(outcome.image),
        timings_s=dict(outcome.timings_s),
        warnings=outcome.warnings if warnings is None else warnings,
        guards=dict(outcome.guards),
    )


def beside(path: Path) -> Path:
    """Name the receipt of a result: ``photo.jpg`` has ``photo.jpg.receipt.json``."""
    return path.with_name(path.name + SUFFIX)


def write(receipt: Receipt, path: Path, *, overwrite: bool = False) -> None:
    """Write a receipt to a file: the whole of it or nothing.

    Raises:
        OutputExists: If a file is there and may not be replaced.
        EnvironmentFailure: If the machine does not let us write.
    """
    text = to_json(receipt) + "\n"
    try:
        write_atomically(path, text.encode(), replace=overwrite)
    except FileExistsError:
        hint = "Say `--overwrite` to replace it, or name another file."
        raise OutputExists(f"{path}: There is already a file.", hint) from None
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Choose another folder.") from error


def read(path: Path) -> Receipt:
    """Read a receipt, strictly.

    Raises:
        InputMissing: If there is no such file.
        EnvironmentFailure: If it cannot be read.
        SettingsError: If it is no receipt, or a fact in it is wrong.
    """
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        what = f"There is no file `{path}`."
        raise InputMissing(what, f"Receipts end in `{SUFFIX}`.") from None
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror or error}."
        raise EnvironmentFailure(what, "Look at its permissions.") from error
    except ValueError:
        what = f"{path}: It is no receipt: it is not text."
        raise SettingsError(what, f"Receipts end in `{SUFFIX}`.") from None
    try:
        return from_json(Receipt, text)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}", error.hint) from None


def verify(receipt: Receipt, output: Path) -> list[str]:
    """Say in whole sentences why a file is not the result of a receipt."""
    if receipt.output_sha256 is None:
        return ["The receipt was made before a file was written, so it names none."]
    if file_sha256(output) != receipt.output_sha256:
        return [f"{output}: It is not the file that was written then."]
    return []


def versions() -> dict[str, str]:
    """List what is installed of the packages that can change a pixel."""
    return dict(_versions())


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("pellucid", __version__)]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def pixels_sha256(image: Image) -> str:
    """Hash pixels: float32, little-endian, row by row."""
    pixels = np.ascontiguousarray(image.pixels, dtype="<f4")
    return hashlib.sha256(pixels.data).hexdigest()


def file_sha256(path: Path) -> str:
    """Hash a file.

    Raises:
        InputMissing: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror or error}."
        raise InputMissing(what, "Look at the path once more.") from error
