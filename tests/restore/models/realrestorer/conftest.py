"""A tiny bundle, written once."""

from pathlib import Path

import pytest
import torch
from bundles import SHAPE, random_network, write_bundle

from pellucid.restore.models.realrestorer.network import Network

pytest.importorskip("diffusers")
pytest.importorskip("transformers")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("models") / "realrestorer")


@pytest.fixture
def network() -> Network:
    return random_network(SHAPE, torch.Generator().manual_seed(7))
