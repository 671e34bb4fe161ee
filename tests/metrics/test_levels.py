from __future__ import annotations

import numpy as np
import pytest

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.metrics.levels import (
    compared,
    full_luma,
    levels,
    refuse_small,
    same_size,
    studio_luma,
)


def picture(height: int, width: int) -> Image:
    rng = np.random.default_rng(1)
    return Image(rng.random((height, width, 3), dtype=np.float32))


def test_every_level_of_a_file_comes_back():
    stored = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    image = Image(np.divide(stored, 255, dtype=np.float32))
    np.testing.assert_array_equal(levels(image), stored)


def test_what_lies_between_is_rounded_as_a_file_would_be():
    image = Image(np.full((1, 1, 3), 100.4 / 255, np.float32))
    assert levels(image)[0, 0, 0] == 100


def test_black_and_white_are_16_and_235_for_video_and_all_levels_for_pyiqa():
    black, white = np.zeros((1, 1, 3), np.float32), np.full((1, 1, 3), 255, np.float32)
    assert [studio_luma(each)[0, 0] for each in (black, white)] == [16, 235]
    assert [full_luma(each)[0, 0] for each in (black, white)] == [0, 255]


def test_red_is_read_as_red():
    red, blue = (np.array([[each]], np.float32) for each in ([255, 0, 0], [0, 0, 255]))
    assert studio_luma(red)[0, 0] == pytest.approx(16 + 65.481)
    assert studio_luma(blue)[0, 0] == pytest.approx(16 + 24.966)
    assert full_luma(red)[0, 0] == 76  # 0.299 * 255 = 76.245


def test_the_border_is_cut_on_each_side():
    one, two = compared(picture(9, 7), picture(9, 7), border=2)
    assert one.shape == two.shape == (5, 3, 3)
    np.testing.assert_array_equal(one, levels(picture(9, 7))[2:-2, 2:-2])


def test_other_sizes_are_refused_and_never_resized():
    with pytest.raises(
        ImageError, match=r"output is 5 x 4 .* reference 4 x 5"
    ) as found:
        same_size(picture(4, 5), picture(5, 4))
    assert "never resize" in found.value.hint


def test_a_missing_reference_is_refused():
    with pytest.raises(ImageError, match="there is none") as found:
        compared(picture(4, 5), None)
    assert "clean picture" in found.value.hint


def test_small_is_less_than_the_side_that_is_needed():
    refuse_small((11, 30, 3), 11, "SSIM")
    with pytest.raises(ImageError, match=r"SSIM needs 11 .* got 30 x 10"):
        refuse_small((10, 30), 11, "SSIM")
