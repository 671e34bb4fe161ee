"""The command `gate`."""

import json
from pathlib import Path

import lamp
import pytest

from pellucid.cli.main import main

pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    return str(lamp.draw(tmp_path / "photo.png"))


def run(photo: str, *more: str) -> int:
    return main(["gate", photo, "--model", "hurried", "-t", "low-light", *more])


def test_all_speed_ups_are_measured_and_no_picture_is_written(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    before = sorted(tmp_path.rglob("*"))
    assert run(photo, "--memory", "few-bits") == 0
    said = capsys.readouterr()
    assert said.out.startswith("hurried, 1 photograph; ")
    for name in ("exact", "sloppy", "close", "few-bits", "It does not work here."):
        assert name in said.out
    assert "measuring: sloppy" in said.err
    assert sorted(tmp_path.rglob("*")) == before


def test_json_says_all_of_it(photo: str, capsys: pytest.CaptureFixture[str]):
    assert run(photo, "--speed-up", "sloppy", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == ["exact", "other rounding", "sloppy"]
    assert rows[2]["verdict"] == "close"
    assert 40.0 < rows[2]["psnr"] < 50.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--speed-up", "slopy"), "sloppy"),
        (("-t", "dehaze"), "does not know the task `dehaze`"),
        (("--model", "lamp"), "has no speed-ups"),
    ],
)
def test_a_mistake_is_heard_before_anything_is_loaded(
    photo: str, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
):
    assert run(photo, *more) == 2
    assert said in capsys.readouterr().err
