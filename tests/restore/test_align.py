"""Whether a result has moved."""

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.restore.align import moved, moved_by


def photo(height: int = 200, width: int = 260) -> np.ndarray:
    """Soft blobs with edges, as a picture has."""
    rng = stream(4, "align")
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.full((height, width), 0.2)
    for _ in range(40):
        y, x, size = rng.random() * height, rng.random() * width, 4 + 20 * rng.random()
        inside = (rows - y) ** 2 + (columns - x) ** 2 < size**2
        picture = np.where(inside, rng.random(), picture)
    return np.repeat(picture[:, :, None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("way", [(3, 0), (-5, 2), (0, -16), (16, 16)])
def test_whole_pixels_are_found(way: tuple[int, int]):
    before = photo()
    after = np.roll(before, way, axis=(0, 1))
    assert moved_by(before, after) == pytest.approx(way, abs=0.2)


def test_it_is_put_back():
    before = photo()
    after = moved(before, 4.0, -7.0)
    down, right = moved_by(before, after)
    back = moved(after, -down, -right)
    inner = slice(20, -20), slice(20, -20)
    assert np.abs(back - before)[inner].mean() < 0.01
    assert np.abs(after - before)[inner].mean() > 0.03


def test_other_light_is_no_movement():
    before = photo()
    assert moved_by(before, np.sqrt(before) * np.float32(0.8)) == (0.0, 0.0)


def test_another_picture_is_no_movement():
    noise = stream(5, "align").random((200, 260, 3), dtype=np.float32)
    assert moved_by(photo(), noise) == (0.0, 0.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (6, 6), (16, 16)])
def test_a_tiny_or_flat_picture_has_not_moved(size: tuple[int, int]):
    flat = np.full((*size, 3), 0.5, np.float32)
    assert moved_by(flat, flat) == (0.0, 0.0)


def test_not_moving_is_exact():
    before = photo(40, 30)
    np.testing.assert_allclose(moved(before, 0.0, 0.0), before, atol=1e-6)
