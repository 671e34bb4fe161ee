"""Where the parts lie."""

from pathlib import Path

import pytest

from pellucid.core.errors import MissingModel
from pellucid.restore.models.realrestorer.places import Places


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_bundle(bundle: Path):
    places = Places.find(bundle)
    assert places.transformer == bundle / "transformer"
    assert places.processor == bundle / "processor"


def test_a_release_of_step1x_edit(tmp_path: Path):
    qwen = tmp_path / "Qwen2.5-VL-7B-Instruct"
    single = tmp_path / "step1x-edit-v1p1-official.safetensors"
    touch(single, tmp_path / "vae.safetensors", qwen / "tokenizer.json")
    for named in (tmp_path, single):
        places = Places.find(named)
        assert places.transformer == single
        assert places.autoencoder == tmp_path / "vae.safetensors"
        assert places.encoder == places.processor == qwen


def test_shards_beside_flux(tmp_path: Path):
    qwen = tmp_path / "qwen25vl-7b-instruct"
    flux = tmp_path / "FLUX.1-dev" / "ae.safetensors"
    touch(tmp_path / "TP0.safetensors", flux, qwen / "tokenizer.json")
    places = Places.find(tmp_path)
    assert places.transformer == tmp_path
    assert places.autoencoder == flux


def test_what_is_missing_is_named_and_where_it_was_sought(tmp_path: Path):
    touch(tmp_path / "transformer" / "a.safetensors")
    with pytest.raises(MissingModel, match=r"autoencoder is not there \(sought: vae"):
        Places.find(tmp_path)
