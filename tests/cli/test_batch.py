import errno
import json
from pathlib import Path
from typing import Any

import pytest
import typer

from pellucid.cli import batch
from pellucid.core.errors import BadImage, EnvironmentFailure, InputMissing

FILES = [Path("a.png"), Path("b.png"), Path("c.png")]


def work(file: Path) -> dict[str, Any]:
    """Fail on b, out of memory on m."""
    if file.stem == "b":
        raise BadImage(f"{file}: It is broken.", "Mend it.")
    if file.stem == "m":
        raise MemoryError
    if file.stem == "gone":
        raise InputMissing(f"{file}: There is nothing.")
    return {"file": str(file)}


def show(facts: dict[str, Any]) -> str:
    return f"did {facts['file']}"


def test_a_bad_file_does_not_stop_the_rest(capsys):
    with pytest.raises(typer.Exit) as caught:
        batch.run(FILES, work, show, as_json=False)
    captured = capsys.readouterr()
    assert caught.value.exit_code == 1
    assert captured.out == "did a.png\ndid c.png\n"
    assert captured.err == "error: b.png: It is broken.\n\nhint: Mend it.\n"


def test_as_json_the_failure_stands_in_its_place(capsys):
    with pytest.raises(typer.Exit):
        batch.run(FILES, work, show, as_json=True)
    failure = {"file": "b.png", "error": "b.png: It is broken.", "hint": "Mend it."}
    found = json.loads(capsys.readouterr().out)
    assert found == [{"file": "a.png"}, failure, {"file": "c.png"}]


def test_one_file_is_one_object(capsys):
    batch.run(FILES[:1], work, show, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"file": "a.png"}


@pytest.mark.parametrize(("name", "code"), [("b", 1), ("gone", 2), ("m", 5)])
def test_a_file_that_is_alone_ends_with_its_own_code(name: str, code: int, capsys):
    with pytest.raises(typer.Exit) as caught:
        batch.run([Path(f"{name}.png")], work, show, as_json=False)
    assert caught.value.exit_code == code
    assert f"{name}.png" in capsys.readouterr().err


def test_a_full_disk_ends_the_run(capsys):
    def fill(file: Path) -> dict[str, Any]:
        if file.stem == "a":
            return {"file": str(file)}
        raise EnvironmentFailure("Full.") from OSError(errno.ENOSPC, "Full")

    with pytest.raises(EnvironmentFailure):
        batch.run(FILES, fill, show, as_json=True)
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_ctrl_c_leaves_whole_json(capsys):
    def stop(file: Path) -> dict[str, Any]:
        if file.stem == "a":
            return {"file": str(file)}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(FILES, stop, show, as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"file": "a.png"}]
