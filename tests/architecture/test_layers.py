"""The contracts of pyproject.toml hold what they say: each is broken once here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter", reason="the contracts need the extra dev")

ROOT = Path(__file__).parents[2]
RUN = "from importlinter.cli import lint_imports_command as run; run()"

# A package that keeps all contracts.
SOUND = {
    "__init__": "",
    "cli/__init__": "",
    "cli/commands/__init__": "",
    "cli/commands/info": "def info():\n    from pellucid.core import files",
    "cli/commands/doctor": "",
    "nets/__init__": "from pellucid.core import files",
    "data/__init__": "",
    "core/__init__": "",
    "core/image": "",
    "core/files": "from pellucid.core import image",
    "core/formats/__init__": "",
    "core/formats/png": "from pellucid.core import image",
    "core/formats/apng": "from pellucid.core import image",
}

BROKEN = {
    "Imports point down": {"core/image": "from pellucid import nets"},
    "Imports point down ": {"nets/__init__": "from pellucid import data"},
    "Imports point down  ": {"misplaced": ""},
    "The core is light": {"core/image": "def late():\n    import torch"},
    "Formats are strangers to each other": {
        "core/formats/apng": "from pellucid.core.formats import png"
    },
    "Commands are strangers to each other": {
        "cli/commands/doctor": "from pellucid.cli.commands import info"
    },
    "No cycles": {"core/image": "def late():\n    from pellucid.core import files"},
}


def verdicts(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """Run the contracts over a small package: name of the contract to its verdict."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, text in files.items():
        path = folder / "pellucid" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    command = [sys.executable, "-c", RUN, "--no-logo", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    rows = [line.rpartition(" ") for line in run.stdout.splitlines()]
    found = {name: word for name, _, word in rows if word in ("KEPT", "BROKEN")}
    assert found, run.stdout + run.stderr
    return found


def test_a_sound_package_keeps_every_contract(tmp_path: Path):
    found = verdicts(tmp_path, SOUND)
    assert len(found) == 6
    assert set(found.values()) == {"KEPT"}


@pytest.mark.parametrize("contract", BROKEN)
def test_each_contract_bites(tmp_path: Path, contract: str):
    found = verdicts(tmp_path, SOUND | BROKEN[contract])
    assert found[contract.strip()] == "BROKEN"
