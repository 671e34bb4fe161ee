"""What the command line says becomes a run."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from pellucid.cli import training
from pellucid.core.errors import MissingDependency


def test_without_torch_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        training, "find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    with pytest.raises(MissingDependency, match="torch") as caught:
        training.run(tmp_path, tmp_path, "cpu", None, None, [], as_json=False)
    assert "pellucid[train]" in caught.value.hint
