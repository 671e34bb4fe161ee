"""Folders of photographs: what a run leaves, also when it is killed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import lamp
import pytest
from lamp import draw

from pellucid.core.atomic import PREFIX, SUFFIX
from pellucid.core.errors import (
    EnvironmentFailure,
    MissingModel,
    OutputExists,
    PellucidError,
)
from pellucid.core.files import read
from pellucid.core.records import Request
from pellucid.data.folders import find
from pellucid.data.journal import Journal
from pellucid.restore import batch, receipt
from pellucid.restore.batch import Progress, description, run
from pellucid.restore.file import Plan
from pellucid.restore.jobs import jobs_of

PLAN = Plan(diagnose=lamp.see, model="lamp")
KEYS = ("a.png", "b.jpg", "below/a.png", "below/deep/c.webp")


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, key in enumerate(KEYS):
        draw(tmp_path / "in" / key, number)
    return tmp_path / "in"


def go(photos: Path, output: Path, plan: Plan = PLAN, **how: Any) -> Progress:
    jobs = jobs_of(find([str(photos)]), output, plan.options.format)
    return run(plan, jobs, output, **{"timeout_s": None, **how})


def content(folder: Path) -> dict[str, bytes]:
    """All pictures; receipts hold times, which differ."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in {".png", ".jpg", ".webp"}
    }


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob(f"{PREFIX}*{SUFFIX}"))


def test_the_tree_of_a_folder_is_kept(photos: Path, tmp_path: Path):
    seen: list[tuple[int, int]] = []
    out = tmp_path / "out"
    done = go(photos, out, tell=lambda now: seen.append((now.restored, now.total)))
    assert sorted(content(out)) == sorted(KEYS)
    assert (done.restored, done.kept, done.failed) == (4, 0, [])
    assert (seen[0], seen[-1]) == ((0, 4), (4, 4))
    for key in KEYS:
        assert receipt.verify(receipt.read(receipt.beside(out / key)), out / key) == []
        assert read(out / key).pixels.mean() > read(photos / key).pixels.mean() + 0.1
        assert done.done[key]["output"] == key


