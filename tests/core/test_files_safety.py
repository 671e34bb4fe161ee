"""Files are written whole or not at all, and read without trust."""

from __future__ import annotations

import os
import stat

import numpy as np
import pictures
import pytest

from pellucid.core.errors import (
    BadImage,
    CannotWrite,
    EnvironmentFailure,
    InputMissing,
    OutputExists,
    TooLarge,
)
from pellucid.core.files import read, write
from pellucid.core.image import Image
from pellucid.core.options import Limits, WriteOptions


def test_the_input_is_never_overwritten_by_accident(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.png(pictures.samples(4, 4, 3)))
    link = tmp_path / "link.png"
    link.symlink_to(path)
    twin = tmp_path / "twin.png"
    os.link(path, twin)
    image, before = read(path), path.read_bytes()
    for target in (path, link, twin):
        with pytest.raises(OutputExists, match="the picture itself"):
            write(image, target, overwrite=True)
    assert path.read_bytes() == before
    write(image, path, in_place=True)
    np.testing.assert_array_equal(read(path).pixels, image.pixels)


def test_in_place_follows_a_link_to_the_picture(tmp_path):
    path, link = tmp_path / "photo.png", tmp_path / "link.png"
    path.write_bytes(pictures.png(pictures.samples(4, 4, 3)))
    link.symlink_to(path)
    image = read(link)
    write(image.with_pixels(1 - image.pixels), link, in_place=True)
    assert link.is_symlink()
    np.testing.assert_allclose(read(path).pixels, 1 - image.pixels, atol=1e-6)


def test_another_file_is_replaced_only_when_told_to(tmp_path):
    image = Image(np.zeros((2, 2, 3), np.float32))
    write(image, tmp_path / "a.png")
    with pytest.raises(OutputExists):
        write(image, tmp_path / "a.png")
    write(image, tmp_path / "a.png", overwrite=True)


def test_permissions_survive_in_place(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.png(pictures.samples(4, 4, 3)))
    path.chmod(0o640)
    write(read(path), path, in_place=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_nothing_is_left_behind_when_writing_fails(tmp_path):
    image = Image(np.zeros((2, 2, 3), np.float32))
    with pytest.raises(CannotWrite):
        write(image, tmp_path / "a.jpg", WriteOptions(bit_depth=16))
    with pytest.raises(InputMissing):
        write(image, tmp_path / "no such folder" / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    image = Image(np.zeros((2, 2, 3), np.float32))
    with pytest.raises(EnvironmentFailure, match="No space left") as caught:
        write(image, tmp_path / "a.png")
    assert caught.value.exit_code == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "with space.png",
        'it\'s "quoted".png',
        "-rf.png",
        "na\u0308ive \u65e5\u672c \U0001f5bc.png",
        "[red]bold[red].png",
        "line\nbreak.png",
        "n" * 251 + ".png",
        "CON.png",
        "photo.tar.png",
    ],
)
def test_any_file_name_works(tmp_path, name):
    image = Image(np.zeros((2, 2, 3), np.float32))
    write(image, tmp_path / name)
    assert read(tmp_path / name).carried.source == str(tmp_path / name)


def test_a_name_that_is_not_unicode_works(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    write(Image(np.zeros((2, 2, 3), np.float32)), path)
    assert [os.fsencode(entry.name) for entry in tmp_path.iterdir()] == [b"caf\xe9.png"]
    read(path)


def test_what_is_not_a_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(BadImage, match="pipe"):
        read(tmp_path / "pipe.png")
    with pytest.raises(BadImage, match="folder"):
        read(tmp_path)
    with pytest.raises(InputMissing):
        read(tmp_path / "nothing.png")
    with pytest.raises(InputMissing):
        read("nul\0name.png")


def test_a_huge_file_is_refused_before_it_is_in_memory(tmp_path):
    path = tmp_path / "bomb.png"
    header = pictures.png(pictures.samples(1, 1, 3))
    huge = bytearray(header[:33])
    huge[16:24] = (60_000).to_bytes(4, "big") * 2
    with path.open("wb") as file:
        file.write(huge)
        file.truncate(1 << 40)  # a sparse file: reading it would never end
    with pytest.raises(TooLarge):
        read(path)


@pytest.mark.parametrize("start", [b"", b"\x1aE\xdf\xa3", b"GIF"])
def test_a_huge_file_that_is_no_picture_is_not_read(tmp_path, start):
    path = tmp_path / "film.png"
    path.write_bytes(start)
    os.truncate(path, 1 << 40)
    with pytest.raises(BadImage, match=r"film\.png"):
        read(path)


def test_a_small_picture_with_a_huge_tail_is_not_read(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(pictures.png(pictures.samples(200, 200, 3)))
    os.truncate(path, 900_000_000)
    with pytest.raises(TooLarge, match="900 MB"):
        read(path)


def test_the_limit_can_be_raised_and_lowered(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(pictures.png(pictures.samples(10, 10, 3)))
    with pytest.raises(TooLarge, match="limit is 5e-05 megapixels"):
        read(path, Limits(max_pixels=50))
    assert read(path, Limits(max_pixels=100)).width == 10


def test_the_name_does_not_decide_what_a_file_is(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.pillow(pictures.samples(8, 8, 3), "JPEG"))
    image = read(path)
    assert image.carried.format == "jpeg"
    assert "It is named .png but holds JPEG." in image.carried.warnings
