"""The transformer and the connector, from their files."""

# pyright: standard

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from pellucid.restore.models.realrestorer.network import Found, Network
from pellucid.restore.models.realrestorer.tables import norms, tabled
from pellucid.weights.fill import fill, read
from pellucid.weights.step1x import UNUSED
from pellucid.weights.stored import Stored


def read_network(
    path: Path, dtype: torch.dtype, *, holds_layers: bool = True
) -> Network:
    """Read them from a file or a folder, in whatever layout.

    Args:
        path: To the weights.
        dtype: What the network shall compute in.
        holds_layers: Layers that only fill tables are held in memory; else they are
            read again for every picture, which needs a quarter less.

    Raises:
        BrokenModel: If a tensor is missing, left over or of another shape.
    """
    found = Found.at(path)
    network = Network(found.shape)
    later: list[str] = []
    if not holds_layers:

        def again(name: str, like: Tensor) -> Tensor:
            # Opened anew: while a file is open, what was read of it stays in memory.
            stored = Stored.open(path)
            return read(stored, found.layout, name, like.shape, dtype)

        names = [name for name, _ in norms(network)]
        later = [f"{n}.linear.{kind}" for n in names for kind in ("weight", "bias")]
        tabled(network, again)
    fill(network, found.stored, found.layout, dtype, UNUSED, later)
    tabled(network)
    return network.eval()
