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
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.restore.models.realrestorer.network import Network

GUIDANCE = 3.5  # what a network that hears the guidance was trained to hear


class Table(nn.Module):
    """Stands where a layer was, and says what it would have said.

    Attributes:
        layer: What it stands for; not a part of the network any more.
        rows: (S, B, D); None before they are computed.
        row: Those of the step and the branches that are computed now.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = (layer,)  # hidden from `to`: it stays where it is
        self.rows: Tensor | None = None
        self.row: Tensor | None = None

    def fill(self, vectors: Tensor) -> None:
        """Compute all rows from what the layer would have been given, (S, B, D)."""
        layer, device = self.layer[0], vectors.device
        assert layer.bias is not None
        weight, bias = layer.weight.to(device), layer.bias.to(device)
        self.rows = functional.linear(vectors.to(weight.dtype), weight, bias)

    def turn_to(self, step: int, branches: slice) -> None:
        """Look up a step. A tensor, not a number: compiled code stays valid."""
        assert self.rows is not None
        self.row = self.rows[step, branches]

    def forward(self, x: Tensor) -> Tensor:
        """Say what was looked up."""
        assert self.row is not None
        return self.row.to(x.dtype)


@dataclass(frozen=True, eq=False)
class Conditions:
    """What the transformer is told about a picture, for all steps.

    Attributes:
        tokens: (S, B, L, D).
        pooled: (S, B, D).
        bias: What is added to the logits of each token as a key, (B, L); None for 0.
    """

    tokens: Tensor
    pooled: Tensor
    bias: Tensor | None = None

    def collapsed(self, mask: Tensor) -> Conditions:
        """Let few padded tokens stand for all of them: they are the same for ever.

        If k of n stay, each counts n / k times as a key: ln(n / k) is added to its
        logit. Equal but for rounding, with up to half of the tokens.

        Args:
            mask: 1 where a token is, (B, L); padding comes last.
        """
        length, valid = mask.shape[1], mask.sum(dim=1).long()
        kept = min(length, int(valid.max()) + 1)
        padded = torch.arange(kept, device=mask.device) >= valid[:, None]
        share = (length - valid) / (kept - valid).clamp(min=1)
        bias = torch.where(padded, share.float().log()[:, None], 0.0)
        return Conditions(self.tokens[:, :, :kept], self.pooled, bias)


def tabled(network: Network) -> None:
    """Put tables into a transformer, once."""
    for norm in _norms(network):
        if isinstance(norm.linear, nn.Linear):
            norm.linear = Table(norm.linear)


def turn_to(network: Network, step: int, branches: slice) -> None:
    """Turn all tables to a step, and to the branches that are computed together."""
    for norm in _norms(network):
        norm.linear.turn_to(step, branches)


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
        network: Gets tables, if it has none.
        hidden: Hidden states of both branches, (B, L, N).
        mask: (B, L).
        times: Of all steps, without the last, which is no step.
        device: Where the transformer computes.
    """
    tabled(network)
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
