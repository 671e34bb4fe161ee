"""The command `models`."""

import json
from pathlib import Path
from typing import Any

import pytest

from pellucid.cli.main import main
from pellucid.weights import fetch


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PELLUCID_MODELS", str(tmp_path))
    return tmp_path


def test_what_can_be_fetched_is_listed_with_its_licence(
    capsys: pytest.CaptureFixture[str],
):
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("realrestorer")
    assert "non-commercial" in " ".join(said.split())
    assert main(["models", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["is_here"] is False


def test_the_terms_are_shown_before_anything_comes(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    called: list[Path] = []

    def pulled(entry: Any, folder: Path, hub: Any, tell: Any) -> str:
        assert "Licence: non-commercial" in capsys.readouterr().err
        called.append(folder)
        tell("vae/w.safetensors", 0, 1)
        return "c0ffee00c0ffee00"

    monkeypatch.setattr(fetch, "pull", pulled)
    assert main(["models", "pull", "realrestorer", "--yes"]) == 0
    assert called == [models / "realrestorer"]
    said = capsys.readouterr()
    assert "commit c0ffee00c0ff" in said.out
    assert "1 of 1: vae/w.safetensors" in said.err


def test_without_an_answer_nothing_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", None)
    assert main(["models", "pull", "realrestorer"]) == 2
    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["pull"], ["pull", "realrestorr"], ["push"]])
def test_a_mistake_is_heard(words: list[str]):
    assert main(["models", *words]) == 2
