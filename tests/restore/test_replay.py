"""A result is made again from its receipt, or it is said what differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lamp
import pytest
from lamp import draw

from pellucid.core.errors import Incomplete, InputMissing, UnknownName
from pellucid.core.files import read
from pellucid.core.options import Limits
from pellucid.core.records import Receipt
from pellucid.restore import receipt
from pellucid.restore.file import Plan, restore_file
from pellucid.restore.replay import Replay, find_photo, replay


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return draw(tmp_path / "photo.png")


@pytest.fixture
def made(photo: Path, tmp_path: Path) -> Receipt:
    plan = Plan(diagnose=lamp.see, model="lamp")
    return restore_file(plan, photo, tmp_path / "better.png", "png").receipt


def again(made: Receipt, photo: Path) -> Replay:
    return replay(made, photo, diagnose=lamp.see, limits=Limits())


def test_the_same_pixels_come_again(made: Receipt, photo: Path, tmp_path: Path):
    found = again(made, photo)
    assert (found.is_same, found.differences) == (True, ())
    written = read(tmp_path / "better.png").pixels
    assert abs(found.image.pixels - written).max() <= 0.5 / 255 + 1e-6


def test_other_pixels_are_told_with_what_else_differs(made: Receipt, photo: Path):
    other = replace(
        made,
        pixels_sha256="0" * 64,
        versions={**made.versions, "numpy": "0.1", "gone": "1"},
        weights_sha256={"a.onnx": "1" * 64},
        tile=None,
        device="abacus",
        applied_strength=0.5,
    )
    found = again(other, photo)
    assert not found.is_same
    said = " ".join(found.differences)
    for part in (
        "The pixels differ",
        "version of numpy was 0.1",
        "gone was 1, now it is not there",
        "weights a.onnx was",
        "device was abacus",
        "strength was 0.5",
    ):
        assert part in said


def test_another_diagnosis_is_told(made: Receipt, photo: Path):
    assert made.before is not None
    other = replace(made, pixels_sha256="0" * 64, before=None)
    assert "The diagnosis is another." in again(other, photo).differences


def test_another_photograph_is_refused(made: Receipt, tmp_path: Path):
    with pytest.raises(Incomplete, match="not the photograph"):
        again(made, draw(tmp_path / "other.png", 5))


def test_a_receipt_without_pixels_cannot_be_checked(made: Receipt, photo: Path):
    with pytest.raises(Incomplete, match="does not say"):
        again(replace(made, pixels_sha256=None), photo)


def test_a_restorer_that_is_not_here_is_told(made: Receipt, photo: Path):
    with pytest.raises(UnknownName, match="nobody"):
        again(replace(made, model="nobody"), photo)


def test_the_photograph_is_found_beside_the_receipt(made: Receipt, tmp_path: Path):
    beside = receipt.beside(tmp_path / "better.png")
    (tmp_path / "photo.png").rename(tmp_path / "renamed.png")
    assert find_photo(made, beside) == tmp_path / "renamed.png"
    (tmp_path / "renamed.png").unlink()
    with pytest.raises(InputMissing, match="does not lie"):
        find_photo(made, beside)


def test_a_result_is_not_taken_for_its_photograph(tmp_path: Path):
    photo = draw(tmp_path / "photo.jpg", light=256)
    plan = Plan(diagnose=lamp.see, model="lamp")
    target = tmp_path / "a-same.jpg"
    made = restore_file(plan, photo, target, "jpeg").receipt
    assert photo.read_bytes() == target.read_bytes()
    assert find_photo(made, receipt.beside(target)) == photo
