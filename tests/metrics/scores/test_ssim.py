from __future__ import annotations

import numpy as np
import pytest
from astronaut import COMPRESSED, PHOTOGRAPH
from scipy.ndimage import correlate1d

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.metrics.scores.ssim import Ssim


def oracle(one: np.ndarray, two: np.ndarray) -> float:
    """SSIM of two planes, written anew from the paper, with scipy."""
    window = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window /= window.sum()

    def mean(plane: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(plane, window, 0), window, 1)[5:-5, 5:-5]

    m1, m2 = mean(one), mean(two)
    v1, v2 = mean(one**2) - m1**2, mean(two**2) - m2**2
    both = mean(one * two) - m1 * m2
    c1, c2 = 2.55**2, 7.65**2
    top = (2 * m1 * m2 + c1) * (2 * both + c2)
    return float(np.mean(top / ((m1**2 + m2**2 + c1) * (v1 + v2 + c2))))


def pair(height: int, width: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    one = rng.integers(0, 256, (height, width, 3))
    two = np.clip(one + rng.integers(-40, 41, one.shape), 0, 255)
    return one.astype(np.float64), two.astype(np.float64)


def image(levels: np.ndarray) -> Image:
    return Image((levels / 255).astype(np.float32))


def test_it_is_what_basicsr_computes():
    found = Ssim().score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(0.868709, abs=5e-7)  # as published
    assert found == pytest.approx(0.8687088553080167, abs=1e-9)  # by scikit-image


@pytest.mark.parametrize("size", [(11, 11), (11, 200), (75, 12), (140, 33)])
def test_any_size_from_one_window_on_agrees_with_scipy(size: tuple[int, int]):
    one, two = pair(*size)
    wanted = np.mean([oracle(one[..., c], two[..., c]) for c in range(3)])
    assert Ssim().score(image(one), image(two)) == pytest.approx(wanted, abs=1e-9)


def test_flat_pictures_are_compared_without_cancellation():
    one, two = (np.full((30, 30, 3), level, np.float64) for level in (200, 201))
    wanted = (2 * 200 * 201 + 2.55**2) / (200**2 + 201**2 + 2.55**2)
    assert Ssim().score(image(one), image(two)) == pytest.approx(wanted, abs=1e-9)


def test_a_negative_is_worse_than_nothing_in_common():
    one, _ = pair(40, 40)
    assert Ssim().score(image(one), image(255 - one)) < -0.5


def test_a_picture_smaller_than_the_window_is_refused():
    small = image(pair(8, 20)[0])
    with pytest.raises(
        ImageError, match="SSIM needs 11 pixels on each side, got 20 x 8"
    ):
        Ssim().score(small, small)
    cut = image(pair(14, 30)[0])
    with pytest.raises(ImageError, match="got 26 x 10"):
        Ssim(border=2).score(cut, cut)
