"""The autoencoder's key list."""

from typing import Any

import pytest
import torch

from pellucid.weights.flux_vae import FLUX_VAE

diffusers: Any = pytest.importorskip("diffusers")


def test_the_real_autoencoder_has_the_names_and_numbers_that_were_published():
    with torch.device("meta"):
        vae = diffusers.AutoencoderKL(
            latent_channels=16,
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            use_quant_conv=False,
            use_post_quant_conv=False,
        )
    ours = vae.state_dict()
    rules = FLUX_VAE.theirs(ours)
    assert sum(each.numel() for each in vae.parameters()) == 83_819_683
    assert len(rules) == len(ours) == 244
    for name in rules:
        found = FLUX_VAE.find(name)
        assert found is not None
        assert found.ours == rules[name].ours
    assert rules["decoder.up.3.block.0.conv1.weight"].ours == (
        "decoder.up_blocks.0.resnets.0.conv1.weight",
    )
    assert {"encoder.down.1.block.0.nin_shortcut.weight"} < set(rules)
