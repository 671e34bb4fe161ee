"""Every broken file gives a picture or one of two errors, soon and in little memory."""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid import BadImage, ImageError, TooLarge, read

TESTS = Path(__file__).parent.parent
MANIFEST = (TESTS / "hostile" / "MANIFEST.csv").read_text()
ROWS = list(csv.DictReader(MANIFEST.splitlines()))
MUTANTS = 20_000
BOMBS = [row["file"] for row in ROWS if row["expect"] == "reject-size"]

# Where the manifest leaves a choice, this is ours, and always the same one.
OURS = {
    "truncated": BadImage,
    "zero-size": BadImage,
    "garbage": BadImage,
    "nan": BadImage,
    "channels": BadImage,
    "animated": None,
    "multipage": None,
    "exif": None,
    "icc": None,
    "16-bit": None,
    "cmyk": None,
}


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_hostile_file_behaves_as_its_manifest_says(row):
    wanted: type[ImageError] | None
    match row["expect"]:
        case "reject-size":
            wanted = TooLarge
        case "reject":
            wanted = BadImage
        case text if text.startswith("accept") and "or" not in text.split("-"):
            wanted = None
        case _ if row["klass"] in OURS:
            wanted = OURS[row["klass"]]
        case _:  # anything clean will do
            _read_or_refuse(row["file"])
            return
    outcome = _read_or_refuse(row["file"])
    assert outcome is wanted


def _read_or_refuse(name: str) -> type[ImageError] | None:
    """Read a file; nothing but our two errors may come out."""
    try:
        read(TESTS / "hostile" / name)
    except (BadImage, TooLarge) as error:
        assert name in str(error)
        assert str(error).endswith(".")
        return type(error)
    return None


@pytest.mark.timeout(900)
def test_mutants_never_crash_hang_or_fill_the_memory():
    script = str(TESTS / "mutants.py")
    runs = [
        subprocess.Popen(
            [sys.executable, script, str(seed), str(MUTANTS // 2)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (1, 2)
    ]
    for process in runs:
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err[-2000:]
        result = json.loads(out)
        assert sum(result["outcomes"].values()) == MUTANTS // 2
        assert set(result["outcomes"]) <= {"picture", "BadImage", "TooLarge"}
        assert result["outcomes"]["picture"] > 100
        assert result["slowest_s"] < 5
        assert result["memory_mib"] < 1024


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(name):
    program = (
        "import sys\n"
        "from pellucid import TooLarge, read\n"
        "try:\n    read(sys.argv[1])\n"
        "except TooLarge:\n"
        "    peak = open('/proc/self/status').read().split('VmHWM:')[1]\n"
        "    print(int(peak.split()[0]) // 1024)\n"
    )
    path = str(TESTS / "hostile" / name)
    run = [sys.executable, "-c", program, path]
    result = subprocess.run(run, capture_output=True, text=True, check=True)
    assert int(result.stdout) < 300  # MiB, of which Python and numpy are 60


def test_no_file_starts_a_program_or_touches_the_network(monkeypatch):
    def forbidden(*arguments: object, **options: object) -> None:
        raise AssertionError("reading a file must not do that")

    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr("os.system", forbidden)
    monkeypatch.setattr("os.posix_spawn", forbidden)
    monkeypatch.setattr(socket, "socket", forbidden)
    for row in ROWS:
        _read_or_refuse(row["file"])
