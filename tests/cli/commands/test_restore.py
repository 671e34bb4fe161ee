"""The command `restore`, with a tiny restorer."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import lamp
import numpy as np
import pytest
from lamp import draw
from pictures import exif
from PIL import Image as Pillow

from pellucid.core.files import read
from pellucid.data.journal import Journal
from pellucid.restore import receipt
from pellucid.restore.packet import receipt_in


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return draw(tmp_path / "photo.png")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for key in ("a.png", "below/b.jpg"):
        draw(tmp_path / "in" / key)
    return tmp_path / "in"


@pytest.fixture
def restore(run):
    def restore(*words, code: int = 0, model: str = "lamp"):
        outcome = run("restore", *words, "--model", model)
        assert outcome.code == code, outcome.err
        return outcome

    return restore


def test_one_photograph_becomes_one_beside_it(photo: Path, restore):
    outcome = restore(photo)
    target = photo.with_name("photo-restored.png")
    assert outcome.out == f"{photo} -> {target} (low_light)\n"
    assert outcome.err == ""
    assert read(target).pixels.mean() > read(photo).pixels.mean() + 0.1
    assert receipt.read(receipt.beside(target)).model == "lamp"


def test_a_second_time_nothing_is_replaced_unless_asked(photo: Path, restore):
    restore(photo)
    target = photo.with_name("photo-restored.png")
    target.write_bytes(b"mine")
    assert "already a file" in restore(photo, code=2).err
    assert target.read_bytes() == b"mine"
    restore(photo, "--overwrite")
    assert target.read_bytes() != b"mine"


def test_the_photograph_itself_is_never_replaced(photo: Path, restore):
    before = photo.read_bytes()
    restore(photo, "-o", photo, "--overwrite", code=2)
    restore(photo, "-o", photo.parent, "--overwrite", code=2)
    assert photo.read_bytes() == before


def test_an_output_may_be_a_picture_or_a_folder(photo: Path, tmp_path: Path, restore):
    restore(photo, "-o", tmp_path / "new" / "b.webp", "--receipt", "none")
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["b.webp"]
    assert read(tmp_path / "new" / "b.webp").carried.format == "webp"
    restore(photo, "-o", f"{tmp_path}/folder/")
    assert (tmp_path / "folder" / "photo.png").exists()
    restore(photo, "-o", tmp_path / "new", "--format", "jpg")
    assert read(tmp_path / "new" / "photo.jpg").carried.format == "jpeg"
    assert not list(tmp_path.rglob("journal.jsonl"))


def test_what_the_file_carries_stays(tmp_path: Path, restore):
    values = np.random.default_rng(1).integers(0, 80, (16, 16, 3), np.uint8)
    photo = tmp_path / "photo.jpg"
    how = {"quality": 71, "exif": b"Exif\0\0" + exif(size=(16, 16)), "dpi": (300, 300)}
    Pillow.fromarray(values).save(photo, icc_profile=b"profile", **how)
    restore(photo)
    before, after = read(photo).carried, read(tmp_path / "photo-restored.jpg").carried
    assert after.encoding == before.encoding
    assert (after.icc, after.exif, after.dpi) == (before.icc, before.exif, before.dpi)
    restore(photo, "-o", tmp_path / "bare.jpg", "--metadata", "none")
    assert read(tmp_path / "bare.jpg").carried.exif is None


def test_sixteen_bits_stay_sixteen(tmp_path: Path, restore):
    values = np.random.default_rng(1).integers(0, 20000, (8, 8), np.uint16)
    Pillow.fromarray(values).save(tmp_path / "photo.png")
    restore(tmp_path / "photo.png")
    after = read(tmp_path / "photo-restored.png")
    assert (after.carried.sample_type, after.carried.is_gray) == ("uint16", True)


def test_a_clean_photograph_has_nothing_to_repair(tmp_path: Path, restore):
    photo = draw(tmp_path / "clean.png", light=256)
    assert restore(photo).out.endswith("(nothing to repair)\n")
    same = read(tmp_path / "clean-restored.png").pixels
    assert (same == read(photo).pixels).all()


def test_a_result_that_is_worse_is_not_kept(photo: Path, restore):
    outcome = restore(photo, model="darkener")
    assert outcome.out.endswith("(low_light: kept as it was)\n")
    assert "The original was kept" in outcome.err
    result = read(photo.with_name("photo-restored.png"))
    assert (result.pixels == read(photo).pixels).all()


def test_what_was_said_of_a_kept_result_is_not_said_again(
    photos: Path, tmp_path: Path, restore
):
    words = [photos, "-o", tmp_path / "out"]
    assert restore(*words, model="darkener").err.count("The original was kept") == 2
    assert restore(*words, model="darkener").err == ""


def test_json_tells_all_that_is_known(photo: Path, restore):
    facts = json.loads(restore(photo, "--json", "--strength", "0.5").out)
    assert facts["file"] == str(photo)
    assert facts["output"] == str(photo.with_name("photo-restored.png"))
    assert (facts["repaired"], facts["applied_strength"]) == (["low_light"], 0.5)
    assert facts["receipt"]["request"]["strength"] == 0.5
    assert facts["warnings"] == []


def test_a_report_holds_all_receipts(photos: Path, tmp_path: Path, restore):
    report = tmp_path / "report.json"
    (photos / "bad.jpg").write_bytes(b"no picture")
    words = [photos, "-o", tmp_path / "out", "--report", report]
    restore(*words, code=1)
    facts = json.loads(report.read_text())
    keys = [Path(each["file"]).name for each in facts["files"]]
    assert keys == ["a.png", "b.jpg"]
    assert all(each["receipt"]["model"] == "lamp" for each in facts["files"])
    assert list(facts["failed"]) == [str(photos / "bad.jpg")]
    restore(*words, code=1)  # a report may be replaced
    report.write_text("mine")
    restore(*words, code=2)
    assert report.read_text() == "mine"


def test_a_folder_keeps_its_tree_and_is_not_done_twice(
    photos: Path, tmp_path: Path, restore
):
    words = [photos, "-o", tmp_path / "out"]
    assert restore(*words).out == f"2 photographs in {tmp_path / 'out'}\n"
    assert (tmp_path / "out" / "below" / "b.jpg").exists()
    again = restore(*words).out
    assert again == f"2 photographs in {tmp_path / 'out'} (2 were there)\n"
    facts = json.loads(restore(*words, "--json").out)
    assert (facts["restored"], facts["kept"], facts["failed"]) == (0, 2, {})
    assert len(facts["files"]) == 2


def test_globs_and_several_files_need_a_folder(photos: Path, tmp_path: Path, restore):
    restore(f"{photos}/**/*.jpg", photos / "a.png", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "below" / "b.jpg").exists()
    assert "-o FOLDER" in restore(photos, code=2).err
    assert "Name a folder" in restore(photos, "-o", tmp_path / "a.png", code=2).err


def test_a_bad_file_ends_with_one_and_the_others_are_done(
    photos: Path, tmp_path: Path, restore
):
    (photos / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    outcome = restore(photos, "-o", tmp_path / "out", code=1)
    assert f"{photos / 'bad.jpg'}: " in outcome.err
    assert outcome.out == f"2 photographs in {tmp_path / 'out'} (1 failed)\n"


def test_a_folder_inside_the_inputs_is_left_out(photos: Path, restore):
    restore(photos, "-o", photos / "better")
    outcome = restore(photos, "-o", photos / "better")
    assert "2 pictures in it are results" in outcome.err
    assert "(2 were there)" in outcome.out
    assert restore(photos, "-o", photos, code=2).err


def test_a_second_run_on_a_folder_refuses(photos: Path, tmp_path: Path, restore):
    with Journal.open(tmp_path / "out", {}):
        outcome = restore(photos, "-o", tmp_path / "out", code=5)
    assert "Another process" in outcome.err


def test_several_workers_give_the_same_pictures(photos: Path, tmp_path: Path, restore):
    restore(photos, "-o", tmp_path / "one", "--workers", "1")
    restore(photos, "-o", tmp_path / "two", "--workers", "2")
    for key in ("a.png", "below/b.jpg"):
        one, two = (tmp_path / name / key for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_dry_run_writes_nothing(photos: Path, photo: Path, tmp_path: Path, restore):
    before = sorted(tmp_path.rglob("*"))
    lines = restore(photos, "-o", tmp_path / "out", "--dry-run").out.splitlines()
    assert lines == [
        f"{photos / key} -> {tmp_path / 'out' / key}"
        for key in ("a.png", "below/b.jpg")
    ]
    facts = json.loads(restore(photo, "--dry-run", "--json").out)
    assert facts[0]["output"] == str(photo.with_name("photo-restored.png"))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "No photograph is named"),
        (["nowhere.jpg"], 2, "There is no file"),
        (["{photo}", "--task", "debblur"], 2, "Did you mean `deblur`?"),
        (["{photo}", "--task", "derain"], 2, "does not know the task `derain`"),
        (["{photo}", "--format", "gifff"], 2, "no format called"),
        (["{photo}", "--format", "heic"], 2, "is read, but not written"),
        (["{photo}", "--report", "no/where.json"], 5, "there is no folder no"),
        (["{photo}", "--strength", "2"], 2, "--strength"),
        (["{photo}", "--max-pixels", "0.00001"], 1, "--max-pixels"),
        (["-", "{photo}", "-o", "x"], 2, "A pipe holds one photograph"),
        (["{photo}", "-o", "-", "--json"], 2, "goes to stdout"),
    ],
)
def test_what_cannot_be_done_is_said(photo: Path, restore, words, code, said):
    words = [word.format(photo=photo) for word in words]
    assert said in restore(*words, code=code).err


def test_an_unknown_model_and_missing_weights_are_said(photo: Path, restore):
    assert "no restorer called `lampp`" in restore(photo, code=2, model="lampp").err
    assert "weights" in restore(photo, code=3, model="weightless").err
    assert not photo.with_name("photo-restored.png").exists()


def apart(site: Path, *words: str | Path) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a process of its own."""
    path = os.pathsep.join([str(site), *filter(None, sys.path)])
    command = [sys.executable, lamp.__file__, "restore", *map(str, words)]
    return command, os.environ | {"PYTHONPATH": path}


