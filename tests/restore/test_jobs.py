"""Results never take the place of photographs, nor become photographs themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from lamp import draw

from pellucid.core.errors import OutputExists
from pellucid.data.folders import find
from pellucid.restore.jobs import apart_from, jobs_of

KEYS = ["a.png", "below/b.jpg"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for key in KEYS:
        draw(tmp_path / "in" / key)
    return tmp_path / "in"


def test_every_photograph_is_a_job_with_its_own_place(photos: Path, tmp_path: Path):
    jobs = jobs_of(find([str(photos)]), tmp_path / "out", "webp")
    assert [job.source.key for job in jobs] == KEYS
    assert [job.target.name for job in jobs] == ["a.webp", "below/b.webp"]
    assert not any(job.overwrite for job in jobs)


def test_results_among_the_inputs_are_left_out(photos: Path):
    out = photos / "better"
    for key in KEYS:
        draw(out / key)
    chosen = apart_from(out, find([str(photos)]))
    assert [each.key for each in chosen] == KEYS


def test_what_was_named_inside_the_folder_stays(photos: Path):
    inside = find([str(photos / "below")])
    assert apart_from(photos, inside) == inside
    assert apart_from(photos, find([str(photos)])) == find([str(photos)])


def test_no_result_replaces_a_photograph(photos: Path, tmp_path: Path):
    with pytest.raises(OutputExists, match="It is a photograph"):
        jobs_of(find([str(photos)]), photos, None)
    (tmp_path / "link").symlink_to(photos)
    with pytest.raises(OutputExists, match="It is a photograph"):
        jobs_of(find([str(photos)]), tmp_path / "link", None)
    assert jobs_of(find([str(photos)]), photos / "better", None)
