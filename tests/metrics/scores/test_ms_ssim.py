from __future__ import annotations

import numpy as np
import pytest
from astronaut import COMPRESSED, PHOTOGRAPH
from scipy.ndimage import correlate, correlate1d

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.metrics.scores.ms_ssim import MsSsim


def oracle(one: np.ndarray, two: np.ndarray) -> float:
    """The authors' msssim.m, line by line, with scipy in place of MATLAB."""
    window = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window /= window.sum()

    def mean(plane: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(plane, window, 0), window, 1)[5:-5, 5:-5]

    product = 1.0
    for scale, weight in enumerate([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]):
        m1, m2 = mean(one), mean(two)
        variances = mean(one**2) - m1**2 + mean(two**2) - m2**2
        part = (2 * (mean(one * two) - m1 * m2) + 7.65**2) / (variances + 7.65**2)
        if scale == 4:
            part = part * (2 * m1 * m2 + 2.55**2) / (m1**2 + m2**2 + 2.55**2)
        product *= float(part.mean()) ** weight
        ones = np.full((2, 2), 0.25)
        one, two = (
            correlate(each, ones, mode="reflect", origin=-1)[::2, ::2]
            for each in (one, two)
        )
    return product


def luma(image: Image) -> np.ndarray:
    levels = np.rint(image.pixels.astype(np.float64) * 255)
    return 16 + levels @ [65.481, 128.553, 24.966] / 255


def cut(image: Image, height: int, width: int) -> Image:
    return Image(np.ascontiguousarray(image.pixels[:height, :width]))


@pytest.mark.parametrize("size", [(512, 509), (161, 161), (176, 333)])
def test_it_agrees_with_the_code_of_its_authors(size: tuple[int, int]):
    one, two = cut(COMPRESSED, *size), cut(PHOTOGRAPH, *size)
    wanted = oracle(luma(one), luma(two))
    assert MsSsim().score(one, two) == pytest.approx(wanted, abs=1e-9)


def test_opposite_structures_score_zero():
    rng = np.random.default_rng(2)
    noise = rng.random((170, 170, 3), dtype=np.float32)
    assert MsSsim().score(Image(noise), Image(1 - noise)) == 0.0


def test_a_picture_without_five_sizes_is_refused():
    small = cut(PHOTOGRAPH, 160, 300)
    with pytest.raises(ImageError, match="MS-SSIM needs 161 pixels"):
        MsSsim().score(small, small)
