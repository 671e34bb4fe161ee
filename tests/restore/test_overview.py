import numpy as np
import pytest

from pellucid.core.image import Pixels
from pellucid.core.seeds import stream
from pellucid.restore.overview import anchored, overview

SIZES = [(1, 1), (1, 9), (7, 1), (31, 33), (100, 64), (640, 37)]
VIEWS = dict(zip(SIZES, [(1, 1), (1, 1), (1, 1), (2, 2), (6, 4), (32, 2)], strict=True))


def random(height: int, width: int) -> Pixels:
    return stream(1, "overview").random((height, width, 3), dtype=np.float32)


@pytest.mark.parametrize(("size", "view"), list(VIEWS.items()))
def test_cells_are_about_square_and_few(size, view):
    assert overview(random(*size)).shape == (*view, 3)


def test_a_flat_picture_is_flat_from_far_away():
    flat = np.full((50, 70, 3), 0.3, np.float32)
    np.testing.assert_allclose(overview(flat), 0.3, atol=1e-6)


def test_light_is_added_and_not_the_numbers_of_the_file():
    checks = np.indices((64, 64)).sum(axis=0) % 2
    board = checks[:, :, None].repeat(3, axis=2).astype(np.float32)
    np.testing.assert_allclose(overview(board), np.sqrt(0.5), atol=1e-6)


def test_detail_is_not_seen_from_far_away():
    smooth = np.full((320, 320, 3), 0.5, np.float32)
    rough = np.add(smooth, 0.1 * (random(320, 320) - 0.5), dtype=np.float32)
    assert np.abs(overview(rough) - overview(smooth)).max() < 0.02


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_that_did_not_move_is_not_changed(size):
    pixels = random(*size)
    np.testing.assert_array_equal(anchored(pixels, pixels), pixels)


def test_tone_and_colours_come_back_and_detail_stays():
    original = np.add(0.25, 0.5 * random(200, 300), dtype=np.float32)
    shift = np.array([0.1, 0.0, 0.05])
    shifted = (0.8 * original + shift).astype(np.float32)
    back = anchored(shifted, original)
    assert np.abs(overview(shifted) - overview(original)).max() > 0.05
    assert np.abs(overview(back) - overview(original)).max() < 0.03
    here = (slice(92, 97), slice(142, 147))
    detail = shifted[here] - shifted[here].mean(axis=(0, 1))
    kept = back[here] - back[here].mean(axis=(0, 1))
    np.testing.assert_allclose(kept, detail, atol=0.02)


def test_gray_stays_gray():
    gray = random(90, 90)[:, :, :1].repeat(3, axis=2)
    back = anchored(gray, (gray * 0.5).astype(np.float32))
    np.testing.assert_array_equal(back[:, :, 0], back[:, :, 2])
    assert back.min() >= 0.0
