"""Folders of photographs: what a run leaves, also when it is killed."""

import hashlib
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.core.errors import EnvironmentFailure, OutputExists
from pellucid.data import manifest, shards
from pellucid.data.folders import find
from pellucid.data.journal import Journal
from pellucid.degrade import batch
from pellucid.degrade.batch import Progress, jobs_of, run
from pellucid.degrade.pairs import Plan
from pellucid.degrade.recipe import Recipe, of_kinds

PLAN = Plan(recipe=of_kinds(["noise"]), seed=5)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Eight small photographs in two folders."""
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    rng = np.random.default_rng(3)
    for number in range(8):
        soft = cv2.resize(rng.integers(0, 256, (5, 6, 3), np.uint8), (48, 40))
        place = folder / ("below" if number % 2 else ".") / f"p{number}.png"
        cv2.imwrite(str(place), soft)
    return folder


def content(folder: Path) -> dict[str, str]:
    """Checksums of all files but the journal, whose lines may come in any order."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "journal"))
    }


def make(plan: Plan, photos: Path, output: Path, count: int = 1, **more) -> Progress:
    return run(plan, jobs_of(find([str(photos)]), count), output, **more)


def test_a_folder_becomes_pairs_with_a_manifest(photos: Path, tmp_path: Path):
    done = make(PLAN, photos, tmp_path / "pairs", count=2)
    assert (done.made, done.kept, done.failed) == (16, 0, [])
    rows = manifest.read(tmp_path / "pairs" / "manifest.parquet")
    assert len(rows) == 16
    assert {row.tags for row in rows} == {("noise",)}
    for row in rows:
        assert row.clean is not None
        assert (tmp_path / "pairs" / row.damaged).is_file()
        assert (tmp_path / "pairs" / row.clean).is_file()


def test_two_workers_write_the_same_bytes_as_one(photos: Path, tmp_path: Path):
    make(PLAN, photos, tmp_path / "one", processes=1)
    make(PLAN, photos, tmp_path / "two", processes=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_second_start_makes_nothing_anew(photos: Path, tmp_path: Path):
    make(PLAN, photos, tmp_path / "pairs")
    before = content(tmp_path / "pairs")
    (tmp_path / "pairs" / "damaged" / "p0.png").unlink()
    done = make(PLAN, photos, tmp_path / "pairs")
    assert (done.made, done.kept) == (1, 7)
    assert content(tmp_path / "pairs") == before


def test_a_bad_file_stops_no_other_and_is_named(photos: Path, tmp_path: Path):
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    done = make(PLAN, photos, tmp_path / "pairs", processes=2)
    assert done.made == 8
    assert [key for key, _ in done.failed] == ["broken.jpg"]
    assert len(manifest.read(tmp_path / "pairs" / "manifest.parquet")) == 8


def test_another_run_does_not_write_into_the_folder(photos: Path, tmp_path: Path):
    make(PLAN, photos, tmp_path / "pairs")
    other = Plan(recipe=of_kinds(["noise"]), seed=6)
    with pytest.raises(OutputExists, match="seed"):
        make(other, photos, tmp_path / "pairs")
    done = make(other, photos, tmp_path / "pairs", overwrite=True)
    assert done.made == 8


def test_two_runs_at_once_do_not_share_a_folder(photos: Path, tmp_path: Path):
    with (
        Journal.open(tmp_path / "pairs", batch.description(PLAN)),
        pytest.raises(EnvironmentFailure, match="Another process"),
    ):
        make(PLAN, photos, tmp_path / "pairs")


def test_files_of_somebody_else_are_not_replaced(photos: Path, tmp_path: Path):
    theirs = tmp_path / "pairs" / "clean" / "p0.png"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"mine")
    with pytest.raises(OutputExists, match="clean"):
        make(PLAN, photos, tmp_path / "pairs")
    assert theirs.read_bytes() == b"mine"


def test_the_photographs_are_not_touched(photos: Path, tmp_path: Path):
    before = content(photos)
    make(PLAN, photos, tmp_path / "pairs", processes=2)
    assert content(photos) == before


