"""The shape of a network is read from its weights."""

from pathlib import Path

import pytest
import torch
from bundles import SHAPE, theirs
from safetensors.torch import save_file

from pellucid.core.errors import BrokenModel
from pellucid.restore.models.realrestorer.network import Network, Shape
from pellucid.weights.step1x import TRANSFORMER


def test_a_bundle_says_what_it_is(bundle: Path):
    assert Network.load(bundle / "transformer", torch.float32).shape == SHAPE


@pytest.mark.parametrize("layout", sorted(TRANSFORMER))
def test_every_layout_gives_the_same_network(
    bundle: Path, tmp_path: Path, network: Network, layout: str
):
    save_file(theirs(network, TRANSFORMER[layout]), tmp_path / "w.safetensors")
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    found = Network.load(tmp_path / "w.safetensors", torch.float32).state_dict()
    for name, tensor in network.state_dict().items():
        assert torch.equal(found[name], tensor), name


def test_a_copy_in_eight_bits_is_widened(
    bundle: Path, tmp_path: Path, network: Network
):
    narrow = theirs(network, TRANSFORMER["original"])
    narrow = {name: each.to(torch.float8_e4m3fn) for name, each in narrow.items()}
    save_file(narrow, tmp_path / "w.safetensors")
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    found = Network.load(tmp_path / "w.safetensors", torch.float32)
    assert found.connector.global_proj_out.weight.dtype == torch.float32


def test_shards_of_tensor_parallel_training_are_put_together(
    bundle: Path, tmp_path: Path, network: Network
):
    whole = theirs(network, TRANSFORMER["original"])
    shards: list[dict[str, torch.Tensor]] = [{}, {}]
    for name, tensor in whole.items():
        is_split = tensor.ndim == 2 and "double_blocks" in name
        parts = tensor.chunk(2, dim=int("proj" in name)) if is_split else (tensor,) * 2
        for shard, part in zip(shards, parts, strict=True):
            shard[f"module.{name}"] = part.contiguous()
    for place, shard in enumerate(shards):
        save_file(shard, tmp_path / f"TP{place}.safetensors")
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    found = Network.load(tmp_path, torch.float32).state_dict()
    assert all(
        torch.equal(found[name], each) for name, each in network.state_dict().items()
    )


def test_the_first_version_is_known_by_its_scale():
    first = Network(Shape(version="v1.0", double=1, single=1)).state_dict()
    assert "connector.scale_factor" in first


def test_something_else_is_no_network(bundle: Path, tmp_path: Path):
    with pytest.raises(BrokenModel, match="no weights of RealRestorer"):
        Network.load(bundle / "vae", torch.float32)


def test_a_config_that_is_broken_is_named(bundle: Path, tmp_path: Path):
    file = "diffusion_pytorch_model.safetensors"
    (tmp_path / file).write_bytes((bundle / "transformer" / file).read_bytes())
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BrokenModel, match=r"config\.json: It cannot be read"):
        Network.load(tmp_path, torch.float32)
