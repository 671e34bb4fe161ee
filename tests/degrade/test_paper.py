"""Stains, spots and shadows on a print."""

import cv2
import numpy as np
import pytest

from pellucid.degrade.creases import creases
from pellucid.degrade.paper import Ageing, aged

WHITE = np.ones((240, 240, 3), dtype=np.float32)


def absorbed(ageing: Ageing, seed: int, pixels: np.ndarray = WHITE) -> np.ndarray:
    return -np.log(aged(pixels, ageing, [], seed))


def test_new_paper_changes_nothing():
    assert aged(WHITE, Ageing(), [], 1) is WHITE


def test_stains_take_more_blue_than_green_and_more_green_than_red():
    taken = absorbed(Ageing(stains=1.0, stain=0.5, foxing=1.0, border=0.2), 3)
    assert taken.min() >= -1e-6
    stained = taken[:, :, 2] > 0.05
    assert (taken[stained, 2] > taken[stained, 1]).all()
    assert (taken[stained, 1] > taken[stained, 0]).all()


def test_stains_are_darkest_at_their_rim():
    darker = 0
    for seed in range(8):
        blue = absorbed(Ageing(stains=1.0, stain=0.5), seed)[:, :, 2]
        inside = cv2.erode((blue > 0.03).astype(np.uint8), np.ones((15, 15))) > 0
        rim = (blue > 0.03) & ~inside
        darker += np.percentile(blue[rim], 90) > 1.1 * np.median(blue[inside])
    assert darker >= 7


def test_more_stains_never_brighten():
    few, many = (absorbed(Ageing(stains=each, stain=0.4), 5) for each in (0.4, 1.0))
    assert (many >= few - 1e-5).all()
    assert (many > few + 0.02).mean() > 0.02


def test_darker_stains_lie_at_the_same_places():
    faint, dark = (absorbed(Ageing(stains=1.0, stain=each), 5) for each in (0.2, 0.4))
    np.testing.assert_allclose(dark, 2.0 * faint, atol=1e-4)


def test_paper_browns_from_its_border():
    blue = absorbed(Ageing(border=0.5), 2)[:, :, 2]
    assert blue[0].mean() > 0.4
    assert blue[110:130, 110:130].max() < 0.01


def test_spots_are_small_and_brown():
    blue = absorbed(Ageing(foxing=1.0), 4)[:, :, 2]
    count, _, stats, _ = cv2.connectedComponentsWithStats(
        (blue > 0.05).astype(np.uint8)
    )
    assert 30 < count < 91
    assert stats[1:, cv2.CC_STAT_AREA].max() < 0.005 * blue.size


def test_uneven_light_is_neutral_and_folds_throw_shadows():
    taken = absorbed(Ageing(uneven=0.3), 4)
    clear = taken.min(axis=2) > 0.01  # elsewhere white is cut
    assert np.ptp(taken[clear], axis=1).max() < 1e-5
    found = creases(5, 240, 240, 1.0)
    gray = WHITE * np.float32(0.5)
    folded = aged(gray, Ageing(fold=0.2), found, 4)
    assert folded.min() < 0.46
    assert folded.max() > 0.54


def test_the_same_stains_lie_on_a_large_print():
    ageing = Ageing(stains=1.0, stain=0.4, foxing=0.5, uneven=0.1, border=0.2)
    large = aged(np.ones((900, 900, 3), np.float32), ageing, [], 6)
    small = cv2.resize(large, (240, 240), interpolation=cv2.INTER_AREA)
    assert np.abs(small - aged(WHITE, ageing, [], 6)).mean() < 0.01


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (300, 2)])
def test_prints_have_any_size(size: tuple[int, int]):
    plane = np.full((*size, 3), 0.5, dtype=np.float32)
    old = Ageing(stains=1.0, stain=0.4, foxing=1.0, uneven=0.1, border=0.2, fold=0.1)
    found = creases(1, *size, 1.0)
    assert np.isfinite(aged(plane, old, found, 1)).all()
