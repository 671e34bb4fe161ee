"""The autoencoder of FLUX: its published names, and those of `AutoencoderKL`.

Source: Black Forest Labs, FLUX.1, 2024 (``ae.safetensors``).
"""

from __future__ import annotations

from pellucid.weights.names import Layout, Rule, with_weight_and_bias

LEVELS = 4


def _block(theirs: str, ours: str, *, has_shortcut: bool = True) -> list[Rule]:
    rules = [
        Rule(f"{theirs}.{part}", (f"{ours}.{part}",))
        for part in ("norm1", "conv1", "norm2", "conv2")
    ]
    if has_shortcut:
        rules.append(Rule(f"{theirs}.nin_shortcut", (f"{ours}.conv_shortcut",)))
    return rules


def _half(name: str) -> list[Rule]:
    middle, attention = f"{name}.mid.", f"{name}.mid_block.attentions.0."
    return [
        Rule(f"{name}.conv_in", (f"{name}.conv_in",)),
        *_block(f"{middle}block_1", f"{name}.mid_block.resnets.0"),
        *_block(f"{middle}block_2", f"{name}.mid_block.resnets.1"),
        Rule(f"{middle}attn_1.norm", (f"{attention}group_norm",)),
        Rule(f"{middle}attn_1.q", (f"{attention}to_q",)),
        Rule(f"{middle}attn_1.k", (f"{attention}to_k",)),
        Rule(f"{middle}attn_1.v", (f"{attention}to_v",)),
        Rule(f"{middle}attn_1.proj_out", (f"{attention}to_out.0",)),
        Rule(f"{name}.norm_out", (f"{name}.conv_norm_out",)),
        Rule(f"{name}.conv_out", (f"{name}.conv_out",)),
    ]


def _levels() -> list[Rule]:
    """Levels of the decoder count from the finest there, from the coarsest here."""
    rules: list[Rule] = []
    for level in range(LEVELS):
        down, up = f"down_blocks.{level}", f"up_blocks.{LEVELS - 1 - level}"
        rules += [
            *_block(
                f"encoder.down.{level}.block.{{i}}", f"encoder.{down}.resnets.{{i}}"
            ),
            Rule(
                f"encoder.down.{level}.downsample.conv",
                (f"encoder.{down}.downsamplers.0.conv",),
            ),
            *_block(f"decoder.up.{level}.block.{{i}}", f"decoder.{up}.resnets.{{i}}"),
            Rule(
                f"decoder.up.{level}.upsample.conv",
                (f"decoder.{up}.upsamplers.0.conv",),
            ),
        ]
    return rules


# 1 x 1 convolutions of the attention are matrices in diffusers: the shape that is
# wanted decides.
FLUX_VAE = Layout(
    with_weight_and_bias((*_half("encoder"), *_half("decoder"), *_levels()))
)
