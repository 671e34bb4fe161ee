"""Videos and folders of frames among the inputs."""

from pathlib import Path

import numpy as np
import pytest
from clips import folder_of, pan, scene

from pellucid.core.errors import ImageError, InputMissing, SettingsError
from pellucid.core.records import Damage, from_json
from pellucid.data import manifest
from pellucid.degrade.batch import jobs_of_clips, run
from pellucid.degrade.clips import find_clips, windows_of
from pellucid.degrade.pairs import Plan, make_pair, pixels_sha256, replay
from pellucid.degrade.recipe import of_kinds
from pellucid.degrade.video import averaged

PLAN = Plan(recipe=of_kinds(["blur", "noise"]), seed=2)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip that moves, and one that stands still."""
    top = tmp_path_factory.mktemp("shelf") / "clips"
    folder_of(pan(scene("a"), range(30)), top / "walk")
    folder_of(pan(scene("b"), [3] * 8), top / "still")
    (top / "video.mp4").write_bytes(b"")
    return top


def test_folders_with_pictures_and_videos_are_clips(shelf: Path):
    found = find_clips([str(shelf)])
    keys = [clip.key for clip in found]
    assert keys == ["clips/still", "clips/video.mp4", "clips/walk"]
    assert [clip.key for clip in find_clips([str(shelf / "walk")])] == ["walk"]
    alone = find_clips([str(shelf / "video.mp4")])
    assert [clip.key for clip in alone] == ["video.mp4"]


def test_what_is_no_clip_is_told(tmp_path: Path):
    for name in (tmp_path / "gone", tmp_path):
        with pytest.raises(InputMissing):
            find_clips([str(name)])


def test_two_clips_of_one_key_are_refused(shelf: Path, tmp_path: Path):
    other = folder_of(pan(scene("c"), range(6)), tmp_path / "walk")
    with pytest.raises(SettingsError, match="both"):
        find_clips([str(shelf / "walk"), str(other)])


def test_a_chain_that_does_not_begin_with_blur_is_refused(shelf: Path):
    plan = Plan(recipe=of_kinds(["noise"]))
    with pytest.raises(SettingsError, match="noise"):
        windows_of(plan, find_clips([str(shelf / "walk")])[0], 1)


def test_a_clip_gives_pairs_that_can_be_replayed(shelf: Path, tmp_path: Path):
    clips = find_clips([str(shelf / "walk"), str(shelf / "still")])
    jobs, failed = jobs_of_clips(PLAN, clips, 2)
    assert [key for key, _ in failed] == ["still"]
    assert all(isinstance(error, ImageError) for _, error in failed)
    done = run(PLAN, jobs, tmp_path / "pairs")
    assert (done.made, done.failed) == (2, [])
    rows = manifest.read(tmp_path / "pairs" / "manifest.parquet")
    assert [row.tags for row in rows] == [("blur", "noise")] * 2
    text = (tmp_path / "pairs" / "records" / "walk-1.json").read_text()
    record = from_json(Damage, text)
    damaged, differences = replay(record, shelf / "walk")
    assert differences == []
    assert pixels_sha256(damaged.image) == record.pixels_sha256


def test_the_rest_of_the_chain_happens_to_the_mean(shelf: Path):
    clip = find_clips([str(shelf / "walk")])[0]
    window = windows_of(PLAN, clip, 1)[0]
    damaged, record = make_pair(PLAN, clip.path, clip.key, window=window)
    alone = Plan(recipe=of_kinds(["blur"]), seed=2)
    blurred, _ = make_pair(alone, clip.path, clip.key, window=window)
    mean = averaged(clip.path, window).pixels
    np.testing.assert_array_equal(blurred.image.pixels, mean)
    assert [step.kind for step in record.steps] == ["blur", "noise"]
    assert np.abs(damaged.image.pixels - mean).max() > 0
