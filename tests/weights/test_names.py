"""Layouts as data."""

import pytest
import torch

from pellucid.weights.names import Layout, Rule, with_weight_and_bias

LAYOUT = Layout(
    with_weight_and_bias(
        (
            Rule("blocks.{i}.qkv", ("layers.{i}.q", "layers.{i}.k"), (1, 1)),
            Rule("last", ("out",), is_swapped=True),
        )
    )
)


def test_a_tensor_comes_apart_and_together_again():
    rule = LAYOUT.find("blocks.12.qkv.weight")
    assert rule is not None
    assert rule.ours == ("layers.12.q.weight", "layers.12.k.weight")
    tensor = torch.arange(12.0).reshape(4, 3)
    first, second = rule.apart(tensor)
    assert torch.equal(first, tensor[:2])
    assert torch.equal(rule.together([first, second]), tensor)


def test_halves_change_places_and_back():
    rule = LAYOUT.find("last.bias")
    assert rule is not None
    (found,) = rule.apart(torch.tensor([1.0, 2, 3, 4]))
    assert found.tolist() == [3, 4, 1, 2]
    assert rule.together([found]).tolist() == [1, 2, 3, 4]


def test_our_names_find_theirs():
    found = LAYOUT.theirs(["layers.3.q.bias", "layers.3.k.bias", "out.weight"])
    assert set(found) == {"blocks.3.qkv.bias", "last.weight"}


def test_a_name_in_no_rule():
    assert LAYOUT.find("blocks.x.qkv.weight") is None
    with pytest.raises(KeyError):
        LAYOUT.theirs(["layers.3.v.bias"])


def test_rows_that_cannot_be_shared_out():
    rule = LAYOUT.find("blocks.0.qkv.bias")
    assert rule is not None
    with pytest.raises(ValueError, match="5 rows"):
        rule.apart(torch.zeros(5))
