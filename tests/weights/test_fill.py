"""Every tensor finds its place, or an error names it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pellucid.core.errors import BrokenModel
from pellucid.weights.fill import fill, read
from pellucid.weights.names import Layout, Rule, with_weight_and_bias
from pellucid.weights.stored import Stored

LAYOUT = Layout(with_weight_and_bias([Rule("both", ("one", "two"), (1, 1))]))


def net() -> torch.nn.Module:
    with torch.device("meta"):
        parts = {"one": torch.nn.Linear(3, 2), "two": torch.nn.Conv2d(3, 2, 1)}
        return torch.nn.ModuleDict(parts)


def stored(folder: Path, **changed: torch.Tensor) -> Stored:
    tensors = {
        "both.weight": torch.arange(12.0).reshape(4, 3),
        "both.bias": torch.ones(4),
    }
    save_file(tensors | changed, folder / "w.safetensors")
    return Stored.open(folder)


def test_parts_find_their_places_and_shapes(tmp_path: Path):
    found = net()
    fill(found, stored(tmp_path), LAYOUT, torch.bfloat16)
    weights = found.state_dict()
    assert weights["two.weight"].shape == (2, 3, 1, 1)
    assert weights["two.weight"].flatten().tolist() == [6, 7, 8, 9, 10, 11]
    assert {each.dtype for each in weights.values()} == {torch.bfloat16}
    assert not any(each.requires_grad for each in found.parameters())


def test_what_is_missing_and_what_is_left_over_is_named(tmp_path: Path):
    path = tmp_path / "w.safetensors"
    save_file({"both.weight": torch.ones(4, 3), "strange": torch.ones(1)}, path)
    wanted = r"1 missing: both\.bias\. 1 left over: strange\."
    with pytest.raises(BrokenModel, match=wanted):
        fill(net(), Stored.open(path), LAYOUT, torch.float32)


def test_what_may_be_left_over_is_no_error(tmp_path: Path):
    files = stored(tmp_path, strange=torch.ones(1))
    fill(net(), files, LAYOUT, torch.float32, ignored={"strange"})


def test_another_shape_is_named(tmp_path: Path):
    files = stored(tmp_path, **{"both.bias": torch.ones(6)})
    with pytest.raises(BrokenModel, match=r"both\.bias is \[6\], where \[2\] \+ \[2\]"):
        fill(net(), files, LAYOUT, torch.float32)


def test_what_is_read_later_is_asked_for_now(tmp_path: Path):
    layout = Layout((*LAYOUT.rules, Rule("late", ("ours",))))
    with pytest.raises(BrokenModel, match="1 missing: late"):
        fill(net(), stored(tmp_path), layout, torch.float32, later=["ours"])
    files = stored(tmp_path, late=torch.arange(3.0))
    fill(net(), files, layout, torch.float32, later=["ours"])
    found = read(files, layout, "ours", [3], torch.bfloat16)
    assert found.tolist() == [0, 1, 2]
    assert found.dtype == torch.bfloat16
    with pytest.raises(BrokenModel, match=r"late is \[3\], where \[4\]"):
        read(files, layout, "ours", [4], torch.float32)
