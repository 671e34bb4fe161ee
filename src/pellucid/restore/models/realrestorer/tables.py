"""What depends on the time alone, computed once for all steps.

A quarter of the transformer's numbers only turn one vector per step into shifts, scales
and gates. For all steps together these are 118 MB, where the weights are 6.5 GB: so the
weights stay in the memory of the host, or in their file, and pass through the device
one layer at a time. The result is the same, bit by bit.

Shapes in this file: S steps, B branches of the guidance, L tokens, D numbers.
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.restore.models.realrestorer.network import Network

GUIDANCE = 3.5  # what a network that hears the guidance was trained to hear


Layer = Callable[[], tuple[Tensor, Tensor]]  # weight and bias, held or read again


class Table(nn.Module):
    """Stands where a layer was, and says what it would have said.

    Attributes:
        layer: Gives weight and bias of what it stands for.
        rows: (S, B, D); None before they are computed.
        row: Those of the step and the branches that are computed now.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.rows: Tensor | None = None
        self.row: Tensor | None = None

    def fill(self, vectors: Tensor) -> None:
        """Compute all rows from what the layer would have been given, (S, B, D)."""
        weight, bias = (each.to(vectors.device) for each in self.layer())
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


def collapsed(mask: Tensor) -> Tensor:
    """Let few padded tokens stand for all of them: they are the same for ever.

    If k of n stay, each counts n / k times as a key: ln(n / k) is added to its logit.
    Equal but for rounding, with up to half of the tokens.

    Args:
        mask: 1 where a token is, (B, L); padding comes last.

    Returns:
        What is added to the logits of those that stay, the first of all: (B, fewer).
    """
    length, valid = mask.shape[1], mask.sum(dim=1).long()
    kept = min(length, int(valid.max()) + 1)
    padded = torch.arange(kept, device=mask.device) >= valid[:, None]
    share = (length - valid) / (kept - valid).clamp(min=1)
    return torch.where(padded, share.float().log()[:, None], 0.0)


def tabled(
    network: Network, read: Callable[[str, Tensor], Tensor] | None = None
) -> None:
    """Put tables into a transformer, once.

    Args:
        network: On the meta device, if its layers are to be read again.
        read: Reads a tensor by its name, given one of its shape; None holds the layers
            in memory, outside the network, so that they stay where they are.
    """
    for name, norm in norms(network):
        layer = norm.linear
        if isinstance(layer, nn.Linear):
            held = _held(layer) if read is None else _read(read, name, layer)
            norm.linear = Table(held)


def _held(layer: nn.Linear) -> Layer:
    return lambda: (layer.weight, layer.bias)


def _read(read: Callable[[str, Tensor], Tensor], name: str, layer: nn.Linear) -> Layer:
    return lambda: (
        read(f"{name}.linear.weight", layer.weight),
        read(f"{name}.linear.bias", layer.bias),
    )


def turn_to(network: Network, step: int, branches: slice) -> None:
    """Turn all tables to a step, and to the branches that are computed together."""
    for _, norm in norms(network):
        norm.linear.turn_to(step, branches)


@torch.no_grad()
def prepare(
    network: Network,
    hidden: Tensor,
    mask: Tensor,
    times: Sequence[float],
    device: torch.device,
    *,
    collapses: bool = False,
) -> Conditions:
    """Compute what the connector says at all times, and fill the tables.

    Args:
        network: Gets tables, if it has none.
        hidden: Hidden states of both branches, (B, L, N).
        mask: (B, L).
        times: Of all steps, without the last, which is no step.
        device: Where the transformer computes.
        collapses: Few padded tokens stand for all.
    """
    tabled(network)
    connector, embed = network.connector, network.transformer.time_text_embed
    home = connector.global_proj_out.weight.device
    dtype = connector.global_proj_out.weight.dtype
    connector.to(device)
    embed.to(device)
    hidden, mask = hidden.to(device, dtype), mask.to(device)
    bias = collapsed(mask) if collapses else None
    kept = mask.shape[1] if bias is None else bias.shape[1]
    size = (len(times), len(hidden), kept, network.shape.text)
    tokens = torch.empty(size, dtype=dtype, device=device)
    pooled: list[Tensor] = []
    vectors: list[Tensor] = []
    for step, time in enumerate(times):
        at = torch.full((len(hidden),), time, device=device)
        said, whole = connector(hidden, mask, at)
        told: list[Tensor] = [1000.0 * at.to(dtype)]
        if network.shape.is_guided:
            told.append(1000.0 * torch.full_like(at, GUIDANCE).to(dtype))
        tokens[step] = said[:, :kept]
        pooled.append(whole)
        vectors.append(functional.silu(embed(*told, whole)))
    connector.to(home)
    together = torch.stack(vectors)
    for _, norm in norms(network):
        norm.linear.fill(together)
    return Conditions(tokens, torch.stack(pooled), bias)


def norms(network: Network) -> Iterator[tuple[str, Any]]:
    """All norms whose shifts and gates depend on the time alone, by name."""
    transformer = network.transformer
    for place, block in enumerate(transformer.transformer_blocks):
        yield f"transformer.transformer_blocks.{place}.norm1", block.norm1
        context = f"transformer.transformer_blocks.{place}.norm1_context"
        yield context, block.norm1_context
    for place, block in enumerate(transformer.single_transformer_blocks):
        yield f"transformer.single_transformer_blocks.{place}.norm", block.norm
    yield "transformer.norm_out", transformer.norm_out
