from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from clips import folder_of, pan, scene
from photographs import FOLDER

from pellucid.core.files import read
from pellucid.data import manifest

PHOTO = FOLDER / "roesti.webp"


def degrade(run, *words, code: int = 0):
    outcome = run("degrade", *words)
    assert outcome.code == code, outcome.err
    return outcome


def test_one_photograph_becomes_one_picture_and_a_record(tmp_path: Path, run):
    output = tmp_path / "hazy.png"
    outcome = degrade(run, PHOTO, "-o", output, "-k", "haze", "--severity", "0.7")
    assert outcome.out == f"{PHOTO} -> {output} (haze)\n"
    assert (outcome.err, len(list(tmp_path.iterdir()))) == ("", 2)
    record = json.loads((tmp_path / "hazy.json").read_text())
    assert record["steps"][0]["kind"] == "haze"
    assert record["steps"][0]["params"]["severity"] == 0.7
    clean, hazy = read(PHOTO), read(output)
    assert hazy.pixels.shape == clean.pixels.shape
    assert np.abs(hazy.pixels - clean.pixels).mean() > 0.02


def test_the_same_seed_gives_the_same_file_and_another_another(tmp_path: Path, run):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        degrade(
            run, PHOTO, "-o", tmp_path / f"{name}.png", "-k", "noise", "--seed", seed
        )
    one, same, other = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert one == same
    assert one != other


def test_a_record_is_replayed(tmp_path: Path, run):
    degrade(run, PHOTO, "-o", tmp_path / "a.png", "-k", "rain", "-k", "web")
    outcome = degrade(
        run, "--replay", tmp_path / "a.json", "-o", tmp_path / "b.png", "--json"
    )
    facts = json.loads(outcome.out)
    assert (facts["same"], facts["kinds"]) == (True, ["rain", "web"])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_replay_of_another_photograph_is_refused(tmp_path: Path, run):
    degrade(run, PHOTO, "-o", tmp_path / "a.png", "-k", "noise")
    words = [FOLDER / "lake.webp", "--replay", tmp_path / "a.json"]
    outcome = degrade(run, *words, "-o", tmp_path / "b.png", code=4)
    assert "not the photograph" in outcome.err
    assert not (tmp_path / "b.png").exists()


def test_a_replay_that_differs_ends_with_four(tmp_path: Path, run):
    degrade(run, PHOTO, "-o", tmp_path / "a.png", "-k", "noise")
    record = json.loads((tmp_path / "a.json").read_text())
    record["steps"][0]["params"]["seed"] += 1
    (tmp_path / "a.json").write_text(json.dumps(record))
    words = ["--replay", tmp_path / "a.json", "-o", tmp_path / "b.png"]
    outcome = degrade(run, *words, code=4)
    assert "differ" in outcome.err
    assert (tmp_path / "b.png").exists()


def test_a_target_that_moved_lies_beside_the_picture(tmp_path: Path, run):
    degrade(run, PHOTO, "-o", tmp_path / "a.png", "-k", "flare")
    assert (tmp_path / "a.clean.png").exists()
    degrade(run, PHOTO, "-o", tmp_path / "b.png", "-k", "old_photo")
    assert (tmp_path / "b.old_photo.png").exists()
    assert not (tmp_path / "b.clean.png").exists()


def test_nothing_is_replaced_unless_asked(tmp_path: Path, run):
    output = tmp_path / "a.png"
    degrade(run, PHOTO, "-o", output, "-k", "noise")
    before = output.read_bytes()
    degrade(run, PHOTO, "-o", output, "-k", "noise", "--seed", "2", code=2)
    assert output.read_bytes() == before
    degrade(run, PHOTO, "-o", output, "-k", "noise", "--seed", "2", "--overwrite")
    assert output.read_bytes() != before


def test_the_photograph_itself_is_never_replaced(tmp_path: Path, draw, run):
    photo = draw(tmp_path / "photo.png")
    before = photo.read_bytes()
    degrade(run, photo, "-o", photo, "-k", "noise", "--overwrite", code=2)
    assert photo.read_bytes() == before
    assert not (tmp_path / "photo.json").exists()


