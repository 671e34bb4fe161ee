"""A network in every layout, whole and broken."""

from pathlib import Path

import pytest
import torch
from bundles import theirs
from safetensors.torch import load_file, save_file

from pellucid.core.errors import BrokenModel
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.reading import read_network
from pellucid.restore.models.realrestorer.tables import norms
from pellucid.weights.step1x import TRANSFORMER


def same(found: Network, wanted: Network) -> bool:
    """Weights, and the layers behind the tables."""
    mine, other = found.state_dict(), wanted.state_dict()
    layers = {f"{name}.linear.weight": norm.linear for name, norm in norms(found)}
    held = {name: table.layer()[0] for name, table in layers.items()}
    return all(
        torch.equal(held[name] if name in held else mine[name], each)
        for name, each in other.items()
        if name in held or name in mine
    )


@pytest.mark.parametrize("layout", sorted(TRANSFORMER))
def test_every_layout_gives_the_same_network(
    bundle: Path, tmp_path: Path, network: Network, layout: str
):
    save_file(theirs(network, TRANSFORMER[layout]), tmp_path / "w.safetensors")
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    assert same(read_network(tmp_path / "w.safetensors", torch.float32), network)


def test_a_copy_in_eight_bits_is_widened(
    bundle: Path, tmp_path: Path, network: Network
):
    narrow = theirs(network, TRANSFORMER["original"])
    narrow = {name: each.to(torch.float8_e4m3fn) for name, each in narrow.items()}
    save_file(narrow, tmp_path / "w.safetensors")
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    found = read_network(tmp_path / "w.safetensors", torch.float32)
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
    assert same(read_network(tmp_path, torch.float32), network)


def test_layers_behind_tables_are_read_again_from_their_file(bundle: Path):
    folder = bundle / "transformer"
    held = read_network(folder, torch.float32)
    again = read_network(folder, torch.float32, holds_layers=False)
    assert sum(p.numel() for p in again.parameters()) > 0
    for (name, one), (_, two) in zip(norms(held), norms(again), strict=True):
        for first, second in zip(one.linear.layer(), two.linear.layer(), strict=True):
            assert torch.equal(first, second), name


def test_a_layer_that_is_missing_is_named_though_it_is_read_later(
    bundle: Path, tmp_path: Path
):
    file = "diffusion_pytorch_model.safetensors"
    tensors = load_file(bundle / "transformer" / file)
    del tensors["inner_model.final_layer.adaLN_modulation.1.bias"]
    save_file(tensors, tmp_path / file)
    config = (bundle / "transformer" / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    for holds in (True, False):
        with pytest.raises(BrokenModel, match=r"1 missing: final_layer\.adaLN"):
            read_network(tmp_path, torch.float32, holds_layers=holds)
