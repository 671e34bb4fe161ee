"""The command `replay`, with a tiny restorer."""

from __future__ import annotations

import json
from pathlib import Path

import lamp
import pytest
from lamp import draw

from pellucid.core.files import read


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return draw(tmp_path / "photo.png")


@pytest.fixture
def receipt(photo: Path, run) -> Path:
    assert run("restore", photo, "--model", "lamp", "--strength", "0.7").code == 0
    return photo.with_name("photo-restored.png.receipt.json")


def test_the_same_pixels_come_again(photo: Path, receipt: Path, run):
    outcome = run("replay", receipt)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{photo} (the same pixels)\n"


def test_the_picture_is_written_where_it_is_asked_for(
    photo: Path, receipt: Path, tmp_path: Path, run
):
    target = tmp_path / "again.png"
    outcome = run("replay", receipt, "-o", target, "--json")
    facts = json.loads(outcome.out)
    assert (facts["same"], facts["output"]) == (True, str(target))
    first = photo.with_name("photo-restored.png")
    assert (read(target).pixels == read(first).pixels).all()
    assert run("replay", receipt, "-o", target).code == 2
    assert run("replay", receipt, "-o", target, "--overwrite").code == 0
    assert run("replay", receipt, "-o", photo, "--overwrite").code == 2


def test_the_photograph_may_lie_elsewhere(
    photo: Path, receipt: Path, tmp_path: Path, run
):
    (tmp_path / "else").mkdir()
    moved = photo.rename(tmp_path / "else" / "moved.png")
    outcome = run("replay", receipt)
    assert (outcome.code, "--input" in outcome.err) == (2, True)
    assert run("replay", receipt, "--input", moved).code == 0


def test_other_pixels_end_with_four_and_say_what_differs(
    receipt: Path, tmp_path: Path, run
):
    facts = json.loads(receipt.read_text())
    facts["versions"]["numpy"] = "0.1"
    facts["request"]["strength"] = 0.3
    receipt.write_text(json.dumps(facts))
    outcome = run("replay", receipt, "--json")
    said = json.loads(outcome.out)
    assert (outcome.code, said["same"]) == (4, False)
    assert "version of numpy was 0.1" in outcome.err
    assert any("strength" in each for each in said["differences"])


def test_another_photograph_ends_with_four(receipt: Path, tmp_path: Path, run):
    other = draw(tmp_path / "other.png", 4)
    outcome = run("replay", receipt, "--input", other)
    assert (outcome.code, "not the photograph" in outcome.err) == (4, True)


def test_what_is_no_receipt_is_refused(photo: Path, tmp_path: Path, run):
    assert run("replay", tmp_path / "gone.json").code == 2
    assert run("replay", photo).code == 2
    (tmp_path / "other.json").write_text("{}")
    assert run("replay", tmp_path / "other.json").code == 2
