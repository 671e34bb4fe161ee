import os
from pathlib import Path

import pytest

from pellucid.cli.destinations import identity, named_after, settle
from pellucid.cli.usage import UsageMistake


def test_one_input_and_one_file(tmp_path: Path):
    found = settle([Path("a.jpg")], str(tmp_path / "b.png"), None)
    assert found.folder is None
    assert found.of == {Path("a.jpg"): tmp_path / "b.png"}


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_folder_keeps_the_names(tmp_path: Path, ending: str):
    found = settle([Path("in/a.JPG")], f"{tmp_path}{ending}", None)
    assert found.of == {Path("in/a.JPG"): tmp_path / "a.JPG"}


def test_a_slash_or_several_inputs_mean_a_folder_that_is_not_there_yet(tmp_path: Path):
    new = tmp_path / "new"
    assert settle([Path("a.jpg")], f"{new}/", None).folder == new
    assert settle([Path("a.jpg"), Path("b.jpg")], str(new), None).folder == new


@pytest.mark.parametrize(
    ("name", "format", "output"),
    [
        ("a.jpg", "png", "a.png"),
        ("a.JPEG", "jpeg", "a.JPEG"),
        ("a.tar.jpg", "png", "a.tar.png"),
        ("photo.v2", "png", "photo.v2.png"),
        ("photo", "tiff", "photo.tif"),
        (".jpg", "png", ".jpg.png"),
    ],
)
def test_an_output_has_an_extension_of_its_format(name: str, format: str, output: str):
    assert named_after(Path(name), format) == output


def test_two_inputs_for_one_output_are_refused(tmp_path: Path):
    with pytest.raises(UsageMistake, match=r"a\.png.*twice.*a\.jpg.*a\.png"):
        settle([Path("a.jpg"), Path("a.png")], str(tmp_path), "png")
    with pytest.raises(UsageMistake, match="twice"):
        settle([Path("x/a.jpg"), Path("y/a.jpg")], str(tmp_path), None)
    with pytest.raises(UsageMistake, match="named twice"):
        settle([Path("a.jpg"), Path("a.jpg")], str(tmp_path), None)


def test_an_output_that_is_another_input_is_refused(tmp_path: Path, draw):
    one, two = draw(tmp_path / "one.png"), draw(tmp_path / "two.png")
    output = tmp_path / "out"
    output.mkdir()
    os.link(two, output / "one.png")  # the same file under another name
    with pytest.raises(UsageMistake, match="input too"):
        settle([one, two], str(output), None)


@pytest.mark.parametrize("there", [True, False])
def test_one_file_for_several_inputs_is_refused(tmp_path: Path, there: bool):
    output = tmp_path / "all.png"
    if there:
        output.touch()
    with pytest.raises(UsageMistake, match="there are 2 inputs"):
        settle([Path("a.jpg"), Path("b.jpg")], str(output), None)


def test_a_file_has_one_identity(tmp_path: Path):
    (tmp_path / "a").touch()
    os.link(tmp_path / "a", tmp_path / "b")
    assert identity(tmp_path / "a") == identity(tmp_path / "b")
    assert identity(tmp_path / "a") is not None
    assert identity(tmp_path / "c") is None
    assert identity(Path("a\0b")) is None
