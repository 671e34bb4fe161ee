"""Large photographs are what restoring is for."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("command", ["restore", "diagnose", "replay", "compare"])
def test_a_hundred_megapixels_are_allowed_unless_said_otherwise(run, command: str):
    shown = " ".join(run(command, "--help").out.split())
    assert "--max-pixels MEGAPIXELS" in shown
    assert "100 unless you say otherwise" in shown


def test_the_limit_is_not_negative(run):
    assert run("diagnose", "photo.jpg", "--max-pixels", "-1").code == 2