def test_a_pipe_takes_and_gives_pictures(photo: Path, site: Path, tmp_path: Path):
    words = ["-", "--model", "lamp", "--report", tmp_path / "report.json"]
    command, environment = apart(site, *words)
    piped = subprocess.run(
        command,
        input=photo.read_bytes(),
        capture_output=True,
        env=environment,
        check=True,
    )
    assert piped.stderr == b""
    image = Pillow.open(io.BytesIO(piped.stdout))
    assert (image.format, image.size) == ("PNG", (9, 8))
    assert json.loads((tmp_path / "report.json").read_text())["files"][0]["receipt"]


def test_a_pipe_can_end_in_a_file(
    photo: Path, tmp_path: Path, restore, monkeypatch: pytest.MonkeyPatch
):
    stdin = io.TextIOWrapper(io.BytesIO(photo.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    target = tmp_path / "from-pipe.jpg"
    assert restore("-", "-o", target).out == f"- -> {target} (low_light)\n"
    assert read(target).carried.format == "jpeg"
    assert receipt.verify(receipt.read(receipt.beside(target)), target) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("place", ["one", "many"])
def test_an_interrupt_leaves_nothing_half_written(
    site: Path, tmp_path: Path, number: signal.Signals, place: str
):
    photo = draw(tmp_path / "in" / "hangs.png", width=13)
    output = tmp_path / "out.png" if place == "one" else tmp_path / "out"
    inputs = [photo] if place == "one" else [photo.parent]
    command, environment = apart(site, *inputs, "-o", output, "--model", "slow")
    ready = tmp_path / "hanging"
    environment["LAMP_HANGS"] = str(ready)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    while not ready.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(number)
    said = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 128 + number, said
    assert said.strip() in {"interrupted", "terminated"}
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not {name for name in left if name.endswith(".tmp")}
    assert not output.is_file()
    assert not (output / "hangs.png").exists()


def test_a_receipt_goes_into_the_picture_on_request(
    photo: Path, tmp_path: Path, restore
):
    target = tmp_path / "with" / "b.webp"
    restore(photo, "-o", target, "--receipt", "xmp")
    xmp = read(target).carried.xmp
    assert xmp is not None
    inside = receipt_in(xmp)
    assert inside is not None
    assert inside.model == "lamp"
    assert inside.output_sha256 is None
    assert target.with_name("b.webp.receipt.json").exists()
