"""Whatever ends a run, the next one goes on with it: nothing is lost or done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core.atomic import PREFIX, SUFFIX
from pellucid.core.errors import EnvironmentFailure, OutputExists
from pellucid.data import journal
from pellucid.data.journal import LOCK, NAME, BadJournal, Journal

RUN = {"seed": 7, "settings": {"density": [0.8, 2.0], "kind": "haze"}, "version": "1"}
TEMPORARY = f"{PREFIX}0123456789abcdef{SUFFIX}"

# One output for each key, then a line in the journal: what every command does.
WORKER = """
import sys
from pathlib import Path
from pellucid.core.atomic import write_atomically
from pellucid.data.journal import Journal
folder = Path(sys.argv[1])
with Journal.open(folder, {"seed": 7}) as journal:
    print("open", flush=True)
    for number in range(int(sys.argv[2])):
        key = f"{number}.png"
        if journal.done(key) is None:
            write_atomically(folder / key, str(number).encode() * 99, replace=True)
            journal.add(key, {"number": number})
            print(key, flush=True)
"""


def begin(folder: Path, count: int) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), str(count)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def fill(folder: Path, *keys: str) -> bytes:
    with Journal.open(folder, RUN) as open_journal:
        for key in keys:
            open_journal.add(key, {"sha": key * 2})
    return (folder / NAME).read_bytes()


def recall(folder: Path, *keys: str) -> list[object]:
    with Journal.open(folder, RUN) as open_journal:
        return [open_journal.done(key) for key in keys]


def test_a_later_run_knows_what_was_done_with_its_facts(tmp_path):
    fill(tmp_path / "new" / "out", "a.png", "b/c.png")
    known = recall(tmp_path / "new" / "out", "a.png", "b/c.png", "d.png")
    assert known == [{"sha": "a.pnga.png"}, {"sha": "b/c.pngb/c.png"}, None]


def test_what_was_just_done_is_known_at_once(tmp_path):
    with Journal.open(tmp_path, RUN) as open_journal:
        open_journal.add("a.png", {"size": (3, 4)})
        assert open_journal.done("a.png") == {"size": [3, 4]}
        assert len(open_journal) == 1


def test_what_was_done_again_counts_as_it_was_done_last(tmp_path):
    with Journal.open(tmp_path, RUN) as open_journal:
        open_journal.add("a.png", {"sha": "1"})
        open_journal.add("a.png", {"sha": "2"})
    assert recall(tmp_path, "a.png") == [{"sha": "2"}]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=9), unique=True))
def test_any_name_of_a_file_is_a_key(tmp_path_factory, keys):
    folder = tmp_path_factory.mktemp("out")
    fill(folder, *keys)
    assert recall(folder, *keys) == [{"sha": key * 2} for key in keys]


def test_the_same_run_goes_on_however_its_tables_are_ordered(tmp_path):
    fill(tmp_path, "a.png")
    same = {"version": "1", "seed": 7}
    same["settings"] = {"kind": "haze", "density": (0.8, 2.0)}
    with Journal.open(tmp_path, same) as open_journal:
        assert open_journal.done("a.png") is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 8}, "`seed` was 7, now it is 8."),
        ({"seed": 8, "version": "2"}, "`seed` was 7, now it is 8."),
        ({"version": "2"}, '`version` was "1", now it is "2".'),
        ({"more": True}, "`more` was null, now it is true."),
        (
            {"settings": {"density": [0.8, 2.5], "kind": "haze"}},
            "`settings.density.1` was 2.0, now it is 2.5.",
        ),
        ({"settings": 1}, "`settings` was"),
    ],
)
def test_another_run_is_told_what_is_different(tmp_path, change, said):
    before = fill(tmp_path, "a.png")
    with pytest.raises(OutputExists) as caught:
        Journal.open(tmp_path, RUN | change)
    assert said in str(caught.value)
    assert "--overwrite" in caught.value.hint
    assert (tmp_path / NAME).read_bytes() == before
    assert recall(tmp_path, "a.png") != [None]  # and the lock is free again


def test_what_is_missing_now_is_told_too(tmp_path):
    fill(tmp_path)
    with pytest.raises(OutputExists, match='`version` was "1", now it is null'):
        Journal.open(tmp_path, {k: v for k, v in RUN.items() if k != "version"})


def test_a_run_can_begin_anew(tmp_path):
    fill(tmp_path, "a.png")
    with Journal.open(tmp_path, {"seed": 8}, restart=True) as open_journal:
        assert open_journal.done("a.png") is None
    with Journal.open(tmp_path, {"seed": 8}) as open_journal:
        assert len(open_journal) == 0


def test_two_runs_cannot_work_in_one_folder(tmp_path):
    with Journal.open(tmp_path, RUN):
        for restart in (False, True):
            with pytest.raises(EnvironmentFailure, match="Another process") as caught:
                Journal.open(tmp_path, RUN, restart=restart)
    assert caught.value.exit_code == 5
    recall(tmp_path)


def test_a_folder_is_free_as_soon_as_its_process_is_dead(tmp_path):
    running = begin(tmp_path, 10**9)
    assert running.stdout is not None
    with running, running.stdout:
        assert running.stdout.readline() == "open\n"
        with pytest.raises(EnvironmentFailure, match="Another process"):
            Journal.open(tmp_path, {"seed": 7})
        running.kill()
        running.wait()
        Journal.open(tmp_path, {"seed": 7}).close()


@given(cut=st.integers(min_value=1))
@settings(max_examples=25, deadline=None)
def test_a_torn_last_line_is_done_again_wherever_it_was_torn(tmp_path_factory, cut):
    folder = tmp_path_factory.mktemp("out")
    whole = fill(folder, "a.png", "b.png")
    kept = whole[: whole[:-1].rfind(b"\n") + 1]
    last = whole[len(kept) :]
    (folder / NAME).write_bytes(kept + last[: cut % len(last)])
    assert recall(folder, "a.png", "b.png") == [{"sha": "a.pnga.png"}, None]
    assert (folder / NAME).read_bytes() == kept
    assert fill(folder, "b.png") == whole


@pytest.mark.parametrize("tail", [b"\0" * 40, b"\0" * 40 + b"\n", b'{"key": 3}\n'])
def test_what_a_power_cut_leaves_at_the_end_is_cut_off(tmp_path, tail):
    whole = fill(tmp_path, "a.png")
    (tmp_path / NAME).write_bytes(whole + tail)
    assert recall(tmp_path, "a.png") == [{"sha": "a.pnga.png"}]
    assert (tmp_path / NAME).read_bytes() == whole


@pytest.mark.parametrize("bad", [b"\0\0", b"{}", b"[" * 100_000, b"\xff", b""])
def test_a_damaged_line_in_the_middle_is_named(tmp_path, bad):
    lines = fill(tmp_path, "a.png", "b.png", "c.png").split(b"\n")
    lines[2] = bad
    (tmp_path / NAME).write_bytes(b"\n".join(lines))
    with pytest.raises(BadJournal, match=r"journal\.jsonl, line 3: It is damaged\."):
        Journal.open(tmp_path, RUN)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"my diary", b"my diary\n", b'{"seed": 7}\n'),
        b'{"pellucid_journal": 2, "run": {"seed": 7}}\n',
        b'{"pellucid_journal": 1, "run": 3}\n',
    ],
)
def test_a_file_that_is_not_our_journal_is_left_alone(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(BadJournal, match="not a journal"):
        Journal.open(tmp_path, {"seed": 7})
    assert (tmp_path / NAME).read_bytes() == content


def test_what_a_killed_run_left_half_written_is_removed(tmp_path):
    others = tmp_path / "other"
    (tmp_path / "damaged" / "deep").mkdir(parents=True)
    others.mkdir()
    (others / LOCK).touch()
    mine = [tmp_path / TEMPORARY, tmp_path / "damaged" / "deep" / TEMPORARY]
    kept = [tmp_path / ".pellucid-notes.tmp", tmp_path / "a.tmp", others / TEMPORARY]
    for path in (*mine, *kept):
        path.touch()
    fill(tmp_path)
    assert not any(path.exists() for path in mine)
    assert all(path.exists() for path in kept)


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path):
    resource = pytest.importorskip("resource")
    before = fill(tmp_path, "a.png")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Journal.open(tmp_path, RUN) as open_journal:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, limits[1]))
            with pytest.raises(EnvironmentFailure) as caught:
                open_journal.add("b.png", {"sha": "b" * 50})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert isinstance(caught.value.__cause__, OSError)
        assert open_journal.done("b.png") is None
        assert (tmp_path / NAME).read_bytes() == before
        open_journal.add("c.png", {})
    assert recall(tmp_path, "a.png", "b.png", "c.png")[1:] == [None, {}]


def test_a_folder_that_cannot_be_made_is_a_failure_of_the_machine(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        Journal.open(tmp_path / "file" / "out", RUN)


def test_a_line_is_on_the_disk_before_a_key_counts_as_done(tmp_path, monkeypatch):
    with Journal.open(tmp_path, RUN) as open_journal:
        seen: list[tuple[bytes, object]] = []
        flush = os.fsync

        def noting(descriptor: int) -> None:
            lines = (tmp_path / NAME).read_bytes().splitlines()
            seen.append((lines[-1], open_journal.done("a.png")))
            flush(descriptor)

        monkeypatch.setattr(journal.os, "fsync", noting)
        open_journal.add("a.png", {"n": 1})
    assert [(json.loads(line)["key"], done) for line, done in seen] == [("a.png", None)]


def test_kill_9_loses_nothing_and_nothing_is_done_twice(tmp_path):
    count, kills, rng = 400, 0, random.Random(5)
    while True:
        running = begin(tmp_path, count)
        assert running.stdout is not None
        with running, running.stdout:
            if kills < 6:
                for _ in range(rng.randint(1, 25)):
                    running.stdout.readline()
                time.sleep(rng.uniform(0.0, 0.002))  # so that any step may be cut
                running.kill()
                kills += 1
            running.stdout.read()
            code = running.wait()
        if code == 0:
            break
    lines = (tmp_path / NAME).read_bytes().splitlines()[1:]
    assert sorted(json.loads(line)["facts"]["number"] for line in lines) == list(
        range(count)
    )
    outputs = {path.name: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert outputs == {f"{n}.png": str(n).encode() * 99 for n in range(count)}
    names = {path.name for path in tmp_path.iterdir()} - outputs.keys()
    assert names == {NAME, LOCK}
    assert kills > 1
