"""Frames of a clip, from a folder or a video file."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from clips import HEIGHT, WIDTH, folder_of, pan, scene, video_of

from pellucid.core.errors import BadImage, ImageError, InputMissing, MissingDependency
from pellucid.degrade.frames import checksum, frames, is_clip, thumbnails


def levels(pixels: np.ndarray) -> np.ndarray:
    return (pixels * 255.0 + 0.5).astype(np.uint8)


def test_frame_2_comes_before_frame_10(tmp_path: Path):
    shown = pan(scene("a"), range(12))
    folder = folder_of(shown, tmp_path / "clip")
    (folder / "notes.txt").write_text("no frame")
    for image, pixels in zip(frames(folder, 0, 12), shown, strict=True):
        np.testing.assert_array_equal(levels(image.pixels), levels(pixels))
    (second,) = frames(folder, 10, 1)
    np.testing.assert_array_equal(levels(second.pixels), levels(shown[10]))


def test_a_thumbnail_is_gray_and_small(tmp_path: Path):
    wide = np.tile(scene("a"), (4, 1, 1))
    folder = folder_of([wide, wide], tmp_path / "clip")
    for each in thumbnails(folder):
        assert each.gray.shape == (123, 192)
        assert each.shrink == 192 / 400
        assert each.time is None
        assert abs(float(each.gray.mean()) / 255.0 - float(wide.mean())) < 0.01


def test_names_tell_videos_from_pictures():
    assert is_clip(Path("a/HOLIDAY.MP4"))
    assert not is_clip(Path("a/holiday.jpg"))
    assert not is_clip(Path("a/mp4"))


def test_frames_of_other_size_are_named(tmp_path: Path):
    shown = pan(scene("a"), range(3))
    shown[2] = shown[2][:-1]
    folder = folder_of(shown, tmp_path / "clip")
    for walk in (thumbnails(folder), frames(folder, 0, 3)):
        with pytest.raises(ImageError, match=r"frame2\.png has 96 x 63 pixels"):
            list(walk)


def test_a_broken_frame_is_named(tmp_path: Path):
    folder = folder_of(pan(scene("a"), range(3)), tmp_path / "clip")
    (folder / "frame1.png").write_bytes(b"\x89PNG and nothing else")
    with pytest.raises(BadImage, match=r"frame1\.png"):
        list(thumbnails(folder))


def test_a_clip_that_is_not_there_is_said_to_be_missing(tmp_path: Path):
    gone = tmp_path / "gone.mp4"
    for call in (
        lambda: list(thumbnails(gone)),
        lambda: list(frames(gone, 0, 5)),
        lambda: checksum(gone, 0, 5),
    ):
        with pytest.raises(InputMissing, match=r"gone\.mp4"):
            call()


def test_a_clip_that_ends_too_early_is_told_of(tmp_path: Path):
    folder = folder_of(pan(scene("a"), range(6)), tmp_path / "clip")
    with pytest.raises(InputMissing, match="no 5 frames from number 3"):
        list(frames(folder, 3, 5))


def test_without_the_package_a_video_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingDependency, match="`av`") as caught:
        list(thumbnails(clip))
    assert "pip install av" in caught.value.hint


def test_a_checksum_sees_other_pixels_names_and_places(tmp_path: Path):
    shown = pan(scene("a"), range(8))
    folder = folder_of(shown, tmp_path / "clip")
    before = checksum(folder, 1, 5)
    assert checksum(folder, 1, 5) == before
    assert checksum(folder, 2, 5) != before
    (folder / "frame7.png").unlink()
    assert checksum(folder, 1, 5) == before  # not among them
    (folder / "frame1.png").rename(folder / "frame1b.png")
    assert checksum(folder, 1, 5) != before
    (folder / "frame1b.png").rename(folder / "frame1.png")
    assert checksum(folder, 1, 5) == before
    (folder / "frame3.png").write_bytes((folder / "frame4.png").read_bytes())
    assert checksum(folder, 1, 5) != before


def test_a_video_shows_what_was_filmed(tmp_path: Path):
    pytest.importorskip("av")
    shown = pan(scene("a"), range(20))
    clip = video_of(shown, tmp_path / "clip.mp4")
    decoded = list(frames(clip, 3, 7))
    assert [each.pixels.shape for each in decoded] == [(HEIGHT, WIDTH, 3)] * 7
    for image, pixels in zip(decoded, shown[3:10], strict=True):
        # Colour is stored at half the resolution, so compare the mean of the channels.
        error = np.abs(image.pixels.mean(axis=2) - pixels.mean(axis=2))
        assert error.mean() < 0.02
    small = list(thumbnails(clip))
    assert len(small) == 20
    assert [each.gray.shape for each in small] == [(HEIGHT, WIDTH)] * 20


def test_going_to_a_time_finds_the_very_frame(tmp_path: Path):
    pytest.importorskip("av")
    clip = video_of(pan(scene("a"), range(45)), tmp_path / "clip.mp4")
    times = [each.time for each in thumbnails(clip)]
    for first in (0, 1, 9, 10, 11, 27, 40):
        slow = [each.pixels for each in frames(clip, first, 5)]
        quick = [each.pixels for each in frames(clip, first, 5, times[first])]
        np.testing.assert_array_equal(slow, quick)
    slow = [each.pixels for each in frames(clip, 7, 5)]
    for wrong in ((times[20] or 0) + 1, 10**9):  # then its place counts
        found = [each.pixels for each in frames(clip, 7, 5, wrong)]
        np.testing.assert_array_equal(found, slow)


def test_a_video_of_a_telephone_held_upright_is_turned(tmp_path: Path):
    pytest.importorskip("av")
    clip = video_of(pan(scene("a"), range(6)), tmp_path / "clip.mp4")
    (flat,) = frames(clip, 2, 1)
    data = bytearray(clip.read_bytes())
    # The matrix in the track header: what players do with the picture.
    matrix = data.index(struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
    matrix = data.index(
        struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30), matrix + 1
    )
    clockwise = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, HEIGHT << 16, 0, 1 << 30
    )
    data[matrix : matrix + 36] = clockwise
    clip.write_bytes(data)
    (upright,) = frames(clip, 2, 1)
    np.testing.assert_array_equal(upright.pixels, np.rot90(flat.pixels, -1))


def test_what_is_no_video_is_said_to_be_none(tmp_path: Path):
    pytest.importorskip("av")
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"this is no video, whatever its name says" * 50)
    with pytest.raises(BadImage, match=r"clip\.mp4: It cannot be decoded"):
        list(thumbnails(clip))
    with pytest.raises(BadImage, match=r"clip\.mp4"):
        list(frames(clip, 0, 5))
