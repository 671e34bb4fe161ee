"""What the diagnoser looks at."""

import numpy as np
import pytest

from pellucid.restore.look import PATCH, THUMBNAIL, look_at


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (50, 96), (97, 95), (400, 640)])
def test_any_picture_gives_the_same_sizes(size: tuple[int, int]):
    pixels = np.random.default_rng(0).random((*size, 3), dtype=np.float32)
    thumbnail, patches = look_at(pixels)
    assert thumbnail.shape == (3, THUMBNAIL, THUMBNAIL)
    assert patches.shape == (4, 3, PATCH, PATCH)
    assert thumbnail.dtype == patches.dtype == np.float32


def test_the_thumbnail_keeps_the_mean_and_the_patches_keep_the_pixels():
    pixels = np.random.default_rng(1).random((256, 384, 3), dtype=np.float32)
    thumbnail, patches = look_at(pixels)
    np.testing.assert_allclose(
        thumbnail.mean(axis=(1, 2)), pixels.mean(axis=(0, 1)), atol=1e-4
    )
    cut = pixels[40 : 40 + PATCH, 72 : 72 + PATCH].transpose(2, 0, 1)
    np.testing.assert_array_equal(patches[0], cut)
