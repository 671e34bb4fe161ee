"""Every example runs as its first lines say, on a photograph that is shipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid
from pellucid.core import exif

EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTO = EXAMPLES / "photos" / "beach.jpg"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))


def run(script: str, *words: str) -> str:
    command = [sys.executable, str(EXAMPLES / script), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_an_example_is_short_and_says_how_to_run_it(script):
    lines = script.read_text().splitlines()
    assert len(lines) <= 40
    assert any(line.startswith(f"python examples/{script.name}") for line in lines)


def test_look_inside_shows_what_the_photo_carries():
    shown = run("look_inside.py", str(PHOTO))
    assert "jpeg, 816 x 544, uint8" in shown
    assert "Model: Example camera" in shown


def test_brighten_changes_pixels_and_nothing_else(tmp_path):
    output = tmp_path / "brighter.jpg"
    run("brighten.py", str(PHOTO), str(output))
    before, after = pellucid.read(PHOTO), pellucid.read(output)
    assert np.abs(after.pixels - np.sqrt(before.pixels)).mean() < 0.01
    for field in ("icc", "xmp", "dpi", "encoding"):
        assert getattr(after.carried, field) == getattr(before.carried, field), field
    assert exif.describe(after.carried.exif or b"") == exif.describe(
        before.carried.exif or b""
    )


def test_restore_repairs_a_photograph_and_says_what_it_had(tmp_path):
    output = tmp_path / "restored.jpg"
    shown = run(
        "restore.py", str(EXAMPLES / "photos" / "city-at-night.webp"), str(output)
    )
    assert str(output) in shown
    assert output.exists()
    assert output.with_name("restored.jpg.receipt.json").exists()
