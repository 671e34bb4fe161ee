"""Tensors in files, whole and broken."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from pellucid.core.errors import BrokenModel, InputMissing
from pellucid.weights.stored import Stored


def test_shards_are_found_by_their_index(tmp_path: Path):
    save_file({"a": torch.ones(2)}, tmp_path / "w-1-of-2.safetensors")
    save_file({"b": torch.zeros(3)}, tmp_path / "w-2-of-2.safetensors")
    shards = {"a": "w-1-of-2.safetensors", "b": "w-2-of-2.safetensors"}
    index = tmp_path / "w.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": shards}))
    stored = Stored.open(tmp_path)
    assert set(stored) == {"a", "b"}
    assert torch.equal(stored.tensor("b", [3]), torch.zeros(3))
    (tmp_path / "w-2-of-2.safetensors").unlink()
    with pytest.raises(BrokenModel, match=r"Missing of 2 files: w-2-of-2\.safetensors"):
        Stored.open(tmp_path)


def test_what_frameworks_put_before_names_is_taken_away(tmp_path: Path):
    names = {"inner_model.a": torch.ones(1), "module.model.b": torch.ones(1)}
    save_file(names, tmp_path / "w.safetensors")
    assert set(Stored.open(tmp_path)) == {"a", "b"}


def test_parts_of_a_tensor_are_put_together_along_the_axis_that_fits(tmp_path: Path):
    whole = torch.arange(12.0).reshape(4, 3)
    wide = torch.arange(8.0).reshape(2, 4)
    first = {"rows": whole[:2], "columns": wide[:, :2], "copy": torch.ones(2)}
    second = {"rows": whole[2:], "columns": wide[:, 2:], "copy": torch.ones(2)}
    for place, part in enumerate((first, second)):
        part = {name: each.contiguous() for name, each in part.items()}
        save_file(part, tmp_path / f"TP{place}.safetensors")
    stored = Stored.open(tmp_path)
    assert torch.equal(stored.tensor("rows", [4, 3]), whole)
    assert torch.equal(stored.tensor("columns", [2, 4]), wide)
    assert torch.equal(stored.tensor("copy", [2]), torch.ones(2))
    with pytest.raises(BrokenModel, match=r"\[2, 3\], \[2, 3\], do not make \[5, 3\]"):
        stored.tensor("rows", [5, 3])


def test_copies_that_differ_are_an_error(tmp_path: Path):
    for place in range(2):
        save_file({"a": torch.full((2,), place)}, tmp_path / f"TP{place}.safetensors")
    with pytest.raises(BrokenModel, match="different copies of a"):
        Stored.open(tmp_path).tensor("a", [2])


@pytest.mark.parametrize("key", ["model", "state_dict", ""])
def test_files_of_pytorch_may_be_nested(tmp_path: Path, key: str):
    tensors = {"a": torch.ones(2)}
    torch.save({key: tensors} if key else tensors, tmp_path / "w.pt")
    torch.save({"moment": torch.ones(1)}, tmp_path / "w_OPT.pt")
    stored = Stored.open(tmp_path)
    assert set(stored) == {"a"}
    assert torch.equal(stored.tensor("a", [2]), torch.ones(2))


def test_weights_in_few_bits_are_widened(tmp_path: Path):
    gguf: Any = pytest.importorskip("gguf")
    whole = torch.linspace(-1, 1, 4 * 64).reshape(4, 64)
    writer = gguf.GGUFWriter(tmp_path / "w.gguf", "flux")
    kind = gguf.GGMLQuantizationType.Q8_0
    narrow = gguf.quantize(whole.numpy(), kind)
    writer.add_tensor("a.weight", narrow, raw_dtype=kind)
    writer.add_tensor("a.bias", whole[0].numpy().copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    stored = Stored.open(tmp_path)
    assert set(stored) == {"a.weight", "a.bias"}
    torch.testing.assert_close(
        stored.tensor("a.weight", [4, 64]), whole, atol=0.01, rtol=0
    )
    assert torch.equal(stored.tensor("a.bias", [64]), whole[0])
    (tmp_path / "w.gguf").write_bytes(b"GGUF but not really")
    with pytest.raises(BrokenModel, match="no GGUF"):
        Stored.open(tmp_path)


class Thing:
    """What no file of weights may hold."""


def test_nothing_in_a_file_is_run(tmp_path: Path):
    torch.save({"a": Thing()}, tmp_path / "w.pt")
    with pytest.raises(BrokenModel, match="more than tensors"):
        Stored.open(tmp_path)


def test_a_file_that_is_cut_short(tmp_path: Path):
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.ones(100)}, path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BrokenModel, match="damaged"):
        Stored.open(path)


def test_nothing_there(tmp_path: Path):
    with pytest.raises(InputMissing, match="There are no weights"):
        Stored.open(tmp_path / "nowhere")
    with pytest.raises(BrokenModel, match="no weights in this folder"):
        Stored.open(tmp_path)
    (tmp_path / "w.safetensors.index.json").write_text("[]")
    with pytest.raises(BrokenModel, match="no index"):
        Stored.open(tmp_path)
