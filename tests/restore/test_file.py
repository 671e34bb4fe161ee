"""One photograph on disk, and the receipt beside it."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import lamp
import numpy as np
import pytest
from lamp import draw
from PIL import Image as Pillow

from pellucid.core.errors import BadImage, MissingModel, OutputExists, UnknownName
from pellucid.core.files import read
from pellucid.core.options import WriteOptions
from pellucid.core.records import LoadOptions, Request
from pellucid.restore import file, receipt
from pellucid.restore.file import Plan, ready, restore_bytes, restore_file, save

PLAN = Plan(diagnose=lamp.see, model="lamp")


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return draw(tmp_path / "photo.png")


def test_a_result_has_its_receipt_beside_it(photo: Path, tmp_path: Path):
    target = tmp_path / "new" / "better.png"
    done = restore_file(PLAN, photo, target, "png")
    before, after = read(photo).pixels, read(target).pixels
    np.testing.assert_allclose(after, np.sqrt(before), atol=0.5 / 255 + 1e-6)
    written = receipt.read(receipt.beside(target))
    assert written == done.receipt
    assert written.input_sha256 == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert written.output_sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert len(list(target.parent.iterdir())) == 2


def test_a_clean_photograph_comes_back_as_it_was(tmp_path: Path):
    photo = draw(tmp_path / "clean.jpg", light=256)
    done = restore_file(PLAN, photo, tmp_path / "same.jpg", "jpeg")
    assert (read(tmp_path / "same.jpg").pixels == read(photo).pixels).all()
    assert done.receipt.applied_strength == 0.0


def test_without_receipts_there_is_only_the_result(photo: Path, tmp_path: Path):
    plan = Plan(diagnose=lamp.see, model="lamp", receipts=False)
    restore_file(plan, photo, tmp_path / "new" / "a.png", "png")
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["a.png"]


def test_bytes_give_the_bytes_that_a_file_would_have(photo: Path, tmp_path: Path):
    restore_file(PLAN, photo, tmp_path / "a.png", "png")
    done = restore_bytes(PLAN, photo.read_bytes())
    assert done.data == (tmp_path / "a.png").read_bytes()
    assert done.receipt.output_sha256 == hashlib.sha256(done.data).hexdigest()
    save(done, tmp_path / "b.png", overwrite=False, receipts=True)
    assert (tmp_path / "b.png").read_bytes() == done.data
    assert receipt.read(receipt.beside(tmp_path / "b.png")) == done.receipt


def test_bytes_can_take_another_format(photo: Path):
    done = restore_bytes(PLAN, photo.read_bytes(), "jpeg")
    assert Pillow.open(io.BytesIO(done.data)).format == "JPEG"


def test_what_is_asked_for_reaches_the_writer(photo: Path, tmp_path: Path):
    plan = Plan(
        diagnose=lamp.see, model="lamp", options=WriteOptions(quality=20, format="png")
    )
    restore_file(plan, photo, tmp_path / "a.jpg", "jpeg")
    fine = Plan(diagnose=lamp.see, model="lamp", options=WriteOptions(quality=95))
    restore_file(fine, photo, tmp_path / "b.jpg", "jpeg")
    sizes = [(tmp_path / name).stat().st_size for name in ("a.jpg", "b.jpg")]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("name", ["a.png", "a.png.receipt.json"])
def test_what_is_there_is_replaced_only_when_asked(
    photo: Path, tmp_path: Path, name: str
):
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputExists, match=name):
        restore_file(PLAN, photo, tmp_path / "a.png", "png")
    assert (tmp_path / name).read_text() == "mine"
    restore_file(PLAN, photo, tmp_path / "a.png", "png", overwrite=True)
    assert (tmp_path / name).read_bytes() != b"mine"


def test_the_photograph_itself_is_never_replaced(photo: Path):
    before = photo.read_bytes()
    with pytest.raises(OutputExists):
        restore_file(PLAN, photo, photo, "png", overwrite=True)
    assert photo.read_bytes() == before


def test_a_photograph_that_changes_while_it_is_read_is_refused(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def read_slowly(path: Path, limits: object) -> object:
        image = read(path)
        os.utime(path, ns=(1, 1))
        return image

    monkeypatch.setattr(file, "read", read_slowly)
    with pytest.raises(BadImage, match="changed while"):
        restore_file(PLAN, photo, tmp_path / "a.png", "png")
    assert not (tmp_path / "a.png").exists()


def test_a_restorer_is_loaded_once():
    assert ready("lamp", LoadOptions()) is ready("lamp", LoadOptions())
    assert ready("lamp", LoadOptions(tile=64)) is not ready("lamp", LoadOptions())


def test_missing_weights_are_told_before_anything_is_written(
    photo: Path, tmp_path: Path
):
    plan = Plan(diagnose=lamp.see, model="weightless")
    with pytest.raises(MissingModel):
        restore_file(plan, photo, tmp_path / "a.png", "png")
    assert not (tmp_path / "a.png").exists()


def test_a_task_that_is_none_is_told(photo: Path, tmp_path: Path):
    plan = Plan(diagnose=lamp.see, model="lamp", request=Request(task=("debblur",)))
    with pytest.raises(UnknownName, match="debblur"):
        restore_file(plan, photo, tmp_path / "a.png", "png")
