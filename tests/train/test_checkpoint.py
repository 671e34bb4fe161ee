"""A run on disk."""

from pathlib import Path

import pytest
import torch

from pellucid.core.errors import SettingsError
from pellucid.train import checkpoint
from pellucid.train.checkpoint import Checkpoint


def test_what_is_written_is_read(tmp_path: Path):
    tensors = {"nets.a": torch.rand(2, 3), "optimizer.0.step": torch.tensor(4.0)}
    path = tmp_path / "deep" / "c.safetensors"
    checkpoint.write(path, Checkpoint(step=7, tensors=tensors, run={"seed": 1}))
    again = checkpoint.read(path)
    assert again is not None
    assert (again.step, again.run) == (7, {"seed": 1})
    for name, tensor in tensors.items():
        assert torch.equal(again.tensors[name], tensor)


def test_there_may_be_none_yet(tmp_path: Path):
    assert checkpoint.read(tmp_path / "none") is None


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 40, b"\x10\0\0\0\0\0\0\0{}              "]
)
def test_a_damaged_file_is_told(tmp_path: Path, data: bytes):
    path = tmp_path / "c.safetensors"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match=r"c\.safetensors"):
        checkpoint.read(path)


def test_weights_that_do_not_fit_are_told():
    net = torch.nn.Linear(2, 3)
    kept = checkpoint.packed("nets", net)
    checkpoint.unpack("nets", net, kept)
    with pytest.raises(SettingsError, match="bias"):
        checkpoint.unpack("nets", net, {"nets.weight": kept["nets.weight"]})


def test_moments_survive():
    net = torch.nn.Linear(2, 3)
    optimizers = [torch.optim.AdamW(net.parameters()) for _ in range(2)]
    net(torch.ones(1, 2)).sum().backward()
    optimizers[0].step()
    kept = checkpoint.packed_moments("adam", optimizers[0])
    kept["muon.0.mean"] = kept["adam.1.exp_avg"]  # of another one
    checkpoint.unpack_moments("adam", optimizers[1], kept)
    one, two = (each.state_dict()["state"] for each in optimizers)
    assert torch.equal(one[0]["exp_avg"], two[0]["exp_avg"])
    assert two[0]["step"] == 1
