"""What is said about a photograph, in few words."""

from __future__ import annotations

from typing import Any

from pellucid.cli.restored import facts_of, line_of, summary_of
from pellucid.core.records import Diagnosis, Finding, Receipt, Request

NOISY = Diagnosis(
    findings=(
        Finding(kind="noise", presence=0.9, severity=0.5, confidence=0.9),
        Finding(kind="haze", presence=0.2, severity=0.5, confidence=0.9),
    )
)


def receipt(**changes: Any) -> Receipt:
    facts: dict[str, Any] = {
        "input_sha256": None,
        "output_sha256": None,
        "versions": {},
        "model": "lamp",
        "request": Request(),
        "seed": 0,
        "device": "cpu",
        "before": NOISY,
        "applied_strength": 1.0,
        "guards": {"decision": "accepted"},
    }
    return Receipt(**{**facts, **changes})


def line(**changes: Any) -> str:
    return line_of(facts_of("a.png", "b.png", receipt(**changes), ()))


def test_what_was_found_is_what_was_repaired():
    assert line() == "a.png -> b.png (noise)"


def test_what_was_named_was_repaired_too():
    tasks = ("denoise", "deblur")
    assert line(request=Request(task=tasks)) == "a.png -> b.png (noise, blur)"
    clean = Diagnosis()
    general = Request(task=("general",))
    assert line(request=general, before=clean) == "a.png -> b.png (general)"


def test_what_was_left_alone_is_said():
    idle = {"decision": "nothing_to_repair"}
    assert line(before=Diagnosis(), guards=idle, applied_strength=0.0).endswith(
        "(nothing to repair)"
    )
    kept = {"decision": "kept"}
    assert line(guards=kept, applied_strength=0.0).endswith("(noise: kept as it was)")


def test_names_cannot_move_the_cursor():
    facts = facts_of("\x1b[2J.png", "b.png", receipt(), ())
    assert "\x1b" not in line_of(facts)


def test_a_summary_counts():
    files = [{"decision": "nothing_to_repair"}, {"decision": "accepted"}]
    facts: dict[str, Any] = {
        "output": "out",
        "restored": 2,
        "kept": 1,
        "failed": {"a.png": "It is broken."},
        "files": files,
    }
    assert summary_of(facts) == (
        "3 photographs in out (1 were there, 1 had nothing to repair, 1 failed)"
    )
    none = {**facts, "kept": 0, "failed": {}, "files": []}
    assert summary_of(none) == "2 photographs in out"
