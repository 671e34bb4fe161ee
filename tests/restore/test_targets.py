"""Results are called as their photographs, and never alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import SettingsError
from pellucid.data.folders import Source
from pellucid.restore.targets import (
    Target,
    beside,
    format_for,
    named_after,
    targets_of,
    writable,
)


def picture(path: Path, kind: str | None = None) -> Path:
    Pillow.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path, kind)
    return path


def sources(*keys: str) -> list[Source]:
    return [Source(Path("nowhere", key), key) for key in keys]


def test_a_result_keeps_the_format_that_its_photograph_has(tmp_path: Path):
    assert format_for(picture(tmp_path / "a.jpg")) == "jpeg"
    assert format_for(picture(tmp_path / "b.jpg", "PNG")) == "png"
    assert format_for(picture(tmp_path / "c.jpg"), "webp") == "webp"


def test_the_name_decides_where_nothing_can_be_read(tmp_path: Path):
    assert format_for(tmp_path / "gone.tif") == "tiff"
    assert format_for(tmp_path / "gone") == "png"


def test_formats_that_are_only_read_become_others():
    assert [writable(each) for each in ("jpeg", "heic", "raw")] == ["jpeg"] * 2 + [
        "png"
    ]


@pytest.mark.parametrize(
    ("name", "format", "expected"),
    [
        ("a.jpg", "jpeg", "a.jpg"),
        ("a.JPEG", "jpeg", "a.JPEG"),
        ("below/a.heic", "jpeg", "below/a.jpg"),
        ("photo.v2", "png", "photo.v2.png"),
    ],
)
def test_a_name_gets_an_extension_of_its_format(name, format, expected):
    assert named_after(name, format) == expected


def test_a_single_result_lies_beside_its_photograph():
    assert beside(Path("in/a.jpg"), "jpeg") == Path("in/a-restored.jpg")
    assert beside(Path("in/a.heic"), "jpeg") == Path("in/a-restored.jpg")


def test_of_two_results_the_one_that_changes_keeps_both_extensions():
    found = targets_of(sources("a.heic", "a.jpg", "b.heic"), None)
    assert found == {
        "a.heic": Target("a.heic.jpg", "jpeg"),
        "a.jpg": Target("a.jpg", "jpeg"),
        "b.heic": Target("b.jpg", "jpeg"),
    }


def test_names_that_stay_alike_are_refused():
    with pytest.raises(SettingsError, match="would both be written"):
        targets_of(sources("a.heic", "a.jpg", "a.heic.jpg"), None)
