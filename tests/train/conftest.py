"""A run so small that a test can afford it."""

from pathlib import Path

import pytest
from small_runs import make_run

from pellucid.core.settings import load
from pellucid.train.settings import Run


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe, what it names, and six photographs in a shard."""
    return make_run(tmp_path_factory.mktemp("home")).parent


@pytest.fixture
def run(home: Path) -> Run:
    return load(Run, home / "run.toml")
