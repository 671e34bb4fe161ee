"""The command `compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lamp import draw


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return draw(tmp_path / "a.png", 1), draw(tmp_path / "b.png", 2)


def test_a_page_is_written_and_the_numbers_are_said(tmp_path: Path, pair, run):
    page = tmp_path / "page.html"
    outcome = run("compare", *pair, "-o", page)
    assert (outcome.code, outcome.err) == (0, "")
    first, second = outcome.out.splitlines()
    assert first.startswith(f"{pair[0]} and {pair[1]}: ")
    assert " dB, " in first
    assert second == f"-> {page}"
    text = page.read_text(encoding="utf-8")
    assert "a.png – b.png" in text
    assert str(tmp_path) not in text


def test_without_a_page_there_are_the_numbers(tmp_path: Path, pair, run):
    facts = json.loads(run("compare", *pair, "--json").out)
    assert facts["page"] is None
    assert 0 < facts["mean_difference"] < 1
    same = run("compare", pair[0], pair[0])
    assert same.out.endswith(": the same pixels\n")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_page_replaces_nothing_unless_asked(tmp_path: Path, pair, run):
    page = tmp_path / "page.html"
    page.write_text("mine")
    assert run("compare", *pair, "-o", page).code == 2
    assert page.read_text() == "mine"
    assert run("compare", *pair, "-o", page, "--overwrite").code == 0
    assert page.read_text(encoding="utf-8") != "mine"


def test_pictures_of_two_sizes_are_refused(tmp_path: Path, pair, run):
    other = draw(tmp_path / "c.png", width=20)
    outcome = run("compare", pair[0], other, "-o", tmp_path / "page.html")
    assert (outcome.code, "two sizes" in outcome.err) == (1, True)
    assert not (tmp_path / "page.html").exists()


def test_a_picture_that_is_not_there_is_told(tmp_path: Path, pair, run):
    assert run("compare", pair[0], tmp_path / "gone.png").code == 2
