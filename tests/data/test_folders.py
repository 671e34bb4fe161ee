"""Which files are meant by what a user names, and what each is called."""

import os
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core.atomic import PREFIX, SUFFIX
from pellucid.core.errors import EnvironmentFailure, InputMissing
from pellucid.data.folders import SameKey, find

NAMES = st.text("ab*[?]-.é ", min_size=1, max_size=4).filter(
    lambda name: not name.startswith(".")
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def keys(*inputs: str, also: frozenset[str] = frozenset()) -> list[str]:
    return [source.key for source in find(inputs, also)]


def test_a_folder_gives_all_pictures_below_it_by_their_path_within():
    touch("photos/b.png", "photos/a/c.JPG", "photos/a/b/d.tiff")
    assert keys("photos") == ["a/b/d.tiff", "a/c.JPG", "b.png"]
    assert [each.path for each in find(["photos"])] == [
        Path("photos/a/b/d.tiff"),
        Path("photos/a/c.JPG"),
        Path("photos/b.png"),
    ]


@pytest.mark.parametrize("name", ["photos/", "./photos", "photos/../photos"])
def test_how_a_folder_is_written_does_not_matter(name):
    touch("photos/a/b.png")
    assert keys(name) == ["a/b.png"]


def test_the_folder_we_are_in_can_be_named():
    touch("photos/a.png")
    assert keys(".") == ["photos/a.png"]
    os.chdir("photos")
    assert keys("..") == ["photos/a.png"]


def test_a_file_is_taken_whatever_its_name_and_called_by_it():
    touch("photos/.hidden", "photos/notes.txt")
    assert keys("photos/.hidden", "photos/notes.txt") == [".hidden", "notes.txt"]


def test_what_is_hidden_or_no_picture_is_left_out():
    touch("photos/a.png", "photos/.b.png", "photos/.c/d.png", "photos/e.txt")
    touch(f"photos/{PREFIX}0123456789abcdef{SUFFIX}", "photos/png", "photos/.png")
    assert keys("photos") == ["a.png"]
    assert keys("photos/*") == ["a.png"]
    assert keys("photos/**") == ["a.png"]


def test_a_hidden_folder_that_is_named_is_meant():
    touch(".cache/a.png")
    assert keys(".cache") == ["a.png"]
    assert keys(".cache/*.png") == ["a.png"]


def test_more_extensions_can_be_taken():
    touch("films/a.MP4", "films/b.png", "films/c.mov")
    assert keys("films", also=frozenset({".mp4"})) == ["a.MP4", "b.png"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("p/*", ["a.png", "b.jpg"]),
        ("p/*.png", ["a.png"]),
        ("p/?.jpg", ["b.jpg"]),
        ("p/[!a].*", ["b.jpg"]),
        ("p/*/*.png", ["x/c.png", "y/d.png"]),
        ("p/**", ["a.png", "b.jpg", "x/c.png", "x/z/e.png", "y/d.png"]),
        ("p/**/*.png", ["a.png", "x/c.png", "x/z/e.png", "y/d.png"]),
        ("p/**/z/*", ["x/z/e.png"]),
        ("p/x/**/*.png", ["c.png", "z/e.png"]),
        ("?/x/*.png", ["p/x/c.png"]),
        ("**/e.png", ["p/x/z/e.png"]),
    ],
)
def test_a_pattern_gives_what_a_shell_would_give(pattern, expected):
    touch("p/a.png", "p/b.jpg", "p/x/c.png", "p/x/z/e.png", "p/y/d.png")
    assert keys(pattern) == expected
    assert keys(str(Path.cwd() / pattern)) == expected


def test_what_exists_is_no_pattern():
    touch("[a].png", "a.png", "photos [2020]/b.png", "photos 2/c.png")
    assert keys("[a].png") == ["[a].png"]
    assert keys("photos [2020]") == ["b.png"]
    assert keys("photos [2020]/*.png") == ["b.png"]


def test_a_pattern_does_not_look_where_nothing_can_fit(tmp_path):
    touch("a.png", "closed/b.png", "open/c.png")
    Path("closed").chmod(0)
    try:
        assert keys("*.png") == ["a.png"]
        assert keys("o*/*.png") == ["open/c.png"]
    finally:
        Path("closed").chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="is root")
def test_a_folder_that_cannot_be_listed_is_not_passed_over():
    touch("photos/a.png", "photos/closed/b.png")
    Path("photos/closed").chmod(0)
    try:
        with pytest.raises(EnvironmentFailure, match="closed: It cannot be listed"):
            find(["photos"])
    finally:
        Path("photos/closed").chmod(0o700)


