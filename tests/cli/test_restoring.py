"""What is called for one photograph, and for many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lamp
import pytest

from pellucid.cli import restoring
from pellucid.cli.restore_order import Order
from pellucid.restore import batch
from pellucid.restore.file import Plan


def test_workers_share_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a.png", "b.png", "c.png"):
        lamp.draw(tmp_path / "in" / name)
    asked: list[Any] = []

    def note(plan: Plan, jobs: Any, folder: Path, **how: Any) -> batch.Progress:
        asked.append((plan.load.threads, how["processes"]))
        return batch.Progress(total=len(jobs))

    monkeypatch.setattr(restoring, "cores", lambda: 8)
    monkeypatch.setattr(batch, "run", note)
    plan = Plan(diagnose=lamp.see, model="lamp")
    for workers in (1, 2, 99):
        order = Order(
            inputs=[str(tmp_path / "in")], output=str(tmp_path / "o"), workers=workers
        )
        restoring.run(order, plan)
    assert asked == [(None, 1), (4, 2), (2, 3)]
