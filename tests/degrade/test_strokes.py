"""Lines and torn places."""

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.strokes import Stroke, drawn, walk


def across(x: float, cover: float, width_px: float = 1.0) -> Stroke:
    return Stroke(np.array([[x, 0.0], [x, 40.0]], np.float32), cover, width_px)


def test_a_line_covers_as_much_as_it_says():
    plane = drawn([across(20.0, 0.6, 3.0)], 41, 41)
    assert plane[20, 20] == round(0.6 * 255)
    assert plane[20, 30] == 0


def test_what_is_thinner_than_a_pixel_is_fainter():
    peaks = [drawn([across(20.0, 1.0, each)], 41, 41).max() for each in (0.4, 0.7, 1)]
    assert peaks[0] < peaks[1] < peaks[2]
    assert peaks[1] == pytest.approx(0.7 * peaks[2], rel=0.03)


def test_more_strokes_never_cover_less():
    rng = stream(1, "strokes")
    strokes = [
        Stroke(rng.random((4, 2), dtype=np.float32) * 60, float(rng.random()), 2.0)
        for _ in range(60)
    ]
    some, more = drawn(strokes[:30], 60, 60), drawn(strokes, 60, 60)
    assert (more >= some).all()
    assert (more > some).mean() > 0.1


def test_an_area_is_filled():
    corners = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], dtype=np.float32)
    plane = drawn([Stroke(corners, 1.0, 20.0, is_area=True)], 41, 41)
    assert (plane[11:30, 11:30] == 255).all()
    assert plane.sum() / 255 < 22 * 22


def test_a_walk_without_turns_is_straight():
    way = walk(np.zeros(2, np.float32), 0.0, np.zeros(10, np.float32), 2.0)
    np.testing.assert_allclose(way[:, 0], np.arange(11) * 2.0, atol=1e-5)
    np.testing.assert_allclose(way[:, 1], 0.0, atol=1e-5)
