"""Networks in files."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pellucid.core.errors import EnvironmentFailure, MissingModel, SettingsError
from pellucid.restore.diagnose import WEIGHTS, weights_folder
from pellucid.restore.sessions import Session, runtime_for

LOOKS = {
    "thumbnail": np.zeros((1, 3, 128, 128), np.float32),
    "patches": np.zeros((1, 4, 3, 96, 96), np.float32),
}


def test_a_network_says_the_same_again_with_any_number_of_threads():
    one, two = (Session.open(weights_folder() / WEIGHTS, each) for each in (1, 2))
    for a, b, c in zip(
        one.run(**LOOKS), one.run(**LOOKS), two.run(**LOOKS), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(a, c, atol=1e-5)
    assert one.sha256 == two.sha256
    assert len(one.sha256) == 64


def test_a_file_that_is_not_there_is_a_missing_model(tmp_path: Path):
    with pytest.raises(MissingModel, match=r"no\.onnx"):
        Session.open(tmp_path / "no.onnx")


def test_a_file_that_is_no_network_is_told(tmp_path: Path):
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(EnvironmentFailure, match=r"bad\.onnx"):
        Session.open(tmp_path / "bad.onnx")


def test_a_wrong_input_is_told():
    with pytest.raises(EnvironmentFailure, match="could not be run"):
        Session.open(weights_folder() / WEIGHTS).run(wrong=np.zeros(1, np.float32))


def test_openvino_says_the_same():
    pytest.importorskip("openvino")
    one = Session.open(weights_folder() / WEIGHTS, 1)
    two = Session.open(weights_folder() / WEIGHTS, 1, "openvino")
    for a, b in zip(one.run(**LOOKS), two.run(**LOOKS), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_the_runtime_is_chosen_by_what_is_there():
    assert runtime_for("cpu", "int8") == "onnxruntime"
    assert runtime_for("openvino", "float32") == "openvino"
    assert runtime_for("auto", "float32") == "onnxruntime"
    there = "openvino" if find_spec("openvino") else "onnxruntime"
    assert runtime_for("auto", "int8") == there
    with pytest.raises(SettingsError, match="cuda"):
        runtime_for("cuda", "float32")
