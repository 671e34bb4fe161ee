"""A run on disk: weights, optimiser and step, whole or not at all.

Weights are safetensors, which hold no code. The file is replaced atomically, so a run
that is killed while it saves still has the checkpoint before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import InputMissing, SettingsError

Tensors = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a run needs to go on.

    Attributes:
        step: Steps that are done.
        tensors: Weights, their mean, and the moments of the optimiser.
        run: The settings it was made with, as JSON.
    """

    step: int
    tensors: Tensors
    run: dict[str, Any]


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the one before."""
    about = {"step": str(checkpoint.step), "run": json.dumps(checkpoint.run)}
    kept = {name: each.detach().cpu().contiguous() for name, each in _named(checkpoint)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, save(kept, metadata=about), replace=True)


def read(path: Path) -> Checkpoint | None:
    """Read a checkpoint; None if there is none yet.

    Raises:
        SettingsError: If the file is damaged or not ours.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputMissing(f"{path}: It cannot be read: {error.strerror}.") from error
    try:
        size = int.from_bytes(data[:8], "little")
        about = json.loads(data[8 : 8 + size])["__metadata__"]
        return Checkpoint(
            step=int(about["step"]), tensors=load(data), run=json.loads(about["run"])
        )
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        what = f"{path}: It is no checkpoint of ours, or damaged: {error}."
        raise SettingsError(what, "Name another folder.") from error


def packed(prefix: str, net: nn.Module) -> Tensors:
    """Take the weights of a net, their names behind a prefix."""
    return {f"{prefix}.{name}": each for name, each in net.state_dict().items()}


def unpack(prefix: str, net: nn.Module, tensors: Tensors) -> None:
    """Put weights into a net; any that is missing or left over is an error."""
    start = f"{prefix}."
    own = {
        name.removeprefix(start): each
        for name, each in tensors.items()
        if name.startswith(start)
    }
    try:
        net.load_state_dict(own, strict=True)
    except RuntimeError as error:
        what = f"The checkpoint does not fit the network: {error}"
        raise SettingsError(what, "Train it with the version that made it.") from error


def packed_moments(prefix: str, optimizer: torch.optim.Optimizer) -> Tensors:
    """Take what the optimiser remembers: ``<prefix>.<place>.<name>``."""
    states = optimizer.state_dict()["state"]
    return {
        f"{prefix}.{place}.{name}": torch.as_tensor(value)
        for place, state in states.items()
        for name, value in state.items()
    }


def unpack_moments(
    prefix: str, optimizer: torch.optim.Optimizer, tensors: Tensors
) -> None:
    """Put back what the optimiser remembered."""
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(f"{prefix}."):
            _, place, word = name.split(".", 2)
            states.setdefault(int(place), {})[word] = tensor
    whole = optimizer.state_dict()
    optimizer.load_state_dict({**whole, "state": states})


def _named(checkpoint: Checkpoint) -> list[tuple[str, Tensor]]:
    return sorted(checkpoint.tensors.items())
