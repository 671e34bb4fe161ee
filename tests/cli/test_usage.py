import shlex
from pathlib import Path

import pytest


def test_a_mistyped_command_is_recognised(run):
    outcome = run("inof")
    assert outcome.code == 2
    assert "There is no command called `inof`." in outcome.err
    assert "Did you mean `info`?" in outcome.err


def test_a_file_in_place_of_a_command_is_recognised(photo: Path, run):
    assert f"`pellucid info {photo}`" in run(photo).err


def test_a_mistyped_option_is_recognised(photo: Path, run):
    outcome = run("info", photo, "--jsn")
    assert "There is no option called `--jsn`." in outcome.err
    assert "Did you mean `--json`?" in outcome.err


def test_a_missing_argument_points_to_the_help(run):
    outcome = run("info")
    assert "Missing argument 'FILE'." in outcome.err
    assert "`pellucid info --help`" in outcome.err


def test_a_wrong_value_says_what_is_allowed(photo: Path, run):
    outcome = run("convert", photo, "-o", "x.png", "--metadata", "all")
    assert outcome.code == 2
    assert "'keep', 'safe', 'none'" in outcome.err


@pytest.mark.parametrize("name", ["-a b.png", "-'.png"])
def test_a_hint_can_be_pasted(
    name: str, tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    draw(Path(name))
    assert f"`{shlex.quote('./' + name)}`" in run("info", name).err
