"""The shape of a network is read from its weights."""

import subprocess
import sys
from pathlib import Path

import pytest
from bundles import SHAPE

from pellucid.core.errors import BrokenModel
from pellucid.restore.models.realrestorer.network import Found, Network, Shape


def test_a_bundle_says_what_it_is(bundle: Path):
    assert Found.at(bundle / "transformer").shape == SHAPE


def test_the_first_version_is_known_by_its_scale():
    first = Network(Shape(version="v1.0", double=1, single=1)).state_dict()
    assert "connector.scale_factor" in first


def test_something_else_is_no_network(bundle: Path, tmp_path: Path):
    with pytest.raises(BrokenModel, match="no weights of RealRestorer"):
        Found.at(bundle / "vae")


def test_a_config_that_is_broken_is_named(bundle: Path, tmp_path: Path):
    file = "diffusion_pytorch_model.safetensors"
    (tmp_path / file).write_bytes((bundle / "transformer" / file).read_bytes())
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BrokenModel, match=r"config\.json: It cannot be read"):
        Found.at(tmp_path)


def test_what_is_imported_on_the_way_is_not_on_the_meta_device():
    """In a fresh process: here everything has been imported already."""
    code = (
        "import pellucid.restore.models.realrestorer.network as ours;"
        "ours.Network(ours.Shape(double=1, single=1));"
        "from diffusers.hooks.mag_cache import FLUX_MAG_RATIOS;"
        "print(FLUX_MAG_RATIOS.device)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "cpu", done.stderr
