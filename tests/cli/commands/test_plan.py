"""The command `plan`, as typed. What it prints is tested with `cli.planning`."""

import pytest

from pellucid.cli.main import main


def test_help_says_what_it_is_for(capsys: pytest.CaptureFixture[str]):
    assert main(["plan", "--help"]) == 0
    assert "before it is loaded" in " ".join(capsys.readouterr().out.split())


def test_a_photograph_is_needed(capsys: pytest.CaptureFixture[str]):
    assert main(["plan"]) == 2
    assert "PHOTO" in capsys.readouterr().err