def test_links_make_no_loop_and_no_file_is_found_twice():
    touch("photos/b/x.png", "photos/c/y.png", "elsewhere/z.png")
    Path("photos/a").symlink_to("b")
    Path("photos/b/up").symlink_to("..")
    Path("photos/c/self").symlink_to("self")
    Path("photos/d").symlink_to("../elsewhere")
    found = keys("photos", also=frozenset({""}))
    assert found == ["b/x.png", "c/self", "c/y.png", "d/z.png"]


def test_a_link_to_nothing_is_not_passed_over():
    Path("photos").mkdir()
    Path("photos/a.png").symlink_to("gone.png")
    assert keys("photos") == ["a.png"]


def test_a_pipe_is_no_picture():
    touch("photos/a.png")
    os.mkfifo("photos/b.png")
    assert keys("photos") == ["a.png"]


def test_a_file_that_is_named_twice_is_one():
    touch("photos/a.png", "photos/b/c.png")
    assert keys("photos", "photos/a.png", "./photos", "photos/b/*") == [
        "a.png",
        "b/c.png",
    ]


def test_inputs_that_share_a_key_get_the_names_of_their_folders():
    touch("one/a.png", "one/b.png", "two/a.png", "three/c.png")
    assert keys("one", "two", "three") == [
        "c.png",
        "one/a.png",
        "one/b.png",
        "two/a.png",
    ]
    assert keys("one/a.png", "two/*.png") == ["one/a.png", "two/a.png"]


def test_two_folders_of_one_name_cannot_be_told_apart():
    touch("x/p/a.png", "y/p/a.png")
    with pytest.raises(SameKey, match=r"x/p/a.png and y/p/a.png .* `p/a.png`") as said:
        find(["x/p", "y/p"])
    assert said.value.exit_code == 2
    assert keys(".") == ["x/p/a.png", "y/p/a.png"]


@pytest.mark.parametrize("value", ["", "gone", "gone/a.png", "a\0b", "n" * 5000])
def test_an_input_that_is_not_there_is_named(value):
    touch("a.png")
    with pytest.raises(InputMissing, match="There is no file or folder") as caught:
        find(["a.png", value])
    assert f"`{value}`" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("value", ["empty", "empty/*", "*.gif", "gone/*/../*.png"])
def test_an_input_that_holds_no_picture_is_named(value):
    touch("a.png", "empty/notes.txt")
    with pytest.raises(InputMissing) as caught:
        find(["a.png", value])
    assert str(caught.value).startswith(f"{value}: ")


def test_something_must_be_named():
    with pytest.raises(InputMissing, match="No input was named"):
        find([])


def test_keys_are_in_the_order_of_code_points():
    touch("p/Z.png", "p/a.png", "p/É.png", "p/a/b.png", "p/a-b.png")
    assert keys("p") == ["Z.png", "a-b.png", "a.png", "a/b.png", "É.png"]


def test_a_name_that_is_not_utf8_is_found(tmp_path):
    try:
        Path(os.fsdecode(b"caf\xe9.png")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert keys(".") == ["caf\udce9.png"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=5))
def test_keys_are_safe_relative_paths_that_lead_back_to_the_file(
    tmp_path_factory, paths
):
    top = tmp_path_factory.mktemp("top")
    for parts in paths:
        file = top.joinpath(*parts[:-1], f"{parts[-1]}.png")
        if not any(each.is_file() for each in file.parents):
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.is_dir():
                file.touch()
    there = {
        path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()
    }
    found = find([str(top)])
    assert {source.key for source in found} == there
    assert len(found) == len(there)
    for source in found:
        assert (top / source.key).samefile(source.path)
        assert ".." not in PurePosixPath(source.key).parts
    in_pattern = {name for name in there if fnmatchcase(name, "*/*.png")}
    in_pattern = {name for name in in_pattern if name.count("/") == 1}
    if in_pattern and not (top / "*/*.png").exists():
        assert {each.key for each in find([f"{top}/*/*.png"])} == in_pattern


def test_five_thousand_files_are_found_each_once(tmp_path):
    for folder in range(25):
        below = tmp_path / "many" / f"{folder:03d}"
        below.mkdir(parents=True)
        for file in range(200):
            os.close(os.open(below / f"{file}.jpg", os.O_CREAT | os.O_WRONLY))
    found = find(["many"])
    assert len({each.key for each in found}) == len(found) == 5000
