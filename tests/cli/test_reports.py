"""A report replaces reports, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pellucid.cli import reports
from pellucid.core.errors import EnvironmentFailure, OutputExists


def test_a_report_replaces_a_report(tmp_path: Path):
    path = tmp_path / "report.json"
    reports.write(path, [{"file": "a.png"}], {}, overwrite=False)
    reports.write(path, [], {"b.png": "It is broken."}, overwrite=False)
    facts = json.loads(path.read_text())
    assert facts == {
        "pellucid_report": 1,
        "files": [],
        "failed": {"b.png": "It is broken."},
    }


@pytest.mark.parametrize("content", [b"mine", b"[]", b'{"a": 1}', b"\xff", b"[" * 9999])
def test_what_is_no_report_stays_unless_it_may_go(tmp_path: Path, content: bytes):
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(OutputExists, match="no report"):
        reports.write(path, [], {}, overwrite=False)
    assert path.read_bytes() == content
    reports.write(path, [], {}, overwrite=True)
    assert path.read_bytes() != content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        reports.write(tmp_path / "gone" / "report.json", [], {}, overwrite=False)
