"""A replay without an output leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import lamp
import pytest
import typer

from pellucid.cli import replaying
from pellucid.core.options import Limits
from pellucid.core.records import to_json
from pellucid.restore.file import Plan, restore_file


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


def replay(receipt: Path) -> None:
    limits = Limits()
    replaying.run(
        receipt, None, None, limits, weights=None, overwrite=False, as_json=False
    )


def test_nothing_is_written_unless_asked_for(tmp_path: Path, capsys):
    photo = lamp.draw(tmp_path / "in" / "photo.png")
    made = restore_file(
        Plan(diagnose=lamp.see, model="lamp"), photo, tmp_path / "out.png", "png"
    ).receipt
    receipt = tmp_path / "in" / "receipt.json"
    receipt.write_text(to_json(made))
    before = sorted(tmp_path.rglob("*"))
    replay(receipt)
    assert capsys.readouterr().out == f"{photo} (the same pixels)\n"
    text = receipt.read_text().replace(made.pixels_sha256 or "", "0" * 64)
    receipt.write_text(text)
    with pytest.raises(typer.Exit) as ended:
        replay(receipt)
    assert ended.value.exit_code == 4
    assert capsys.readouterr().out == f"{photo} (other pixels)\n"
    assert sorted(tmp_path.rglob("*")) == before
