"""Where the files of a pair go."""

import json

import numpy as np
import pytest
from photographs import FOLDER

import pellucid
from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.image import Image
from pellucid.core.records import Damage, Step
from pellucid.degrade.chain import Damaged
from pellucid.degrade.store import (
    is_there,
    mask_picture,
    names_of,
    parts_of,
    paths,
    row_of,
    save,
)

RECORD = Damage(
    key="holiday/beach.jpg",
    source="photos/holiday/beach.jpg",
    source_sha256="0" * 64,
    seed=3,
    steps=(Step(kind="haze", params={"density": 1.5}), Step(kind="noise")),
    pixels_sha256="1" * 64,
)


def pair(**masks: np.ndarray) -> Damaged:
    clean = pellucid.read(FOLDER / "beach.jpg")
    darker = clean.with_pixels(clean.pixels * np.float32(0.5))
    return Damaged(image=darker, clean=clean, masks=masks)


def test_the_damaged_side_loses_nothing_and_the_clean_side_keeps_its_coding(tmp_path):
    files = save(tmp_path, "holiday/beach", parts_of(pair(), RECORD))
    assert files == {
        "damaged": "damaged/holiday/beach.png",
        "clean": "clean/holiday/beach.jpg",
        "records": "records/holiday/beach.json",
    }
    damaged = pellucid.read(tmp_path / files["damaged"])
    clean = pellucid.read(tmp_path / files["clean"])
    source = pellucid.read(FOLDER / "beach.jpg")
    np.testing.assert_array_equal(clean.pixels, source.pixels)
    assert np.abs(damaged.pixels - source.pixels / 2).max() <= 0.5 / 255 + 1e-6


def test_pairs_carry_no_place(tmp_path):
    files = save(tmp_path, "beach", parts_of(pair(), RECORD))
    assert b"SERIAL" not in (tmp_path / files["clean"]).read_bytes()
    before = pellucid.read(FOLDER / "beach.jpg").carried.exif or b""
    for name in ("damaged", "clean"):
        after = pellucid.read(tmp_path / files[name]).carried.exif or b""
        assert len(after) < len(before)


def test_a_clean_side_that_moved_is_png(tmp_path):
    moved = pair()
    moved = Damaged(image=moved.image, clean=moved.image)
    assert save(tmp_path, "a", parts_of(moved, RECORD))["clean"] == "clean/a.png"


def test_masks_are_gray_pictures_of_their_own(tmp_path):
    mask = np.zeros((544, 816), np.float32)
    mask[10:20] = 1.0
    files = save(tmp_path, "a", parts_of(pair(old_photo=mask), RECORD))
    assert files["masks"] == ["masks/a.old_photo.png"]
    again = pellucid.read(tmp_path / files["masks"][0])
    assert again.carried.is_gray
    np.testing.assert_array_equal(again.pixels[:, :, 0], mask)
    np.testing.assert_array_equal(mask_picture(mask).pixels[:, :, 1], mask)


def test_deep_sources_stay_deep():
    clean = pellucid.read(FOLDER / "beach.jpg")
    deep = clean.with_pixels(clean.pixels * np.float32(0.7)).with_carried(
        sample_type="uint16"
    )
    part = parts_of(Damaged(image=deep, clean=deep), RECORD)[0]
    assert pellucid.decode(part.data).carried.bit_depth == 16


def test_a_row_comes_from_the_record(tmp_path):
    files = save(tmp_path, "beach", parts_of(pair(), RECORD))
    row = row_of(tmp_path, files)
    assert row.steps == RECORD.steps
    assert row.tags == ("haze", "noise")
    assert (row.damaged, row.origin) == ("damaged/beach.png", "synthetic")
    assert json.loads((tmp_path / files["records"]).read_text())["seed"] == 3


def test_a_missing_file_is_noticed(tmp_path):
    mask = np.zeros((544, 816), np.float32)
    files = save(tmp_path, "beach", parts_of(pair(x=mask), RECORD))
    assert is_there(tmp_path, files)
    for each in paths(files):
        (tmp_path / each).rename(tmp_path / "away")
        assert not is_there(tmp_path, files)
        (tmp_path / "away").rename(tmp_path / each)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "damaged").write_text("in the way")
    with pytest.raises(EnvironmentFailure, match=r"damaged/a\.png"):
        save(tmp_path, "a", parts_of(pair(), RECORD))


def test_names_drop_the_extension_where_that_is_clear():
    names = names_of(["a/x.jpg", "a/y.jpg", "a/y.png", "z.v2.tif"], 1)
    assert [names[key, 0] for key in ("a/x.jpg", "a/y.jpg", "a/y.png")] == [
        "a/x",
        "a/y.jpg",
        "a/y.png",
    ]
    assert names["z.v2.tif", 0] == "z.v2"


def test_copies_are_numbered_from_one():
    assert names_of(["x.jpg"], 2) == {("x.jpg", 0): "x-1", ("x.jpg", 1): "x-2"}


def test_two_pairs_of_one_name_are_refused():
    with pytest.raises(SettingsError, match="one name"):
        names_of(["x.jpg", "x-1.jpg", "x-1.png", "X-1.PNG"], 1)


def test_disks_that_ignore_case_lose_nothing():
    names = names_of(["a/Beach.jpg", "a/beach.png"], 1)
    assert len({name.casefold() for name in names.values()}) == 2


def test_an_image_without_a_format_becomes_png():
    image = Image(np.zeros((4, 4, 3), np.float32))
    suffixes = [
        each.suffix for each in parts_of(Damaged(image=image, clean=image), RECORD)
    ]
    assert suffixes == [".png", ".png", ".json"]
