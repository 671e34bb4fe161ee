from __future__ import annotations

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.metrics.scores.seam import Seam

SIDE = 512


def checked(image: Image, step: int, levels: float, offset: int = 0) -> Image:
    """Every other tile brighter by some levels, as on a chessboard."""
    rows, columns = (
        (np.arange(length) - offset) // step for length in image.pixels.shape[:2]
    )
    odd = (rows[:, None] + columns) % 2
    lift = (levels / 255 * odd[..., None]).astype(np.float32)
    return image.with_pixels(np.clip(image.pixels + lift, 0.0, 1.0))


def flat() -> Image:
    return Image(np.full((SIDE, SIDE, 3), 0.5, np.float32))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_have_no_seams(name: str):
    image = photograph(name, SIDE)
    for step in (96, 128, 200):
        assert Seam(step_px=step).score(image, None) < 4.0


def test_seams_of_four_levels_stand_out_of_photographs():
    found = [
        Seam(step_px=128).score(checked(photograph(name, SIDE), 128, 4.0), None)
        for name in PHOTOGRAPHS
    ]
    assert np.median(found) > 4.0


def test_stronger_seams_score_higher():
    image = photograph(PHOTOGRAPHS[0], SIDE)
    found = [
        Seam(step_px=128).score(checked(image, 128, levels), None)
        for levels in (0.0, 2.0, 4.0, 8.0, 16.0)
    ]
    assert found == sorted(found)
    assert found[-1] > 10.0


def test_a_thousandth_is_seen_on_a_flat_picture():
    assert Seam(step_px=128).score(flat(), None) == 0.0
    assert Seam(step_px=128).score(checked(flat(), 128, 0.255), None) > 3.0


def test_seams_of_both_directions_are_seen():
    across = flat().pixels.copy()
    across[256:] += 0.01
    assert Seam(step_px=256).score(Image(across), None) > 3.0
    down = np.ascontiguousarray(across.swapaxes(0, 1))
    assert Seam(step_px=256).score(Image(down), None) > 3.0


def test_the_offset_says_where_the_first_line_is():
    image = checked(flat(), 128, 4.0, offset=40)
    assert Seam(step_px=128, offset_px=40).score(image, None) > 3.0
    assert Seam(step_px=128, offset_px=90).score(image, None) == 0.0


def test_a_ramp_is_no_seam():
    ramp = np.linspace(0, 1, SIDE, dtype=np.float32)[None, :, None]
    picture = Image(np.ascontiguousarray(np.broadcast_to(ramp, (SIDE, SIDE, 3))))
    assert Seam(step_px=128).score(picture, None) < 0.1


@pytest.mark.parametrize("size", [(1, 1), (3, 448), (460, 460), (448, 20)])
def test_a_picture_of_one_tile_has_no_seam(size: tuple[int, int]):
    rng = np.random.default_rng(6)
    picture = Image(rng.random((*size, 3), dtype=np.float32))
    assert Seam().score(picture, None) == 0.0


def test_lines_that_touch_each_other_are_refused():
    with pytest.raises(SettingsError, match="step_px"):
        Seam(step_px=19)
