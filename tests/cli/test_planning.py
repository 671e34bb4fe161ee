"""The command `plan`."""

import json
from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.main import main
from pellucid.core.files import write
from pellucid.core.image import Image


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.png"
    write(Image(np.full((48, 64, 3), 0.5, np.float32)), path)
    return str(path)


def test_every_way_is_listed(photo: str, capsys: pytest.CaptureFixture[str]):
    assert main(["plan", photo]) == 0
    said = capsys.readouterr().out
    assert said.startswith("realrestorer, 64 x 48, ")
    assert "estimates" in said
    for name in ("resident", "streamed", "int8", "nf4", "split", "cpu"):
        assert name in said


def test_json_says_all_of_it(photo: str, capsys: pytest.CaptureFixture[str]):
    assert main(["plan", photo, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["width"], told["height"]) == (64, 48)
    assert {way["name"] for way in told["ways"]} >= {"resident", "cpu"}
    assert told["machine"]["cores"] >= 1


def test_the_disk_is_looked_at_too(
    photo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("PELLUCID_MODELS", str(tmp_path / "models"))
    assert main(["plan", photo]) == 0
    folder = tmp_path / "models" / "realrestorer"
    assert f"41.8 GB of files in {folder}: not here" in capsys.readouterr().out
    folder.mkdir(parents=True)
    assert main(["plan", photo, "--json"]) == 0
    disk = json.loads(capsys.readouterr().out)["disk"]
    assert (disk["folder"], disk["is_here"]) == (str(folder), True)
    assert disk["free_gigabytes"] > 0.0


def test_a_small_model_needs_no_plan(photo: str, capsys: pytest.CaptureFixture[str]):
    assert main(["plan", photo, "--model", "compact"]) == 2
    assert "needs no plan" in capsys.readouterr().err


def test_a_photo_that_is_not_there(tmp_path: Path):
    assert main(["plan", str(tmp_path / "gone.jpg")]) == 2
