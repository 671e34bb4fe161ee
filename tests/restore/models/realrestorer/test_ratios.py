"""What MagCache must know: measured, written, read, and refused where it is broken."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pellucid.core.errors import BrokenModel, EnvironmentFailure, MissingModel
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.engine import Engine, Manner
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.ratios import (
    FILE,
    measure,
    read_ratios,
    write_ratios,
)


def test_one_ratio_for_each_step(
    network: Network, bundle: Path, capsys: pytest.CaptureFixture[str]
):
    engine = Engine(network, Autoencoder.load(bundle / "vae"), torch.device("cpu"))
    pixels = stream(3, "ratios").random((40, 50, 3), dtype=np.float32)
    hidden, mask = torch.randn(2, 20, 64), torch.ones(2, 20)
    found = measure(engine, pixels, hidden, mask, Manner(steps=5))
    assert len(found) == 5
    assert found[0] == 1.0
    assert all(0.5 < each < 2.0 for each in found)
    assert len(set(found)) > 2
    assert capsys.readouterr().out == ""


def test_the_mean_of_several_pictures_comes_back(tmp_path: Path):
    write_ratios(tmp_path, [[1.0, 0.9], [1.0, 0.7]])
    assert read_ratios(tmp_path) == (1.0, 0.8)
    write_ratios(tmp_path, [[1.0, 0.5]])
    assert read_ratios(tmp_path) == (1.0, 0.5)


def test_what_nobody_measured_is_asked_for(tmp_path: Path):
    with pytest.raises(MissingModel, match="measured on the weights") as caught:
        read_ratios(tmp_path)
    assert "pellucid gate" in caught.value.hint


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[]", '["x"]', "7"])
def test_another_file_is_refused(tmp_path: Path, text: str):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(BrokenModel, match="ratios"):
        read_ratios(tmp_path)


def test_a_folder_that_cannot_be_written_to(tmp_path: Path):
    with pytest.raises(EnvironmentFailure, match=FILE):
        write_ratios(tmp_path / "gone", [[1.0]])
