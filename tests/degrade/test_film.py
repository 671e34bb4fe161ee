"""The grain of film."""

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.film import clumps, film_grain
from pellucid.degrade.grain import normals, opened


def grain(level: float, size: float = 1.0, colour: float = 0.5) -> np.ndarray:
    pixels = np.full((160, 160, 3), level, dtype=np.float32)
    return film_grain(pixels, 0.1, size, colour, 1)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_grain_is_strongest_in_the_middle_tones_and_not_in_black_and_white():
    spread = [float(grain(each).std()) for each in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert spread[0] == spread[4] == 0.0
    assert spread[2] > spread[1] == pytest.approx(spread[3], rel=1e-4)
    assert spread[2] == pytest.approx(0.1, rel=0.1)


def test_larger_grains_reach_farther_and_are_as_strong():
    fine, coarse = grain(0.5, 0.5)[..., 0], grain(0.5, 2.0)[..., 0]
    near = [correlation(each[:, :-2], each[:, 2:]) for each in (fine, coarse)]
    assert near[0] < 0.1 < 0.5 < near[1]
    assert float(coarse.std()) == pytest.approx(float(fine.std()), rel=0.15)


def test_black_and_white_film_has_gray_grain_and_colour_film_nearly():
    plain, coloured = grain(0.5, colour=0.0), grain(0.5, colour=1.0)
    np.testing.assert_array_equal(plain[..., 0], plain[..., 2])
    assert 0.6 < correlation(coloured[..., 0], coloured[..., 2]) < 0.95
    assert float(coloured.std()) == pytest.approx(float(plain.std()), rel=0.05)


@pytest.mark.parametrize("size", [0.0, 0.3, 0.7, 1.5, 4.0])
def test_clumps_keep_the_variance(size: float):
    field = clumps(normals(opened(2), 600, 600), size)
    assert float(field.std()) == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (3, 2)])
def test_any_size_has_grain(size: tuple[int, int]):
    pixels = stream(3).random((*size, 3), dtype=np.float32)
    before = pixels.copy()
    assert film_grain(pixels, 0.1, 1.5, 1.0, 4).shape == pixels.shape
    np.testing.assert_array_equal(pixels, before)
