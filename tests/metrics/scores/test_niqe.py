from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from astronaut import COMPRESSED, PHOTOGRAPH
from photographs import PHOTOGRAPHS, photograph
from scipy.ndimage import gaussian_filter

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.metrics.scores.niqe import Niqe

SIDE = 384


def noisy(image: Image, spread: float) -> Image:
    grain = np.random.default_rng(7).normal(0.0, spread, image.pixels.shape)
    return image.with_pixels(np.clip(image.pixels + grain, 0, 1).astype(np.float32))


def test_the_astronaut_and_her_jpeg_keep_their_scores():
    """With the photographs of papers: 3.0649 and 4.4466, as BasicSR computes."""
    assert Niqe().score(PHOTOGRAPH, None) == pytest.approx(2.46591, abs=1e-4)
    assert Niqe().score(COMPRESSED, None) == pytest.approx(3.85152, abs=1e-4)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_more_noise_scores_worse(name: str):
    image = photograph(name, SIDE)
    found = [Niqe().score(noisy(image, each), None) for each in (0, 0.03, 0.08, 0.2)]
    assert all(better < worse for better, worse in pairwise(found))


def test_blur_scores_worse():
    image = photograph(PHOTOGRAPHS[0], SIDE)
    soft = gaussian_filter(image.pixels, (2.0, 2.0, 0.0))
    assert (
        Niqe().score(image.with_pixels(soft.astype(np.float32)), None)
        > Niqe().score(image, None) + 1.0
    )


def test_what_lies_beyond_whole_blocks_does_not_count():
    image = photograph(PHOTOGRAPHS[1], 300)
    cut = Image(np.ascontiguousarray(image.pixels[:288, :288]))
    assert Niqe().score(image, None) == pytest.approx(Niqe().score(cut, None), rel=0.02)


def test_a_small_picture_is_refused():
    with pytest.raises(ImageError, match="NIQE needs 96 pixels on each side"):
        Niqe().score(photograph(PHOTOGRAPHS[0], 95), None)
    with pytest.raises(ImageError, match="NIQE needs 2 blocks"):
        Niqe().score(photograph(PHOTOGRAPHS[0], 100), None)


@pytest.mark.parametrize("level", [0, 1, 77, 128, 211, 255])
def test_a_flat_picture_is_refused(level: int):
    flat = np.full((300, 300, 3), level / 255, np.float32)
    with pytest.raises(ImageError, match="got 0"):
        Niqe().score(Image(flat), None)
