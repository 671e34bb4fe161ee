"""Weights in exported networks."""

from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import helper, numpy_helper, save

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.train.shipped import weights_in


def network(path: Path, name: str, values: np.ndarray) -> None:
    tensor = numpy_helper.from_array(values, name)
    save(helper.make_model(helper.make_graph([], "net", [], [], [tensor])), path)


def test_names_are_those_of_both_nets_and_half_weights_become_whole(tmp_path: Path):
    network(tmp_path / "restorer.onnx", "head.weight.half", np.full(3, 0.5, np.float16))
    network(tmp_path / "diagnoser.onnx", "diagnoser.code.bias", np.ones(2, np.float32))
    found = weights_in(tmp_path)
    assert set(found) == {"restorer.head.weight", "diagnoser.code.bias"}
    assert all(tensor.dtype == torch.float32 for tensor in found.values())
    assert found["restorer.head.weight"].tolist() == [0.5, 0.5, 0.5]


def test_what_is_not_there_or_no_network_is_told(tmp_path: Path):
    with pytest.raises(InputMissing, match=r"restorer\.onnx"):
        weights_in(tmp_path)
    (tmp_path / "restorer.onnx").write_bytes(b"nothing")
    with pytest.raises(SettingsError, match="no network"):
        weights_in(tmp_path)
