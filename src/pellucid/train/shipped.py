"""The weights in exported networks, for training that goes on from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pellucid.core.errors import InputMissing, MissingDependency, SettingsError

HALF = ".half"  # behind the name of a tensor that is stored in 16 bits


def weights_in(folder: Path) -> dict[str, Tensor]:
    """Read ``restorer.onnx`` and ``diagnoser.onnx``.

    Returns:
        Tensors by the names that they have in `pellucid.train.compact.Both`, among
        others of the files, which have names of their own.

    Raises:
        InputMissing: If a file is not there.
        SettingsError: If it is no network.
        MissingDependency: If onnx is not installed.
    """
    # The exported diagnoser stands inside another module, the restorer does not.
    return {
        **{f"restorer.{name}": each for name, each in _read(folder, "restorer")},
        **dict(_read(folder, "diagnoser")),
    }


def _read(folder: Path, name: str) -> list[tuple[str, Tensor]]:
    try:
        import onnx
    except ImportError as error:
        what = f"Going on from exported networks needs the package onnx: {error}."
        raise MissingDependency(what, "pip install onnx") from error
    library: Any = onnx
    path = folder / f"{name}.onnx"
    try:
        model = library.load(path)
    except FileNotFoundError as error:
        raise InputMissing(
            f"There is no network {path}.", "Look at `start`."
        ) from error
    except Exception as error:  # what protobuf raises has no common root
        what = f"{path}: It is no network: {error}."
        raise SettingsError(what, "Look at `start`.") from error
    return [
        (
            tensor.name.removesuffix(HALF),
            torch.from_numpy(library.numpy_helper.to_array(tensor).copy()).float(),
        )
        for tensor in model.graph.initializer
    ]
