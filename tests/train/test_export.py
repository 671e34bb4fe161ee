"""Networks as ONNX files give what the networks gave."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from pellucid.nets.diagnoser import KINDS
from pellucid.train.compact import Both, unlearned
from pellucid.train.export import export
from pellucid.train.settings import Run

pytest.importorskip("onnxscript")


def test_the_files_say_what_the_networks_say(run: Run, home: Path, tmp_path: Path):
    torch.manual_seed(0)
    nets = Both()
    for parameter in nets.parameters():
        is_mixed = parameter.ndim == 5  # many of them are added up
        torch.nn.init.normal_(parameter, std=0.005 if is_mixed else 0.02)
    batches = [drawing.draw() for drawing in unlearned(run, home, 3)]
    files = export(nets, batches, tmp_path)
    assert all(
        str(tmp_path).encode() not in each.read_bytes() for each in files.values()
    )
    x, condition = torch.rand(1, 3, 64, 80), torch.rand(1, 38)
    with torch.no_grad():
        wanted = nets.restorer(x, condition).numpy()
    inputs = {"picture": x.numpy(), "condition": condition.numpy()}
    found = said(files["restorer"], inputs)
    np.testing.assert_allclose(found[0], wanted, atol=1e-3)
    rough = said(files["restorer-int8"], inputs)
    moved = np.abs(wanted - x.numpy()).mean()
    assert 0 < np.abs(rough[0] - wanted).mean() < 0.1 * moved
    whole, patches = torch.rand(1, 3, 128, 128), torch.rand(1, 4, 3, 96, 96)
    with torch.no_grad():
        logits, severity, _ = nets.diagnoser(whole, patches)
    inputs = {"thumbnail": whole.numpy(), "patches": patches.numpy()}
    found = said(files["diagnoser"], inputs)
    assert found[0].shape == logits.shape == (1, len(KINDS))
    assert ((found[0] > 0) & (found[0] < 1)).all()
    np.testing.assert_allclose(found[1], severity.numpy(), atol=1e-3)


def said(path: Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    session: Any = onnxruntime.InferenceSession(path)
    return session.run(None, inputs)
