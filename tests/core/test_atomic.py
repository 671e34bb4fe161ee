"""A file is there whole or not at all, whatever happens on the way."""

import os
import stat

import pytest

from pellucid.core import atomic
from pellucid.core.atomic import write_atomically

NO_LINKS = OSError(1, "Operation not permitted")


def test_a_new_file_holds_all_bytes_and_nothing_lies_beside_it(tmp_path):
    data = bytes(range(256)) * 1000
    write_atomically(tmp_path / "a.png", data, replace=False)
    assert (tmp_path / "a.png").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_atomically(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    write_atomically(path, b"new", replace=True)
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_a_new_file_has_the_permissions_that_the_user_gives_new_files(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.png", b"new", replace=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o777])
def test_a_replaced_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new", replace=True)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_is_replaced_and_its_target_stays(tmp_path):
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new", replace=True)
    assert (target.read_bytes(), link.read_bytes()) == (b"old", b"new")
    assert not link.is_symlink()


def test_a_dangling_link_counts_as_a_file(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "nothing.png")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "link.png", b"new", replace=False)


@pytest.mark.parametrize("broken", ["fsync", "chmod"])
def test_a_failure_leaves_the_old_file_and_no_part_of_the_new(
    tmp_path, monkeypatch, broken
):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new", replace=True)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_an_interruption_leaves_no_part_behind(tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.png", b"new", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_hard_links_still_refuses_to_replace(
    tmp_path, monkeypatch
):
    def no_links(*_: object) -> None:
        raise NO_LINKS

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "a.png", b"first", replace=False)
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "a.png", b"second", replace=False)
    assert (tmp_path / "a.png").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_cannot_be_flushed_is_no_failure(tmp_path, monkeypatch):
    flush = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    write_atomically(tmp_path / "a.png", b"new", replace=False)
    assert (tmp_path / "a.png").read_bytes() == b"new"


def test_the_folder_is_flushed_after_the_name_is_there(tmp_path, monkeypatch):
    seen: list[tuple[bool, bool]] = []
    flush = os.fsync

    def noting(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append((is_folder, (tmp_path / "a.png").exists()))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    write_atomically(tmp_path / "a.png", b"new", replace=False)
    assert seen == [(False, False), (True, True)]


def test_the_longest_file_name_leaves_room_for_the_temporary_one(tmp_path):
    name = "n" * 251 + ".png"
    write_atomically(tmp_path / name, b"new", replace=False)
    assert (tmp_path / name).read_bytes() == b"new"
    assert len(atomic.PREFIX) + 16 + len(atomic.SUFFIX) < 255
