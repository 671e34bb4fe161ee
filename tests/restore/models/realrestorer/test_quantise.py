"""Fewer bits: how far from the whole, how much smaller, and where they do not go."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from bundles import SHAPE, random_network
from torch import Tensor

from pellucid.core.errors import EnvironmentFailure, MissingDependency
from pellucid.restore.models.realrestorer import quantise as ours
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.quantise import quantise, require

pytest.importorskip("torchao")

CPU = torch.device("cpu")
WIDE = replace(SHAPE, head=64, axes=(8, 28, 28))


@pytest.fixture
def wide() -> Network:
    return random_network(WIDE, torch.Generator().manual_seed(3))


def answer(network: Network) -> Tensor:
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        return network.transformer(
            hidden_states=torch.randn(1, 6, 64, generator=generator),
            encoder_hidden_states=torch.randn(1, 4, WIDE.text, generator=generator),
            pooled_projections=torch.randn(1, 768, generator=generator),
            timestep=torch.tensor([0.5]),
            img_ids=torch.zeros(6, 3),
            txt_ids=torch.zeros(4, 3),
            return_dict=False,
        )[0]


def stored(weight: Any) -> int:
    """Bytes of a weight, with its scales."""
    names, _ = weight.__tensor_flatten__()
    return sum(getattr(weight, name).nbytes for name in names)


@pytest.mark.parametrize(
    ("name", "bytes_each", "distance"), [("int8", 1.05, 0.03), ("nf4", 0.55, 0.3)]
)
def test_a_weight_is_smaller_and_the_answer_nearly_the_same(
    wide: Network, name: str, bytes_each: float, distance: float
):
    before = answer(wide)
    quantise(wide.transformer, name, CPU)
    weight = wide.transformer.single_transformer_blocks[0].proj_mlp.weight
    assert stored(weight) / weight.numel() < bytes_each
    wide.transformer.to(CPU)
    assert stored(weight) / weight.numel() < bytes_each
    after = answer(wide)
    assert 0.0 < (after - before).norm() / before.norm() < distance


def test_what_is_no_block_stays_as_it_is(wide: Network):
    quantise(wide.transformer, "int8", CPU)
    assert type(wide.transformer.x_embedder.weight) is torch.nn.Parameter
    assert type(wide.transformer.proj_out.weight) is torch.nn.Parameter


def test_a_card_that_does_not_multiply_such_numbers_is_told_of_another_way(
    monkeypatch: pytest.MonkeyPatch,
):
    card = torch.device("cuda:0")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda at: (8, 6))
    with pytest.raises(EnvironmentFailure, match=r"capability 8\.9") as caught:
        require("fp8", card)
    assert "--memory int8" in caught.value.hint
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda at: (9, 0))
    require("fp8", card)


def test_without_torchao_only_the_ways_that_need_it_are_refused(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ours, "find_spec", lambda name: None)
    require("streamed", CPU)
    with pytest.raises(MissingDependency, match="torchao"):
        require("nf4", CPU)
