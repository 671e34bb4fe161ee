from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.conversion import Conversion, prepare, show
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import EnvironmentFailure, OutputExists, UnknownName
from pellucid.core.files import read
from pellucid.core.options import Limits, WriteOptions


def plan(
    files: list[Path],
    output: Path | str | None,
    *,
    overwrite: bool = False,
    in_place: bool = False,
    format: str | None = None,
) -> Conversion:
    return prepare(
        files,
        None if output is None else str(output),
        WriteOptions(format=format),
        Limits(),
        overwrite=overwrite,
        in_place=in_place,
    )


@pytest.mark.parametrize("in_place", [True, False])
def test_exactly_one_place_must_be_named(in_place: bool):
    with pytest.raises(UsageMistake, match="either"):
        plan([Path("a")], "b" if in_place else None, in_place=in_place)


def test_in_place_and_another_format_contradict():
    with pytest.raises(UsageMistake, match="keeps the format"):
        plan([Path("a.png")], None, in_place=True, format="jpeg")


def test_a_format_may_be_called_by_its_short_name(tmp_path: Path):
    assert plan([Path("a.png")], tmp_path, format="JPG").options.format == "jpeg"
    with pytest.raises(UnknownName):
        plan([Path("a.png")], tmp_path, format="jpx")


def test_in_a_folder_content_decides_the_format_and_the_extension(tmp_path: Path, draw):
    wrong = draw(tmp_path / "photo.png").rename(tmp_path / "photo.jpg")
    output = tmp_path / "out"
    output.mkdir()
    facts = plan([wrong], output).convert(wrong)
    assert facts["output"] == str(output / "photo.png")
    assert facts["format"] == "png"
    assert any("named .jpg" in warning for warning in facts["warnings"])


def test_in_place_keeps_the_format_of_the_content(tmp_path: Path, draw):
    wrong = draw(tmp_path / "photo.png").rename(tmp_path / "photo.jpg")
    before = read(wrong)
    facts = plan([wrong], None, in_place=True).convert(wrong)
    after = read(wrong)
    assert facts["format"] == after.carried.format == "png"
    np.testing.assert_array_equal(after.pixels, before.pixels)


def test_what_this_run_has_written_is_never_replaced(tmp_path: Path, draw):
    wrong = draw(tmp_path / "a.png").rename(tmp_path / "a.jpg")
    right = draw(tmp_path / "a.png", size=9)
    output = tmp_path / "out"
    output.mkdir()
    convert = plan([wrong, right], output, overwrite=True).convert
    convert(wrong)
    with pytest.raises(OutputExists, match="a moment ago"):
        convert(right)
    assert read(output / "a.png").width == 8


def test_one_line_says_what_became_of_a_file():
    facts = {"file": "a", "output": "b", "format": "jpeg", "size_bytes": 1200}
    assert show(facts) == "a -> b (JPEG, 1.2 kB)"


def test_the_folder_is_made_before_any_work_but_after_all_checks(tmp_path: Path):
    with pytest.raises(UsageMistake):
        plan([Path("a.png"), Path("x/a.png")], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    plan([Path("a.png"), Path("b.png")], tmp_path / "out")
    assert (tmp_path / "out").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFailure, match="cannot be made"):
        plan([Path("a.png"), Path("b.png")], tmp_path / "file" / "out")