def test_a_folder_becomes_pairs(tmp_path: Path, draw, run):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.jpg"):
        draw(tmp_path / "in" / name, size=24)
    words = [tmp_path / "in", "-o", tmp_path / "out", "-k", "noise", "--count", "2"]
    facts = json.loads(degrade(run, *words, "--workers", "1", "--json").out)
    assert (facts["pairs"], facts["failed"]) == (4, {})
    assert len(manifest.read(Path(facts["manifest"]))) == 4
    again = degrade(run, *words, "--workers", "1")
    assert again.out == f"4 pairs in {tmp_path / 'out'} (4 were there)\n"


def test_a_bad_file_ends_with_one_and_the_others_are_made(tmp_path: Path, draw, run):
    (tmp_path / "in").mkdir()
    draw(tmp_path / "in" / "a.png", size=24)
    (tmp_path / "in" / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    words = [tmp_path / "in", "-o", tmp_path / "out", "-k", "noise", "--workers", "1"]
    outcome = degrade(run, *words, code=1)
    assert "bad.jpg" in outcome.err
    assert outcome.out.startswith("1 pairs")


def test_a_setting_is_changed_by_set(tmp_path: Path, run):
    words = [PHOTO, "-o", tmp_path / "a.png", "-k", "haze", "--set"]
    degrade(run, *words, "density=[0.4, 0.4]")
    outcome = degrade(run, *words, "densty=[1, 2]", "--overwrite", code=2)
    assert "Did you mean `density`?" in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.png", "-o", "o.png"], "--kind"),
        (["x.png", "-o", "o.png", "-k", "haze", "--recipe", "r.toml"], "--kind"),
        (["x.png", "-o", "o.png", "-k", "haz"], "Did you mean `haze`?"),
        (["-o", "o.png", "-k", "haze"], "No photograph"),
        (["x.png", "-k", "haze"], "-o PATH"),
        (["gone.png", "-o", "o.png", "-k", "haze"], "gone.png"),
        (["x.png", "-o", "o.png", "-k", "haze", "--severity", "1.5"], "--severity"),
        (["x.png", "y.png", "-o", "o.png", "-k", "haze"], "several"),
        (["x.png", "-o", "o.png", "--recipe", "gone.toml"], "gone.toml"),
        (["x.png", "-o", "o.png", "--replay", "gone.json"], "gone.json"),
        (["x.png", "-o", "out", "--replay", "gone.json"], "one picture"),
        (["x.png", "-o", "o.png", "-k", "rain", "--assets", "gone"], "gone"),
    ],
)
def test_mistakes_are_told_before_any_work(
    tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch, words, said: str
):
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "x.png")
    draw(tmp_path / "y.png")
    outcome = degrade(run, *words, code=2)
    assert said in outcome.err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.png", "y.png"]


def test_a_record_of_a_folder_finds_its_photograph(tmp_path: Path, draw, run):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    draw(tmp_path / "in" / "deep" / "a.png", size=24)
    degrade(run, tmp_path / "in", "-o", tmp_path / "out", "-k", "noise")
    record = tmp_path / "out" / "records" / "deep" / "a.json"
    assert json.loads(record.read_text())["source"] == "../in/deep/a.png"
    degrade(run, "--replay", record, "-o", tmp_path / "again.png")
    again, first = (
        tmp_path / "again.png",
        tmp_path / "out" / "damaged" / "deep" / "a.png",
    )
    np.testing.assert_array_equal(read(again).pixels, read(first).pixels)


def test_a_video_needs_its_option(tmp_path: Path, run):
    (tmp_path / "clip.mp4").write_bytes(b"")
    words = [tmp_path / "clip.mp4", "-o", tmp_path / "out", "-k", "blur"]
    assert "--frames" in degrade(run, *words, code=2).err


def test_a_folder_of_frames_becomes_blur(tmp_path: Path, run):
    folder_of(pan(scene("a"), range(12)), tmp_path / "walk")
    words = [tmp_path / "walk", "-k", "blur", "--frames"]
    degrade(run, *words, "-o", tmp_path / "pairs")
    degrade(run, *words, "-o", tmp_path / "one.png")
    record = json.loads((tmp_path / "one.json").read_text())
    assert record["steps"][0]["params"]["shape"] == "frames"
    degrade(run, "--replay", tmp_path / "one.json", "-o", tmp_path / "two.png")
    one, two = ((tmp_path / f"{name}.png").read_bytes() for name in ("one", "two"))
    assert one == two
    assert (tmp_path / "pairs" / "damaged" / "walk.png").exists()
