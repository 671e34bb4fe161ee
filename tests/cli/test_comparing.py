"""Distances are said in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from lamp import draw

from pellucid.cli.comparing import in_words, run
from pellucid.core.errors import EnvironmentFailure
from pellucid.core.options import Limits
from pellucid.restore.compare import Numbers


def test_a_distance_is_in_decibels_and_shares():
    found = Numbers(
        psnr=31.234, mean_difference=0.02, largest_difference=0.5, changed=0.25
    )
    assert in_words(found) == "31.23 dB, 25.0% of the pixels differ"
    equal = Numbers(psnr=None, mean_difference=0, largest_difference=0, changed=0)
    assert in_words(equal) == "the same pixels"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    photo = draw(tmp_path / "a.png")
    page = tmp_path / "gone" / "page.html"
    with pytest.raises(EnvironmentFailure, match=r"page\.html: It cannot be written"):
        run(photo, photo, page, Limits(), overwrite=False, as_json=False)
