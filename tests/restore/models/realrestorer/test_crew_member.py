"""A helper by itself; what it does in a crew is tested with `crew`."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from bundles import station

from pellucid.restore.models.realrestorer.crew import HELPER


def test_a_helper_without_weights_says_why_and_ends(tmp_path: Path):
    told = json.dumps(asdict(station(tmp_path / "gone", "branches", rank=1)))
    line = [sys.executable, "-m", HELPER, told]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        assert helper.stdout is not None
        assert helper.stderr is not None
        assert helper.stdout.read(1) == b""
        assert b"gone" in helper.stderr.read()
    assert helper.returncode == 1
