"""A helper by itself; what it does in a crew is tested with `crew`."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from pellucid.restore.models.realrestorer.crew import HELPER, Station


def test_a_helper_without_weights_says_why_and_ends(tmp_path: Path):
    station = Station(
        kind="branches",
        device="cpu",
        count=2,
        transformer=str(tmp_path / "gone"),
        autoencoder=str(tmp_path / "gone"),
        dtype="float32",
        rank=1,
    )
    line = [sys.executable, "-m", HELPER, json.dumps(asdict(station))]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        assert helper.stdout is not None
        assert helper.stderr is not None
        assert helper.stdout.read(1) == b""
        assert b"gone" in helper.stderr.read()
    assert helper.returncode == 1