def test_shards_hold_the_pairs_and_the_manifest_says_where(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batch, "SHARD_PAIRS", 5)
    done = make(PLAN, photos, tmp_path / "set.tar")
    assert done.file == tmp_path / "set.parquet"
    names = [path.name for path in sorted(tmp_path.glob("set*"))]
    assert names == ["set-000000.tar", "set-000001.tar", "set.parquet"]
    samples = [*shards.read_shard(tmp_path / names[0])]
    assert len(samples) == 5
    assert set(samples[0].parts) == {"damaged.png", "clean.png", "json"}
    rows = manifest.read(tmp_path / "set.parquet")
    shard, _, member = rows[7].damaged.partition("/")
    assert shard == "set-000001.tar"
    with tarfile.open(tmp_path / shard) as archive:
        assert member in archive.getnames()
    make(PLAN, photos, tmp_path / "again.tar")
    for one, two in zip(names, ("again-000000.tar", "again-000001.tar"), strict=False):
        if one.endswith(".tar"):
            assert (tmp_path / one).read_bytes() == (tmp_path / two).read_bytes()
    with pytest.raises(OutputExists):
        make(PLAN, photos, tmp_path / "set.tar")


def test_an_empty_run_leaves_an_empty_manifest(tmp_path: Path):
    run(PLAN, [], tmp_path / "pairs")
    assert manifest.read(tmp_path / "pairs" / "manifest.parquet") == []


def test_the_recipe_of_the_run_repeats_it(photos: Path, tmp_path: Path):
    from pellucid.degrade.recipe import load_recipe

    make(PLAN, photos, tmp_path / "one")
    again = Plan(recipe=load_recipe(tmp_path / "one" / "run.toml"), seed=5)
    make(again, photos, tmp_path / "two")
    first = content(tmp_path / "one")
    assert content(tmp_path / "two") == first


@pytest.mark.parametrize(
    "marks", [(1, 4, 30), pytest.param(range(1, 81, 4), marks=pytest.mark.slow)]
)
def test_a_killed_run_goes_on_to_the_same_bytes(
    photos: Path, tmp_path: Path, marks: tuple[int, ...]
):
    words = ["-m", "pellucid", "degrade", str(photos), "-k", "noise", "--seed", "5"]
    words += ["--count", "16", "--workers", "2", "-o"]
    make(PLAN, photos, tmp_path / "whole", count=16)
    broken = tmp_path / "broken"
    for lines in marks:
        process = start([*words, str(broken)], tmp_path / "said")
        while lines_of(broken) < lines and process.poll() is None:
            time.sleep(0.002)
        assert process.poll() is None, (tmp_path / "said").read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = start([*words, str(broken)], tmp_path / "said")
    assert last.wait() == 0, (tmp_path / "said").read_text()
    assert content(broken) == content(tmp_path / "whole")
    assert not list(broken.rglob("*.tmp"))


def start(words: list[str], said: Path) -> subprocess.Popen[bytes]:
    with said.open("wb") as file:
        command = [sys.executable, *words]
        return subprocess.Popen(command, stdout=file, stderr=file)


def lines_of(folder: Path) -> int:
    journal = folder / "journal.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def test_a_recipe_that_chooses_nothing_copies(photos: Path, tmp_path: Path):
    nothing = Recipe(link=({"kind": "noise", "probability": 0.0},))
    make(Plan(recipe=nothing), photos, tmp_path / "pairs")
    one = cv2.imread(str(photos / "p0.png"))
    two = cv2.imread(str(tmp_path / "pairs" / "damaged" / "p0.png"))
    np.testing.assert_array_equal(one, two)


def test_an_output_that_is_a_file_is_told(photos: Path, tmp_path: Path):
    output = tmp_path / "pairs"
    output.write_text("a file")
    with pytest.raises(EnvironmentFailure, match="pairs"):
        make(PLAN, photos, output)
    assert output.read_text() == "a file"
