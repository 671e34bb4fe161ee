"""The command `models`, as typed. What it does is tested with `cli.fetching`."""

import pytest

from pellucid.cli.main import main


def test_help_says_that_it_uses_the_network(capsys: pytest.CaptureFixture[str]):
    assert main(["models", "--help"]) == 0
    assert "uses the network" in " ".join(capsys.readouterr().out.split())
