"""The command `gate`, as typed. What it prints is tested with `cli.gating`."""

import pytest

from pellucid.cli.main import main


def test_help_says_what_it_is_for(capsys: pytest.CaptureFixture[str]):
    assert main(["gate", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "how far faster results are from the exact one" in said


def test_a_photograph_is_needed(capsys: pytest.CaptureFixture[str]):
    assert main(["gate"]) == 2
    assert "PHOTO" in capsys.readouterr().err
