"""What depends on the time alone, computed once for all steps.

A quarter of the transformer's numbers only turn one vector per step into shifts, scales
and gates. For all steps together these are 118 MB, where the weights are 6.5 GB: so the
weights stay in the memory of the host and pass through the device one layer at a time.
The result is the same, bit by bit.

Shapes in this file: S steps, B branches of the guidance, L tokens, D numbers.
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.restore.models.realrestorer.network import Network

GUIDANCE = 3.5  # what a network that hears the guidance was trained to hear


@dataclass
class Clock:
    """Which step it is, and which branches are computed."""

    step: int = 0
    branches: slice = field(default_factory=lambda: slice(None))


class Table(nn.Module):
    """Stands where a layer was, and looks up what it would have said.

    Attributes:
        layer: What it stands for; not a part of the network any more.
        rows: (S, B, D); None before they are computed.
    """

    def __init__(self, layer: nn.Linear, clock: Clock) -> None:
        super().__init__()
        self.layer = (layer,)  # hidden from `to`: it stays where it is
        self.clock = clock
        self.rows: Tensor | None = None

    def fill(self, vectors: Tensor) -> None:
        """Compute all rows from what the layer would have been given, (S, B, D)."""
        layer, device = self.layer[0], vectors.device
        assert layer.bias is not None
        weight, bias = layer.weight.to(device), layer.bias.to(device)
        self.rows = functional.linear(vectors.to(weight.dtype), weight, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Look up the step."""
        assert self.rows is not None
        return self.rows[self.clock.step, self.clock.branches].to(x.dtype)


@dataclass(frozen=True, eq=False)
class Conditions:
    """What the transformer is told about a picture, for all steps.

    Attributes:
        tokens: (S, B, L, D).
        pooled: (S, B, D).
    """

    tokens: Tensor
    pooled: Tensor


def tabled(network: Network) -> Clock:
    """Put tables into a transformer, once."""
    clock = Clock()
    for norm in _norms(network):
        if isinstance(norm.linear, nn.Linear):
            norm.linear = Table(norm.linear, clock)
        clock = norm.linear.clock
    return clock


@torch.no_grad()
def prepare(
    network: Network,
    hidden: Tensor,
    mask: Tensor,
    times: Sequence[float],
    device: torch.device,
) -> Conditions:
    """Compute what the connector says at all times, and fill the tables.

    Args:
        network: With tables.
        hidden: Hidden states of both branches, (B, L, N).
        mask: (B, L).
        times: Of all steps, without the last, which is no step.
        device: Where the transformer computes.
    """
    connector, embed = network.connector, network.transformer.time_text_embed
    home = connector.global_proj_out.weight.device
    dtype = connector.global_proj_out.weight.dtype
    connector.to(device)
    embed.to(device)
    hidden, mask = hidden.to(device, dtype), mask.to(device)
    tokens: list[Tensor] = []
    pooled: list[Tensor] = []
    vectors: list[Tensor] = []
    for time in times:
        at = torch.full((len(hidden),), time, device=device)
        said, whole = connector(hidden, mask, at)
        told: list[Tensor] = [1000.0 * at.to(dtype)]
        if network.shape.is_guided:
            told.append(1000.0 * torch.full_like(at, GUIDANCE).to(dtype))
        tokens.append(said)
        pooled.append(whole)
        vectors.append(functional.silu(embed(*told, whole)))
    connector.to(home)
    together = torch.stack(vectors)
    for norm in _norms(network):
        norm.linear.fill(together)
    return Conditions(torch.stack(tokens), torch.stack(pooled))


def _norms(network: Network) -> Iterator[Any]:
    transformer = network.transformer
    for block in transformer.transformer_blocks:
        yield block.norm1
        yield block.norm1_context
    for block in transformer.single_transformer_blocks:
        yield block.norm
    yield transformer.norm_out
