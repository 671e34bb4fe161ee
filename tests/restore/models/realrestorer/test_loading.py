"""The whole model, from its files."""

import shutil
from pathlib import Path

import pytest
import torch

from pellucid.core.errors import (
    BrokenModel,
    EnvironmentFailure,
    MissingModel,
    SettingsError,
    UnknownName,
)
from pellucid.core.records import LoadOptions
from pellucid.restore.models.realrestorer.loading import load
from pellucid.restore.models.realrestorer.ratios import write_ratios
from pellucid.restore.plan import Machine


def test_all_parts_are_there_and_their_files_are_known(bundle: Path):
    residence, checksums = load(bundle, LoadOptions())
    assert residence.device == torch.device("cpu")
    assert sorted(checksums) == [
        "transformer/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    ]
    assert all(len(each) == 64 for each in checksums.values())


def test_other_types_are_understood_or_refused(bundle: Path):
    residence, _ = load(bundle, LoadOptions(dtype="bfloat16"))
    assert residence.dtype == "bfloat16"
    connector = residence.parts.network.get().connector
    assert connector.global_proj_out.weight.dtype == torch.bfloat16
    assert next(residence.parts.autoencoder.net.parameters()).dtype == torch.float32
    with pytest.raises(SettingsError, match="does not compute in int8"):
        load(bundle, LoadOptions(dtype="int8"))


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "processor"])
def test_a_part_that_is_missing_is_named(bundle: Path, tmp_path: Path, part: str):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    shutil.rmtree(copy / part)
    with pytest.raises(MissingModel) as caught:
        load(copy, LoadOptions())
    assert "is not there" in str(caught.value)
    assert "--weights FOLDER" in caught.value.hint


@pytest.mark.parametrize("part", ["transformer", "vae"])
def test_a_file_that_was_cut_is_named(bundle: Path, tmp_path: Path, part: str):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    file = copy / part / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(BrokenModel, match="damaged"):
        load(copy, LoadOptions())


def test_a_tensor_that_is_missing_is_named(bundle: Path, tmp_path: Path):
    from safetensors.torch import load_file, save_file

    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    file = copy / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    del tensors["inner_model.single_blocks.1.linear2.bias"]
    save_file(tensors, file)
    with pytest.raises(
        BrokenModel, match=r"1 missing: single_blocks\.1\.linear2\.bias"
    ):
        load(copy, LoadOptions())


def test_a_machine_with_too_little_memory_is_told_before_anything_is_read(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
):
    def tiny() -> Machine:
        return Machine(host_gib=0.5, cores=2)

    monkeypatch.setattr(Machine, "here", tiny)
    with pytest.raises(EnvironmentFailure, match=r"the machine has 0\.5 GiB free"):
        load(bundle, LoadOptions())
    assert load(bundle, LoadOptions(memory="cpu"))[0].way.name == "cpu"
    with pytest.raises(UnknownName, match="no way `turnz`"):
        load(bundle, LoadOptions(memory="turnz"))


@pytest.mark.parametrize("name", ["resident", "nf4"])
def test_a_way_for_a_graphics_card_is_refused_without_one(bundle: Path, name: str):
    with pytest.raises(EnvironmentFailure, match=f"`--memory {name}`") as caught:
        load(bundle, LoadOptions(memory=name, device="cpu"))
    assert caught.value.hint == "Choose one of cpu."


def test_what_was_measured_of_the_weights_is_one_of_their_files(
    bundle: Path, tmp_path: Path
):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    write_ratios(copy, [[1.0, 0.9]])
    _, checksums = load(copy, LoadOptions())
    assert "mag_ratios.json" in checksums


def test_no_folder_at_all(tmp_path: Path):
    with pytest.raises(MissingModel, match="not there"):
        load(tmp_path / "nowhere", LoadOptions())
