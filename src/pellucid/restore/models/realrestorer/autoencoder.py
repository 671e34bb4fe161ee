"""The autoencoder of FLUX: pictures to latents and back, always in float32.

Source: Black Forest Labs, FLUX.1, 2024.
"""

# pyright: standard

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pellucid.core.errors import BrokenModel
from pellucid.core.image import Pixels
from pellucid.restore.models.realrestorer.extent import FACTOR
from pellucid.weights.fill import fill
from pellucid.weights.flux_vae import FLUX_VAE, LEVELS
from pellucid.weights.names import Layout, Rule
from pellucid.weights.stored import Stored

SCALE, SHIFT = 0.3611, 0.1159  # latents have a spread of about 1
CHANNELS = 16  # numbers of a latent
TILE = 512  # px, where it works in tiles


@dataclass(frozen=True)
class Autoencoder:
    """The network, and how it is used.

    Attributes:
        net: `AutoencoderKL` of diffusers.
    """

    net: Any

    @classmethod
    def load(cls, path: Path) -> Autoencoder:
        """Read it, in FLUX's own names or those of diffusers.

        Raises:
            BrokenModel: If a tensor is missing, left over or of another shape.
        """
        import diffusers

        stored = Stored.open(path)
        if "decoder.conv_out.bias" not in stored:
            what = f"{path}: It is no autoencoder: decoder.conv_out.bias is missing."
            raise BrokenModel(what, "Name the right file or folder.")
        is_flux = "encoder.down.0.block.0.conv1.weight" in stored
        first = "encoder.down" if is_flux else "encoder.down_blocks"
        block = "block" if is_flux else "resnets"
        widths = tuple(
            len(stored[f"{first}.{level}.{block}.0.conv1.bias"][0]())
            for level in range(LEVELS)
            if f"{first}.{level}.{block}.0.conv1.bias" in stored
        )
        # Looked up, and so imported, before: tensors of its modules would be on meta.
        library: Any = diffusers
        autoencoder = library.AutoencoderKL
        with torch.device("meta"):
            net = autoencoder(
                latent_channels=CHANNELS,
                sample_size=TILE,
                block_out_channels=widths,
                down_block_types=("DownEncoderBlock2D",) * len(widths),
                up_block_types=("UpDecoderBlock2D",) * len(widths),
                layers_per_block=2,
                norm_num_groups=min(32, *widths),
                use_quant_conv=False,
                use_post_quant_conv=False,
            )
        same = Layout(tuple(Rule(name, (name,)) for name in net.state_dict()))
        fill(net, stored, FLUX_VAE if is_flux else same, torch.float32)
        return cls(net.eval())

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return next(self.net.parameters()).device

    @torch.no_grad()
    def encode(self, pixels: Pixels) -> Tensor:
        """Turn a picture, (h, w, 3), into tokens, (1, h w / 256, 64).

        The mean of the posterior is taken: nothing is drawn.
        """
        planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
        seen = self.net.encode(2.0 * planes.to(self.device) - 1.0).latent_dist
        return packed(SCALE * (seen.mean - SHIFT))

    @torch.no_grad()
    def decode(self, tokens: Tensor, height: int, width: int) -> Pixels:
        """Turn tokens into a picture, (height, width, 3) in [0, 1]."""
        latents = unpacked(tokens, height // FACTOR, width // FACTOR).to(self.device)
        planes = self.net.decode(latents.float() / SCALE + SHIFT).sample
        picture = ((planes + 1.0) / 2.0).clamp(0.0, 1.0)[0].permute(1, 2, 0)
        return picture.float().cpu().contiguous().numpy()


def packed(latents: Tensor) -> Tensor:
    """Pack 2 x 2 latents into a token: (1, C, h, w) to (1, h w / 4, 4 C)."""
    blocks = latents.unflatten(3, (-1, 2)).unflatten(2, (-1, 2))  # 1 C h 2 w 2
    return blocks.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


def unpacked(tokens: Tensor, height: int, width: int) -> Tensor:
    """Turn `packed` round: (1, C, height, width)."""
    blocks = tokens.unflatten(1, (height // 2, width // 2)).unflatten(3, (-1, 2, 2))
    return blocks.permute(0, 3, 1, 4, 2, 5).flatten(4).flatten(2, 3)
