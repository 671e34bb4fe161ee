"""The full key lists, on the meta device: nothing is held in memory."""

from typing import Any

import pytest
import torch

from pellucid.nets.connector import Qwen2Connector
from pellucid.weights.step1x import TELLING, TRANSFORMER

diffusers: Any = pytest.importorskip("diffusers")

PARAMETERS = {"v1.0": 12_427_800_385, "v1.1": 12_427_800_384}
TENSORS = {"v1.0": 817, "v1.1": 816}


def real(version: str) -> torch.nn.Module:
    with torch.device("meta"):
        transformer = diffusers.FluxTransformer2DModel(
            patch_size=1, in_channels=64, guidance_embeds=False
        )
        connector = Qwen2Connector(is_scaled=version == "v1.0")
    return torch.nn.ModuleDict({"transformer": transformer, "connector": connector})


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_the_real_network_has_as_many_numbers_as_was_published(version: str):
    net = real(version)
    assert sum(each.numel() for each in net.parameters()) == PARAMETERS[version]
    assert len(TRANSFORMER["original"].theirs(net.state_dict())) == TENSORS[version]


@pytest.mark.parametrize("layout", sorted(TRANSFORMER))
@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_every_name_of_a_layout_is_one_of_ours_and_back(version: str, layout: str):
    ours = set(real(version).state_dict())
    rules = TRANSFORMER[layout].theirs(ours)
    seen: list[str] = []
    for name in rules:
        found = TRANSFORMER[layout].find(name)
        assert found is not None
        assert found == rules[name]
        seen += found.ours
    assert sorted(seen) == sorted(ours)


def test_names_that_were_published():
    ours = real("v1.1").state_dict()
    theirs = TRANSFORMER["original"].theirs(ours)
    assert "double_blocks.18.img_attn.qkv.weight" in theirs
    assert "single_blocks.37.linear1.bias" in theirs
    assert theirs["single_blocks.37.linear1.bias"].ours[-1].endswith("proj_mlp.bias")
    assert theirs["final_layer.adaLN_modulation.1.weight"].is_swapped
    converted = TRANSFORMER["diffusers"].theirs(ours)
    assert "vec_embed.in_layer.weight" in converted
    linear = TRANSFORMER["diffusers, linear"].theirs(ours)
    assert {"vec_embed.linear_2.bias", "time_embed.linear_1.weight"} <= set(linear)
    assert not converted["norm_out.linear.weight"].is_swapped


@pytest.mark.parametrize(("name", "layout"), TELLING.items())
def test_a_name_tells_the_layout(name: str, layout: str):
    ours = real("v1.1").state_dict()
    having = [each for each, rules in TRANSFORMER.items() if name in rules.theirs(ours)]
    assert having == [layout]
