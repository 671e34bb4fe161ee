"""The mean of consecutive frames, and where it is a good picture of blur."""

import json
from pathlib import Path

import numpy as np
import pytest
from clips import HEIGHT, WIDTH, folder_of, pan, scene, video_of

from pellucid.core.errors import ImageError, InputMissing, PellucidError
from pellucid.core.files import read, write
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.frames import checksum
from pellucid.degrade.kinds.blur import Blur
from pellucid.degrade.light import to_linear
from pellucid.degrade.video import LONGEST, SHORTEST, averaged, clean, windows


def chosen(folder: Path, first: int, count: int) -> dict:
    return {
        "severity": 0.5,
        "shape": "frames",
        "source": folder.as_posix(),
        "first": first,
        "count": count,
        "sha256": checksum(folder, first, count),
    }


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames in which everything moves by one pixel per frame."""
    return folder_of(pan(scene("a"), range(40)), tmp_path_factory.mktemp("walk") / "f")


def test_an_edge_that_moves_becomes_a_ramp_of_light(tmp_path: Path):
    columns = np.arange(WIDTH)
    edges = [
        np.where(columns < 40 + place, 1.0, 0.0).astype(np.float32)
        for place in range(11)
    ]
    shown = [np.tile(edge[None, :, None], (HEIGHT, 1, 3)) for edge in edges]
    folder = folder_of(shown, tmp_path / "clip")
    params = chosen(folder, 1, 9)
    # Each pixel is lit in as many of the 9 frames as the edge has passed it in.
    ramp = np.clip((50 - columns - 1) / 9, 0.0, 1.0)
    light = to_linear(averaged(folder, params).pixels)
    np.testing.assert_allclose(light[10, :, 1], ramp, atol=1e-3)
    np.testing.assert_array_equal(clean(folder, params).pixels, shown[5])


def test_nothing_that_stands_still_is_changed(tmp_path: Path):
    still = pan(scene("a"), [7] * 5)
    folder = folder_of(still, tmp_path / "clip")
    image = averaged(folder, chosen(folder, 0, 5))
    stored = read(folder / "frame0.png")
    np.testing.assert_allclose(image.pixels, stored.pixels, atol=1e-4)


def test_windows_are_odd_and_within_the_clip_and_their_middle_is_clean(walk: Path):
    found = windows(walk, stream(1, "w"), count=6)
    assert len(found) > 2
    assert len({each["first"] + each["count"] // 2 for each in found}) == len(found)
    for params in found:
        assert json.loads(json.dumps(params, allow_nan=False)) == params
        assert params["count"] % 2 == 1
        assert SHORTEST <= params["count"] <= LONGEST
        assert 0 <= params["first"] <= 40 - params["count"]
        middle = params["first"] + params["count"] // 2
        expected = read(walk / f"frame{middle}.png")
        np.testing.assert_array_equal(clean(walk, params).pixels, expected.pixels)


def test_a_higher_severity_takes_more_frames_around_the_same_one(walk: Path):
    lengths: list[int] = []
    middles: set[int] = set()
    for severity in (0.3, 0.5, 0.7, 0.85):
        (params,) = windows(walk, stream(4, "w"), severity=severity)
        assert abs(params["severity"] - severity) < 0.1
        lengths.append(params["count"])
        middles.add(params["first"] + params["count"] // 2)
    assert lengths[0] == SHORTEST
    assert lengths == sorted(set(lengths))
    assert len(middles) == 1


def test_the_severity_does_not_change_what_is_drawn_next(walk: Path):
    following: set[float] = set()
    for severity in (None, 0.1, 0.9):
        rng = stream(3, "w")
        windows(walk, rng, severity=severity, count=3)
        following.add(float(rng.random()))
    assert len(following) == 1


def test_a_severity_outside_the_scale_is_refused(walk: Path):
    with pytest.raises(ValueError, match="severity"):
        windows(walk, stream(1, "w"), severity=1.5)


def test_no_window_crosses_a_cut(tmp_path: Path):
    shown = pan(scene("a"), range(20)) + pan(scene("b", level=0.62), range(20))
    folder = folder_of(shown, tmp_path / "clip")
    for seed in range(2):
        for params in windows(folder, stream(seed, "w"), severity=1.0, count=9):
            first, last = params["first"], params["first"] + params["count"] - 1
            assert last < 20 or first >= 20


def test_a_cut_is_seen_by_what_moves_even_where_brightness_stays(tmp_path: Path):
    # Four frames of each scene: every window of five would hold a cut.
    shown = [
        frame for place in range(5) for frame in pan(scene(f"shot {place}"), range(4))
    ]
    folder = folder_of(shown, tmp_path / "clip")
    with pytest.raises(ImageError, match="even movement"):
        windows(folder, stream(1, "w"))


def test_what_stands_still_is_refused(tmp_path: Path):
    folder = folder_of(pan(scene("a"), [0] * 12), tmp_path / "clip")
    with pytest.raises(ImageError, match="even movement") as caught:
        windows(folder, stream(1, "w"))
    assert "px" in caught.value.hint


def test_noise_is_no_movement(tmp_path: Path):
    wall = scene("a", WIDTH).repeat(6, axis=0).repeat(6, axis=1)
    rng = stream(2, "noise")
    for place in range(LONGEST):
        noise = rng.standard_normal(wall.shape[:2], dtype=np.float32)[..., None]
        pixels = np.clip(wall + np.float32(0.02) * noise, 0.0, 1.0)
        write(Image(pixels.astype(np.float32)), tmp_path / f"{place}.ppm")
    with pytest.raises(ImageError, match="even movement"):
        windows(tmp_path, stream(1, "w"))


def test_what_moves_too_fast_for_a_smooth_blur_is_refused(tmp_path: Path):
    # Turned in a circle, so that the brightness stays: only the speed is at fault.
    wall = scene("a", WIDTH)
    for step in (2, 6):
        shown = [np.roll(wall, step * place, axis=1) for place in range(9)]
        folder = folder_of(shown, tmp_path / f"{step} px")
        if step == 2:
            assert windows(folder, stream(1, "w"))
            continue
        with pytest.raises(ImageError, match="even movement"):
            windows(folder, stream(1, "w"))


def test_flashes_are_refused(tmp_path: Path):
    shown = pan(scene("a"), range(15))
    for place in range(2, 15, 3):
        shown[place] = np.clip(shown[place] * np.float32(1.06), 0.0, 1.0)
    folder = folder_of(shown, tmp_path / "clip")
    with pytest.raises(ImageError, match="even movement"):
        windows(folder, stream(1, "w"))


@pytest.mark.parametrize("length", [0, 1, 4])
def test_too_few_frames_are_told_of(tmp_path: Path, length: int):
    folder = folder_of(pan(scene("a"), range(length)), tmp_path / "clip")
    with pytest.raises(ImageError, match=f"has {length} frames, and 5 are needed"):
        windows(folder, stream(1, "w"))


def test_a_missing_clip_is_one_clear_error(tmp_path: Path):
    with pytest.raises(PellucidError, match="nowhere"):
        windows(tmp_path / "nowhere", stream(1, "w"))


def test_other_frames_than_those_of_the_record_are_refused(tmp_path: Path):
    folder = folder_of(pan(scene("a"), range(12)), tmp_path / "clip")
    (params,) = windows(folder, stream(1, "w"), severity=0.2)
    averaged(folder, params)
    middle = params["first"] + params["count"] // 2
    write(Image(scene("b")[:, :WIDTH]), folder / f"frame{middle}.png", overwrite=True)
    for read_again in (averaged, clean):
        with pytest.raises(InputMissing, match="not the frames"):
            read_again(folder, params)


def test_the_degradation_takes_the_middle_frame_and_no_other_picture(walk: Path):
    (params,) = windows(walk, stream(4, "w"), severity=0.6)
    image = clean(walk, params)
    blurred = Blur().apply(image.with_carried(icc=b"profile"), params)
    np.testing.assert_array_equal(blurred.pixels, averaged(walk, params).pixels)
    assert blurred.carried.icc == b"profile"
    assert np.abs(blurred.pixels - image.pixels).mean() > 0.01
    again = Blur().apply(image, json.loads(json.dumps(params)))
    assert again.pixels.tobytes() == blurred.pixels.tobytes()

    next_frame = read(walk / f"frame{params['first']}.png")
    small = Image(image.pixels[:-1])
    for other in (next_frame, small):
        with pytest.raises(ImageError, match="not the middle one"):
            Blur().apply(other, params)


def test_a_clean_frame_stored_with_eight_bits_is_recognised(walk: Path):
    (params,) = windows(walk, stream(4, "w"), severity=0.6)
    pixels = clean(walk, params).pixels
    nearly = np.clip(pixels + np.float32(0.7 / 255.0), 0.0, 1.0)
    Blur().apply(Image(nearly), params)


def test_a_video_file_blurs_as_its_frames_do(tmp_path: Path):
    pytest.importorskip("av")
    shown = pan(scene("a"), range(40))
    clip = video_of(shown, tmp_path / "clip.mp4")
    folder = folder_of(shown, tmp_path / "clip")
    (params,) = windows(clip, stream(5, "w"), severity=0.7)
    assert params["time"] > 0
    filmed = Blur().apply(clean(clip, params), params)
    same_place = chosen(folder, params["first"], params["count"])
    stored = averaged(folder, same_place)
    error = np.abs(filmed.pixels.mean(axis=2) - stored.pixels.mean(axis=2))
    assert error.mean() < 0.02
    again = Blur().apply(clean(clip, params), params)
    assert again.pixels.tobytes() == filmed.pixels.tobytes()
