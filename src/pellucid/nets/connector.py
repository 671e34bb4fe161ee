"""From what a language model says of a picture to what a diffusion transformer reads.

Shapes in this file: B batch, L tokens, N width that comes in, W width that goes out.

The tokens are refined by two blocks of attention that know the time of the step; their
mean becomes one vector for the modulation. Padded tokens are zeros and stay part of the
answer: the transformer behind reads them, too.

Source: S. Liu et al., "Step1X-Edit", 2025 (the connector); B. Ma et al., "Exploring the
        Role of Large Language Models in Prompt Encoding", 2024 (the refiner); names of
        parameters are those of the published weights.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

WAVES = 256  # numbers that describe a time
SCALE_FACTOR = -0.91  # with which v1.0 began


class Qwen2Connector(nn.Module):
    """Turns hidden states into text tokens and one pooled vector.

    Args:
        into: Width of the language model.
        width: Of the tokens that go out.
        heads: Of each block.
        blocks: How many.
        pooled: Width of the pooled vector.
        is_scaled: Whether the mean is scaled before it is pooled, as v1.0 does.
    """

    def __init__(
        self,
        into: int = 3584,
        width: int = 4096,
        heads: int = 32,
        blocks: int = 2,
        pooled: int = 768,
        *,
        is_scaled: bool = False,
    ) -> None:
        super().__init__()
        self.S = Refiner(into, width, heads, blocks)
        self.global_proj_out = nn.Linear(into, pooled)
        self.scale_factor = (
            nn.Parameter(torch.full((1,), SCALE_FACTOR)) if is_scaled else None
        )

    def forward(
        self, hidden_BLN: Tensor, mask_BL: Tensor, time_B: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Connect.

        Args:
            hidden_BLN: Hidden states; zeros where the mask is 0.
            mask_BL: 1 for a token, 0 for padding; every row has a token.
            time_B: 1 is pure noise, 0 the clean picture.

        Returns:
            Tokens (B, L, W), and the pooled vector (B, pooled).
        """
        weights = mask_BL[:, :, None].to(hidden_BLN.dtype)
        mean_BN = (hidden_BLN * weights).sum(dim=1) / weights.sum(dim=1)
        tokens = self.S(hidden_BLN, mean_BN, mask_BL.bool(), 1000.0 * time_B)
        if self.scale_factor is not None:
            mean_BN = mean_BN * (1.0 + self.scale_factor)
        return tokens, self.global_proj_out(mean_BN)


class Refiner(nn.Module):
    """Embeds tokens and lets them look at each other."""

    def __init__(self, into: int, width: int, heads: int, blocks: int) -> None:
        super().__init__()
        self.input_embedder = nn.Linear(into, width)
        self.t_embedder = TimeEmbedder(width)
        self.c_embedder = MeanEmbedder(into, width)
        self.individual_token_refiner = Blocks(width, heads, blocks)

    def forward(
        self, hidden_BLN: Tensor, mean_BN: Tensor, mask_BL: Tensor, time_B: Tensor
    ) -> Tensor:
        """Refine: (B, L, W)."""
        what_BW = self.t_embedder(time_B) + self.c_embedder(mean_BN)
        return self.individual_token_refiner(
            self.input_embedder(hidden_BLN), what_BW, mask_BL
        )


class TimeEmbedder(nn.Module):
    """Waves of a time, and two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(WAVES, width), nn.SiLU(), nn.Linear(width, width)
        )

    def forward(self, time_B: Tensor) -> Tensor:
        """Embed times in thousandths: (B, W)."""
        dtype = next(self.mlp.parameters()).dtype
        return self.mlp(waves_of(time_B).to(dtype))


class MeanEmbedder(nn.Module):
    """Two layers over the mean of all tokens."""

    def __init__(self, into: int, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(into, width)
        self.linear_2 = nn.Linear(width, width)

    def forward(self, mean_BN: Tensor) -> Tensor:
        """Embed: (B, W)."""
        return self.linear_2(functional.silu(self.linear_1(mean_BN)))


class Blocks(nn.Module):
    """The refining blocks, one after the other."""

    def __init__(self, width: int, heads: int, count: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(RefinerBlock(width, heads) for _ in range(count))

    def forward(self, tokens_BLW: Tensor, what_BW: Tensor, mask_BL: Tensor) -> Tensor:
        """Go through all of them."""
        seen = attention_mask(mask_BL)
        for block in self.blocks:
            tokens_BLW = block(tokens_BLW, what_BW, seen)
        return tokens_BLW


class RefinerBlock(nn.Module):
    """Attention and two layers, both behind gates that the time opens."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attn_qkv = nn.Linear(width, 3 * width)
        self.self_attn_proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Layers(width, 4 * width)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))

    def forward(self, tokens_BLW: Tensor, what_BW: Tensor, seen: Tensor) -> Tensor:
        """Refine once."""
        gates = self.adaLN_modulation(what_BW)[:, None].chunk(2, dim=-1)
        qkv = self.self_attn_qkv(self.norm1(tokens_BLW))
        query, key, value = (
            each.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for each in qkv.chunk(3, dim=-1)
        )
        found = functional.scaled_dot_product_attention(query, key, value, seen)
        found = self.self_attn_proj(found.transpose(1, 2).flatten(2))
        tokens_BLW = tokens_BLW + gates[0] * found
        return tokens_BLW + gates[1] * self.mlp(self.norm2(tokens_BLW))


class Layers(nn.Module):
    """Two layers with SiLU between them."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, tokens_BLW: Tensor) -> Tensor:
        """Apply both."""
        return self.fc2(functional.silu(self.fc1(tokens_BLW)))


def attention_mask(mask_BL: Tensor) -> Tensor:
    """Who may look at whom, (B, 1, L, L): tokens at tokens, everyone at the first.

    Padding sees the first token only, so that no row is without anything to see.
    """
    seen = mask_BL[:, None, :, None] & mask_BL[:, None, None, :]
    first = torch.zeros_like(seen)
    first[..., 0] = True
    return seen | first


def waves_of(time_B: Tensor) -> Tensor:
    """Describe times by cosines, then sines: (B, 256), float32."""
    half = WAVES // 2
    places = torch.arange(half, dtype=torch.float32, device=time_B.device)
    rates = torch.exp(-math.log(10000.0) * places / half)
    angles = time_B.float()[:, None] * rates
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)
