import json
from pathlib import Path

import pytest


def test_a_table_for_every_file(tmp_path: Path, photo: Path, draw, run):
    other = draw(tmp_path / "[red] other.jpg")
    outcome = run("info", photo, other)
    assert (outcome.code, outcome.err) == (0, "")
    first, second = outcome.out.split("\n\n")[:2]
    assert first.splitlines()[0] == str(photo)
    assert second.splitlines()[0] == str(other)


def test_one_file_is_an_object_and_several_are_a_list(photo: Path, broken: Path, run):
    assert json.loads(run("info", photo, "--json").out)["format"] == "png"
    outcome = run("info", photo, broken, photo, "--json")
    good, bad, again = json.loads(outcome.out)
    assert outcome.code == 1
    assert good == again
    assert set(bad) == {"file", "error", "hint"}
    assert bad["file"] == str(broken)


def test_a_bad_file_among_good_ones_is_named_and_the_others_are_shown(
    photo: Path, broken: Path, tmp_path: Path, run
):
    outcome = run("info", broken, tmp_path / "gone.png", tmp_path, photo)
    assert outcome.code == 1
    assert outcome.out.splitlines()[0] == str(photo)
    for path in (broken, tmp_path / "gone.png", tmp_path):
        assert f"error: {path}: " in outcome.err


@pytest.mark.parametrize(
    ("name", "code"), [("gone.png", 2), ("broken.png", 1), (".", 1)]
)
def test_a_file_that_is_alone_ends_with_its_own_code(
    name: str, code: int, broken: Path, run
):
    outcome = run("info", broken.parent / name)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("error: ")


def test_a_larger_picture_must_be_allowed(photo: Path, run):
    outcome = run("info", photo, "--max-pixels", "0.00001")
    assert outcome.code == 1
    assert "`--max-pixels`" in outcome.err
    assert run("info", photo, "--max-pixels", "1").code == 0
