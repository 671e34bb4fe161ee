"""Where weights lie."""

from pathlib import Path

import pytest

from pellucid.weights.home import home


def test_a_variable_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PELLUCID_MODELS", str(tmp_path))
    assert home("realrestorer") == tmp_path / "realrestorer"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_else_it_is_a_folder_of_this_user(
    monkeypatch: pytest.MonkeyPatch, platform: str
):
    monkeypatch.delenv("PELLUCID_MODELS", raising=False)
    monkeypatch.setattr("sys.platform", platform)
    found = home("realrestorer")
    assert found.is_absolute()
    assert found.parts[-3:] == ("pellucid", "models", "realrestorer")
