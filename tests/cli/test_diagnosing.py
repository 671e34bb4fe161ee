"""Findings become lines that a person can read."""

from __future__ import annotations

from pathlib import Path

import lamp
import pytest

from pellucid.cli.diagnosing import facts_of, text_of
from pellucid.core.options import Limits


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


def finding(kind: str, presence: float) -> dict[str, object]:
    return {"kind": kind, "presence": presence, "severity": 0.5, "confidence": 0.8}


def test_only_what_was_found_is_shown():
    findings = [finding("noise", 0.97), finding("haze", 0.5)]
    facts = {
        "file": "a.png",
        "nothing_to_repair": False,
        "found": ["noise"],
        "findings": findings,
    }
    assert text_of(facts).split() == [
        *("a.png", "noise", "97%", "likely", "severity", "0.50"),
        *("confidence", "0.80"),
    ]


def test_a_clean_photograph_is_one_line():
    facts = {"file": "a\x1b.png", "nothing_to_repair": True, "findings": []}
    assert text_of(facts) == r"a\e.png: nothing to repair"


def test_facts_name_the_file_and_all_that_was_looked_for(tmp_path: Path):
    dark = lamp.draw(tmp_path / "dark.png")
    facts = facts_of(Limits(), dark)
    assert facts["file"] == str(dark)
    assert [each["kind"] for each in facts["findings"]] == ["low_light"]
