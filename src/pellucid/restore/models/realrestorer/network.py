"""The transformer and the connector, in the shape that the weights have.

Source: RealRestorer, 2026; S. Liu et al., "Step1X-Edit", 2025.
"""

# pyright: standard

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from pellucid.core.errors import BrokenModel
from pellucid.nets.connector import Qwen2Connector
from pellucid.weights.names import Layout
from pellucid.weights.step1x import TELLING, TRANSFORMER
from pellucid.weights.stored import Stored

CONNECTOR_HEAD = 128  # numbers of a head of the connector


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a network is; the defaults are those of the published one.

    Attributes:
        double: Blocks with two streams.
        single: Blocks with one.
        heads: Of each block.
        head: Numbers of a head.
        axes: How many of them turn with the picture, the row and the column.
        language: Width of the language model.
        text: Width of what the connector gives.
        connector_heads: Of its blocks.
        is_guided: Whether it hears the scale of the guidance.
        version: ``v1.0`` or ``v1.1`` of Step1X-Edit.
    """

    double: int = 19
    single: int = 38
    heads: int = 24
    head: int = 128
    axes: tuple[int, ...] = (16, 56, 56)
    language: int = 3584
    text: int = 4096
    connector_heads: int = 32
    is_guided: bool = False
    version: str = "v1.1"

    @classmethod
    def of(cls, stored: Stored, layout: Layout, config: Path | None) -> Self:
        """Read it from tensors, and what they do not tell from ``config.json``.

        Raises:
            BrokenModel: If a tensor that tells it is missing.
        """
        sizes = _Sizes(stored, layout)
        head = sizes.of("transformer.transformer_blocks.0.attn.norm_q.weight")[0]
        text, language = sizes.of("connector.S.input_embedder.weight")
        shape = cls(
            double=sizes.blocks("transformer.transformer_blocks."),
            single=sizes.blocks("transformer.single_transformer_blocks."),
            heads=sizes.of("transformer.x_embedder.bias")[0] // head,
            head=head,
            axes=(head // 8, head // 16 * 7, head // 16 * 7),
            language=language,
            text=text,
            connector_heads=max(1, text // CONNECTOR_HEAD),
            is_guided=any(name.startswith("guidance_") for name in stored),
            version="v1.0" if "connector.scale_factor" in stored else "v1.1",
        )
        told = _told(config)
        if "axes_dims_rope" in told:
            shape = replace(shape, axes=tuple(map(int, told["axes_dims_rope"])))
        if "connector_heads" in told:
            shape = replace(shape, connector_heads=int(told["connector_heads"]))
        return shape


class Network(nn.Module):
    """`FluxTransformer2DModel` beside the connector, on the meta device.

    Attributes:
        transformer: From diffusers.
        connector: From the language model to it.
        shape: What it is like.
    """

    def __init__(self, shape: Shape) -> None:
        import diffusers

        super().__init__()
        # Looked up, and so imported, before: tensors of its modules would be on meta.
        library: Any = diffusers
        transformer = library.FluxTransformer2DModel
        with torch.device("meta"):
            self.transformer: Any = transformer(
                patch_size=1,
                in_channels=64,
                num_layers=shape.double,
                num_single_layers=shape.single,
                attention_head_dim=shape.head,
                num_attention_heads=shape.heads,
                joint_attention_dim=shape.text,
                pooled_projection_dim=768,
                guidance_embeds=shape.is_guided,
                axes_dims_rope=shape.axes,
            )
            self.connector = Qwen2Connector(
                shape.language,
                shape.text,
                shape.connector_heads,
                is_scaled=shape.version == "v1.0",
            )
        self.shape = shape


@dataclass(frozen=True)
class Found:
    """Weights that were found, before they are read.

    Attributes:
        stored: Files.
        layout: How they call what the network has.
        shape: Of the network.
    """

    stored: Stored
    layout: Layout
    shape: Shape

    @classmethod
    def at(cls, path: Path) -> Self:
        """Look into a file or a folder.

        Raises:
            BrokenModel: If they are no weights of such a network.
        """
        stored = Stored.open(path)
        named = (layout for name, layout in TELLING.items() if name in stored)
        layout = TRANSFORMER[next(named, "original")]
        folder = path if path.is_dir() else path.parent
        return cls(stored, layout, Shape.of(stored, layout, folder / "config.json"))


class _Sizes:
    """Sizes of our tensors, from theirs."""

    def __init__(self, stored: Stored, layout: Layout) -> None:
        self.stored, self.layout = stored, layout
        found = (layout.find(name) for name in stored)
        self.ours = {
            part: rule for rule in found if rule is not None for part in rule.ours
        }

    def of(self, name: str) -> tuple[int, ...]:
        """The size of one of our tensors."""
        rule = self.ours.get(name)
        if rule is None or len(rule.ours) != 1:
            what = f"{self.stored.path}: These are no weights of RealRestorer or"
            missing = f"Step1X-Edit: {name} is missing."
            raise BrokenModel(f"{what} {missing}", "Name the right file or folder.")
        return tuple(self.stored[rule.theirs][0]().shape)

    def blocks(self, before: str) -> int:
        """Count blocks by the first part of their names."""
        names = (each for each in self.ours if each.startswith(before))
        return len({each[len(before) :].split(".")[0] for each in names})


def _told(config: Path | None) -> dict[str, Any]:
    if config is None or not config.is_file():
        return {}
    try:
        return dict(json.loads(config.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        what = f"{config}: It cannot be read: {error}."
        raise BrokenModel(what, "Fetch the weights again.") from error
