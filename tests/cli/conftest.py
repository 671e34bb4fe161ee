"""The command line in this process and in one of its own, and a few pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from pellucid.cli.main import main

SOURCE = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch):
    """Tests mean the same in every terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Call the command line here."""

    def run(*words: str | Path) -> Outcome:
        capsys.readouterr()
        code = main([os.fspath(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def start() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Start ``python -m pellucid`` as a user would, or another program with it."""

    def start(
        *words: str | bytes | Path,
        program: tuple[str, ...] = ("-m", "pellucid"),
        env: dict[str, str] | None = None,
        **how: Any,
    ) -> subprocess.CompletedProcess[str]:
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        return subprocess.run(
            [sys.executable, *program, *words],
            env={**os.environ, "PYTHONPATH": str(SOURCE), **(env or {})},
            encoding="utf-8",
            timeout=60,
            check=False,
            **how,
        )

    return start


@pytest.fixture
def draw() -> Callable[..., Path]:
    """Save a small colourful picture with Pillow."""

    def draw(path: Path, mode: str = "RGB", size: int = 8, **how: Any) -> Path:
        values = np.random.default_rng(7).integers(0, 256, (size, size, 3), np.uint8)
        kind = (
            "PNG" if path.suffix.lower() not in Pillow.registered_extensions() else None
        )
        Pillow.fromarray(values).convert(mode).save(path, kind, **how)
        return path

    return draw


@pytest.fixture
def photo(tmp_path: Path, draw: Callable[..., Path]) -> Path:
    return draw(tmp_path / "photo.png")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    return path
