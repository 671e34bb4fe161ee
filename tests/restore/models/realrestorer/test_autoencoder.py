"""Pictures to latents and back."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pellucid.core.errors import BrokenModel
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer.autoencoder import (
    Autoencoder,
    packed,
    unpacked,
)


def test_packing_can_be_turned_round():
    latents = torch.randn(1, 16, 6, 8)
    tokens = packed(latents)
    assert tokens.shape == (1, 12, 64)
    assert torch.equal(unpacked(tokens, 6, 8), latents)


def test_a_token_holds_channels_first_and_rows_before_columns():
    latents = torch.arange(2 * 4 * 4).reshape(1, 2, 4, 4)
    second = packed(latents)[0, 1]  # rows 0 and 1, columns 2 and 3
    assert second.tolist() == [2, 3, 6, 7, 18, 19, 22, 23]


def test_a_picture_keeps_its_size_and_nothing_is_drawn(bundle: Path):
    net = Autoencoder.load(bundle / "vae")
    pixels = stream(1, "vae").random((48, 80, 3), dtype=np.float32)
    tokens = net.encode(pixels)
    assert tokens.shape == (1, 15, 64)
    assert torch.equal(tokens, net.encode(pixels))
    back = net.decode(tokens, 48, 80)
    assert back.shape == pixels.shape
    assert back.dtype == np.float32
    assert back.min() >= 0.0
    assert back.max() <= 1.0


def test_names_of_diffusers_are_understood_too(bundle: Path, tmp_path: Path):
    net = Autoencoder.load(bundle / "vae")
    save_file(net.net.state_dict(), tmp_path / "diffusion_pytorch_model.safetensors")
    other = Autoencoder.load(tmp_path)
    pixels = stream(1, "vae").random((32, 32, 3), dtype=np.float32)
    assert torch.equal(net.encode(pixels), other.encode(pixels))


def test_something_else_is_no_autoencoder(bundle: Path):
    with pytest.raises(BrokenModel, match="no autoencoder"):
        Autoencoder.load(bundle / "transformer")
