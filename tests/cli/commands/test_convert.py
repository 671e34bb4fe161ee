from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pictures
import pytest

from pellucid.core.files import read

SOURCE = Path(__file__).parents[3] / "src"

# A disk that never finishes: the command is caught while it writes.
SLOW = """
import os, sys, time
def fsync(_):
    print("ready", file=sys.stderr, flush=True)
    time.sleep(60)
os.fsync = fsync
from pellucid.cli.main import main
sys.exit(main(["convert", "photo.png", "-o", "out.png"]))
"""


def test_a_copy_is_the_same_picture(tmp_path: Path, photo: Path, run):
    output = tmp_path / "copy.png"
    outcome = run("convert", photo, "-o", output)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{photo} -> {output} (PNG, ")
    np.testing.assert_array_equal(read(output).pixels, read(photo).pixels)


def test_the_name_or_the_option_says_the_format(tmp_path: Path, photo: Path, run):
    for words, name in (
        (["-o", tmp_path / "a.jpg"], "jpeg"),
        (["-o", tmp_path / "b.tif"], "tiff"),
        (["-o", tmp_path / "c", "--format", "webp"], "webp"),
        (["-o", tmp_path / "d"], "png"),
    ):
        outcome = run("convert", photo, *words, "--json")
        found = json.loads(outcome.out)
        assert found["format"] == name
        assert read(found["output"]).carried.format == name


def test_depth_quality_and_metadata_are_obeyed(tmp_path: Path, draw, run):
    photo = draw(tmp_path / "a.jpg", exif=b"Exif\0\0" + pictures.exif())
    run("convert", photo, "-o", tmp_path / "deep.png", "--bit-depth", "16")
    assert read(tmp_path / "deep.png").carried.bit_depth == 16
    run("convert", photo, "-o", tmp_path / "low.jpg", "--quality", "40")
    assert read(tmp_path / "low.jpg").carried.encoding["quality"] == 40
    run("convert", photo, "-o", tmp_path / "bare.jpg", "--metadata", "none")
    assert read(tmp_path / "bare.jpg").carried.exif is None


def test_what_is_lost_is_said(tmp_path: Path, draw, run):
    photo = draw(tmp_path / "a.png", "RGBA", icc_profile=pictures.profile("sRGB"))
    outcome = run("convert", photo, "-o", tmp_path / "a.ppm")
    assert outcome.code == 0
    assert f"warning: {photo}: " in outcome.err
    assert "ICC profile" in outcome.err


def test_a_folder_of_pictures_and_one_that_is_broken(
    tmp_path: Path, draw, broken: Path, run
):
    files = [draw(tmp_path / "a.jpg"), broken, draw(tmp_path / "b.PNG")]
    output = tmp_path / "new" / "folder"
    outcome = run("convert", *files, "-o", output, "--format", "png")
    assert outcome.code == 1
    assert sorted(each.name for each in output.iterdir()) == ["a.png", "b.PNG"]
    assert f"error: {broken}: " in outcome.err
    assert len(outcome.out.splitlines()) == 2


def test_names_that_would_collide_are_refused_before_any_work(
    tmp_path: Path, draw, run
):
    files = [draw(tmp_path / name) for name in ("other.png", "a.jpg", "a.png")]
    output = tmp_path / "out"
    outcome = run("convert", *files, "-o", output, "--format", "png")
    assert (outcome.code, outcome.out) == (2, "")
    assert "twice" in outcome.err
    assert not output.exists()


def test_a_file_is_replaced_only_when_that_was_said(tmp_path: Path, photo: Path, run):
    output = tmp_path / "out.png"
    output.write_text("precious")
    outcome = run("convert", photo, "-o", output)
    assert outcome.code == 2
    assert "`--overwrite`" in outcome.err
    assert output.read_text() == "precious"
    assert run("convert", photo, "-o", output, "--overwrite").code == 0
    assert read(output).width == 8


def test_the_input_is_replaced_only_in_place(photo: Path, run):
    before = photo.read_bytes()
    for words in (["-o", photo], ["-o", photo, "--overwrite"], ["-o", photo.parent]):
        outcome = run("convert", photo, *words)
        assert outcome.code == 2
        assert photo.read_bytes() == before
    assert run("convert", photo, "--in-place", "--bit-depth", "16").code == 0
    assert read(photo).carried.bit_depth == 16


def test_a_full_disk_ends_the_run_with_5_and_leaves_nothing(
    tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch
):
    files = [draw(tmp_path / name) for name in ("a.png", "b.png")]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    output = tmp_path / "out"
    outcome = run("convert", *files, "-o", output)
    assert outcome.code == 5
    assert outcome.err.count("error: ") == 1
    assert "No space left on device" in outcome.err
    assert list(output.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_environment_failure(
    tmp_path: Path, photo: Path, run
):
    (tmp_path / "file").touch()
    outcome = run("convert", photo, "-o", f"{tmp_path}/file/out/")
    assert outcome.code == 5
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", ["[red]x.png", "two\nlines.png", "x" * 251 + ".png"])
def test_odd_names_go_through(
    name: str, tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    draw(Path("photo.png")).rename(name)
    assert run("convert", name, "-o", "out/").code == 0
    assert [each.name for each in Path("out").iterdir()] == [name]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_while_writing_leaves_nothing_behind(
    number: int, code: int, photo: Path
):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=photo.parent,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        process.communicate(timeout=20)
    assert process.returncode == code
    assert [each.name for each in photo.parent.iterdir()] == ["photo.png"]
