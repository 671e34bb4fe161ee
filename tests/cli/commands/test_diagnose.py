"""The command `diagnose`, with a tiny diagnoser."""

from __future__ import annotations

import json
from pathlib import Path

import lamp
import pytest
from lamp import draw

from pellucid.core.errors import MissingModel
from pellucid.core.image import Image
from pellucid.core.records import Diagnosis
from pellucid.restore import diagnose


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


def test_what_is_wrong_is_a_table(tmp_path: Path, run):
    dark = draw(tmp_path / "dark.png")
    outcome = run("diagnose", dark)
    assert (outcome.code, outcome.err) == (0, "")
    name, row = outcome.out.splitlines()
    assert name == str(dark)
    words = row.split()
    assert words[:4] == ["low_light", "90%", "likely", "severity"]
    assert words[5:] == ["confidence", "0.90"]


def test_a_clean_photograph_has_nothing_to_repair(tmp_path: Path, run):
    clean = draw(tmp_path / "clean.png", light=256)
    assert run("diagnose", clean).out == f"{clean}: nothing to repair\n"


def test_json_holds_all_that_was_looked_for(tmp_path: Path, run):
    clean = draw(tmp_path / "in" / "clean.png", light=256)
    facts = json.loads(run("diagnose", clean, "--json").out)
    assert facts["nothing_to_repair"] is True
    assert facts["findings"][0]["kind"] == "low_light"
    draw(tmp_path / "in" / "dark.png")
    several = json.loads(run("diagnose", tmp_path / "in", "--json").out)
    assert [each["nothing_to_repair"] for each in several] == [True, False]


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path, run):
    draw(tmp_path / "in" / "dark.png")
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    outcome = run("diagnose", tmp_path / "in")
    assert outcome.code == 1
    assert "dark.png" in outcome.out
    assert "bad.png" in outcome.err


def test_a_path_that_is_not_there_and_a_large_picture_are_refused(tmp_path: Path, run):
    assert run("diagnose", tmp_path / "gone.png").code == 2
    large = run("diagnose", draw(tmp_path / "a.png"), "--max-pixels", "0.00001")
    assert (large.code, "--max-pixels" in large.err) == (1, True)


def test_missing_weights_end_with_three(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
):
    def blind(image: Image) -> Diagnosis:
        raise MissingModel("The weights are not there.", "Install pellucid again.")

    monkeypatch.setattr(diagnose, "diagnose", blind)
    for key in ("in/a.png", "in/b.png"):
        draw(tmp_path / key)
    outcome = run("diagnose", tmp_path / "in")
    assert (outcome.code, outcome.err.count("weights")) == (3, 1)
