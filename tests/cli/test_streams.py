"""Pipes carry pictures, within limits."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pellucid.cli.streams import bytes_of, write_stdout
from pellucid.core.errors import EnvironmentFailure, InputMissing, TooLarge
from pellucid.core.options import Limits

LIMITS = Limits(max_pixels=0)  # one megabyte


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_all_that_comes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, b"\xff\0" * 9)
    assert bytes_of("-", LIMITS) == b"\xff\0" * 9
    (tmp_path / "a").write_bytes(b"\0")
    assert bytes_of(str(tmp_path / "a"), LIMITS) == b"\0"


def test_no_more_is_read_than_a_picture_needs(monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, bytes(LIMITS.max_bytes + 2))
    with pytest.raises(TooLarge, match="more than 1 MB"):
        bytes_of("-", LIMITS)


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(InputMissing):
        bytes_of(str(tmp_path / "gone"), LIMITS)
    with pytest.raises(EnvironmentFailure):
        bytes_of(str(tmp_path), LIMITS)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputMissing, match="closed"):
        bytes_of("-", LIMITS)


def test_bytes_go_out_as_they_are(monkeypatch: pytest.MonkeyPatch):
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", out)
    write_stdout(b"\r\n\xff")
    assert isinstance(out.buffer, io.BytesIO)
    assert out.buffer.getvalue() == b"\r\n\xff"