def test_a_second_run_keeps_what_is_there(photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    go(photos, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    draw(photos / "new.png", 9)
    done = go(photos, out)
    assert (done.restored, done.kept, len(done.done)) == (1, 4, 5)
    for path, changed in before.items():
        assert path.name == "journal.jsonl" or path.stat().st_mtime_ns == changed


def test_a_photograph_that_changed_is_restored_again(photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    go(photos, out)
    before = content(out)
    draw(photos / "a.png", 7)
    done = go(photos, out)
    assert (done.restored, done.kept) == (1, 3)
    after = content(out)
    assert [key for key in KEYS if before[key] != after[key]] == ["a.png"]


def test_a_result_that_is_gone_is_made_again(photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    go(photos, out)
    before = content(out)
    (out / "b.jpg").unlink()
    receipt.beside(out / "b.jpg").unlink()
    assert go(photos, out).restored == 1
    assert content(out) == before


def test_what_somebody_made_of_a_result_is_not_replaced(photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    go(photos, out)
    (out / "a.png").write_bytes(b"mine")
    assert go(photos, out).kept == 4
    draw(photos / "a.png", 7)
    done = go(photos, out)
    assert (done.kept, [key for key, _ in done.failed]) == (3, ["a.png"])
    assert (out / "a.png").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["b.jpg", "b.jpg.receipt.json"])
def test_a_file_of_somebody_else_is_not_replaced(
    photos: Path, tmp_path: Path, name: str
):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_bytes(b"mine")
    done = go(photos, out)
    assert done.restored == 3
    assert isinstance(done.failed[0][1], OutputExists)
    assert (out / name).read_bytes() == b"mine"
    assert go(photos, out, overwrite=True).restored == 4
    assert (out / name).read_bytes() != b"mine"


def test_a_bad_photograph_does_not_stop_the_others(photos: Path, tmp_path: Path):
    (photos / "aa.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (photos / "bb.png").write_bytes(b"")
    done = go(photos, tmp_path / "out")
    assert (done.restored, [key for key, _ in done.failed]) == (4, ["aa.jpg", "bb.png"])
    assert sorted(content(tmp_path / "out")) == sorted(KEYS)
    draw(photos / "bb.png")
    again = go(photos, tmp_path / "out")
    assert (again.restored, again.kept, len(again.failed)) == (1, 4, 1)


def test_what_failed_leaves_the_place_to_others(photos: Path, tmp_path: Path):
    (photos / "a.png").write_bytes(b"")
    out = tmp_path / "out"
    go(photos, out)
    (out / "a.png").write_bytes(b"mine")
    draw(photos / "a.png")
    assert isinstance(go(photos, out).failed[0][1], OutputExists)
    assert (out / "a.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("model", "said"), [("deadly", "signal 9"), ("slow", "longer than")]
)
def test_a_photograph_that_kills_or_hangs_is_one_failure(
    photos: Path, tmp_path: Path, model: str, said: str
):
    draw(photos / "bad.png", width=13)
    plan = Plan(diagnose=lamp.see, model=model)
    done = go(photos, tmp_path / "out", plan, processes=2, timeout_s=3.0)
    assert done.restored == 4
    [(key, error)] = done.failed
    assert key == "bad.png"
    assert said in str(error)
    assert leftovers(tmp_path / "out") == []


def test_workers_do_not_change_a_byte(photos: Path, tmp_path: Path):
    go(photos, tmp_path / "one")
    go(photos, tmp_path / "two", processes=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_missing_weights_end_the_run_at_once(photos: Path, tmp_path: Path):
    with pytest.raises(MissingModel):
        go(photos, tmp_path / "out", Plan(diagnose=lamp.see, model="weightless"))
    assert content(tmp_path / "out") == {}


def blind(image: object) -> Any:
    raise MissingModel("The weights of the diagnoser are not here.")


def test_a_diagnoser_without_weights_ends_the_run_too(photos: Path, tmp_path: Path):
    with pytest.raises(MissingModel, match="diagnoser"):
        go(photos, tmp_path / "out", Plan(diagnose=blind, model="lamp"))


def test_a_full_disk_ends_the_run(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[object] = []

    def refuse(*words: object, **how: object) -> Any:
        asked.append(words)
        full = OSError(errno.ENOSPC, "No space left on device")
        raise EnvironmentFailure("The disk is full.") from full

    monkeypatch.setattr(batch, "restore_file", refuse)
    with pytest.raises(EnvironmentFailure, match="full"):
        go(photos, tmp_path / "out")
    assert len(asked) == 1


def test_other_settings_need_another_folder(photos: Path, tmp_path: Path):
    go(photos, tmp_path / "out")
    half = Plan(diagnose=lamp.see, model="lamp", request=Request(strength=0.5))
    with pytest.raises(OutputExists, match=r"request\.strength"):
        go(photos, tmp_path / "out", half)
    assert go(photos, tmp_path / "out", half, overwrite=True).restored == 4


def test_a_second_run_in_the_same_folder_refuses(photos: Path, tmp_path: Path):
    with (
        Journal.open(tmp_path / "out", description(PLAN)),
        pytest.raises(EnvironmentFailure, match="Another process"),
    ):
        go(photos, tmp_path / "out")


def test_a_run_that_may_replace_may_also_when_it_goes_on(photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    go(photos, out)
    with Journal.open(out, description(PLAN), restart=True) as journal:
        journal.add(batch.MAY_REPLACE, {})
    assert go(photos, out).restored == 4


def test_an_empty_run_is_one(tmp_path: Path):
    assert run(PLAN, [], tmp_path / "out") == Progress(total=0)


@pytest.mark.parametrize(
    "marks", [(2, 7), pytest.param(range(1, 81, 4), marks=pytest.mark.slow)]
)
def test_a_killed_run_goes_on_to_the_same_bytes(
    site: Path, tmp_path: Path, marks: tuple[int, ...]
):
    photos, out = tmp_path / "in", tmp_path / "broken"
    for number in range(3 * max(marks)):
        draw(photos / f"{number:03d}.png", number, width=30)
    go(photos, tmp_path / "whole")
    for lines in marks:
        process = start(photos, out, site, tmp_path / "said")
        while lines_of(out) < lines and process.poll() is None:
            time.sleep(0.002)
        assert process.poll() is None, (tmp_path / "said").read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = start(photos, out, site, tmp_path / "said")
    assert last.wait() == 0, (tmp_path / "said").read_text()
    assert content(out) == content(tmp_path / "whole")
    assert leftovers(out) == []
    for key in content(out):
        assert receipt.verify(receipt.read(receipt.beside(out / key)), out / key) == []


def start(photos: Path, out: Path, site: Path, said: Path) -> subprocess.Popen[bytes]:
    words = ["restore", str(photos), "-o", str(out), "--model", "lamp"]
    path = os.pathsep.join([str(site), *filter(None, sys.path)])
    with said.open("wb") as file:
        command = [sys.executable, lamp.__file__, *words, "--workers", "2"]
        environment = os.environ | {"PYTHONPATH": path}
        return subprocess.Popen(command, stdout=file, stderr=file, env=environment)


def lines_of(folder: Path) -> int:
    journal = folder / "journal.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def test_the_journal_tells_what_was_begun_and_done(photos: Path, tmp_path: Path):
    go(photos, tmp_path / "out")
    lines = (tmp_path / "out" / "journal.jsonl").read_text().splitlines()
    facts = [json.loads(line)["facts"] for line in lines[1:]]
    assert [sorted(each) for each in facts[:2]] == [
        ["begun"],
        ["input_sha256", "output", "output_sha256", "receipt", "warnings"],
    ]


def test_errors_keep_their_class(photos: Path, tmp_path: Path):
    (photos / "a.png").write_bytes(b"")
    done = go(photos, tmp_path / "out", processes=2)
    assert isinstance(done.failed[0][1], PellucidError)
