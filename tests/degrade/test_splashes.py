"""Splashes happen on near ground, and are as large as it is near."""

import numpy as np
import pytest

from pellucid.degrade.splashes import splashes


def ground(side: int) -> np.ndarray:
    """A plain: near at the foot of the picture, farthest at its top."""
    rows = np.linspace(1.0, 0.0, side, dtype=np.float32)
    return np.repeat(rows[:, None], side, axis=1)


def test_drops_burst_on_the_ground_and_not_in_the_sky():
    drawn = splashes(ground(300), 0.8, 0.03, 1)
    assert drawn[:130].max() == 0.0
    assert drawn[200:].max() > 0.2


def test_nothing_bursts_on_what_is_far():
    assert splashes(np.ones((200, 200), dtype=np.float32), 1.0, 0.03, 1).max() == 0.0


def test_more_rain_adds_splashes_to_those_there_are():
    light, heavy = (splashes(ground(256), each, 0.03, 2) for each in (0.2, 0.9))
    assert (heavy - light).min() > -1e-6
    assert heavy.sum() > 2.0 * light.sum() > 0.0


def test_the_same_splashes_are_seen_in_a_picture_of_twice_the_size():
    small, large = (splashes(ground(side), 0.8, 0.04, 3) for side in (300, 600))
    rows = [
        np.average(np.arange(len(each)), weights=each.sum(axis=1))
        for each in (small, large)
    ]
    assert rows[1] == pytest.approx(2.0 * rows[0], rel=0.03)
    assert large.mean() == pytest.approx(small.mean(), rel=0.35)


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1)])
def test_tiny_pictures_are_kept(size: tuple[int, int]):
    assert splashes(np.zeros(size, dtype=np.float32), 1.0, 0.03, 1).shape == size
