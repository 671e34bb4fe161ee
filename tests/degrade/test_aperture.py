"""What a lens makes of a point that is not in focus."""

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.aperture import defocused, disc, polygon
from pellucid.degrade.kernels import Kernel

RADII = (0.0, 0.4, 0.7, 1.0, 2.6, 11.0)


def places(kernel: Kernel) -> tuple[np.ndarray, np.ndarray]:
    half = len(kernel) // 2
    below, right = np.mgrid[-half : half + 1, -half : half + 1]
    return right.astype(np.float64), below.astype(np.float64)


def reach_px(kernel: Kernel, turns: np.ndarray) -> np.ndarray:
    """How far light reaches in each direction, counted against the clock."""
    right, below = places(kernel)
    lit = kernel > kernel.max() / 2
    along = np.outer(np.cos(turns), right[lit]) - np.outer(np.sin(turns), below[lit])
    return along.max(axis=1)


@pytest.mark.parametrize("radius", RADII)
def test_an_aperture_neither_moves_a_picture_nor_changes_its_brightness(radius: float):
    kernels = [disc(radius, softness) for softness in (0.0, 0.1, 0.25)]
    kernels += [
        polygon(radius, softness, blades, rotation)
        for softness in (0.0, 0.2)
        for blades in (5, 6, 7, 8, 9)
        for rotation in (0.0, 13.0, 200.0)
    ]
    for kernel in kernels:
        right, below = places(kernel)
        assert kernel.shape[0] % 2 == 1
        assert kernel.min() >= 0.0
        assert abs(kernel.sum(dtype=np.float64) - 1.0) < 1e-5
        assert abs((kernel * right).sum(dtype=np.float64)) < 0.001
        assert abs((kernel * below).sum(dtype=np.float64)) < 0.001


def test_a_disc_is_round_and_even_and_as_large_as_it_says():
    kernel = disc(10.0, 0.0)
    right, below = places(kernel)
    away = np.hypot(right, below)
    np.testing.assert_allclose(kernel[away < 8.5], 1 / (np.pi * 100.0), rtol=0.02)
    np.testing.assert_array_equal(kernel[away > 12.0], 0.0)
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-7)
    np.testing.assert_allclose(kernel, kernel[::-1], atol=1e-7)


def test_a_perfect_focus_is_a_point():
    for kernel in (disc(0.0, 0.2), polygon(0.0, 0.2, 5, 10.0)):
        assert kernel.max() == kernel.sum() == 1.0


def test_the_blur_grows_with_the_radius():
    def spread(radius: float) -> float:
        kernel = disc(radius, 0.1)
        right, below = places(kernel)
        return float((kernel * (right**2 + below**2)).sum())

    spreads = [spread(radius) for radius in np.linspace(0.4, 12.0, 30)]
    assert np.all(np.diff(spreads) > 0.0)
    assert spread(12.0) == pytest.approx(4.0 * spread(6.0), rel=0.02)


@pytest.mark.parametrize("blades", [5, 6, 7, 8, 9])
def test_an_aperture_has_as_many_corners_as_blades(blades: int):
    turns = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    reach = reach_px(polygon(40.0, 0.0, blades, 0.0), turns)
    waves = np.abs(np.fft.rfft(reach))[1 : 3 * blades]
    assert int(waves.argmax()) + 1 == blades
    assert (
        np.sort(waves)[-1] > 2.0 * np.delete(waves, [blades - 1, 2 * blades - 1]).max()
    )


def test_a_polygon_looks_the_same_after_a_turn_by_one_blade():
    same = polygon(20.0, 0.1, 6, 10.0), polygon(20.0, 0.1, 6, 70.0)
    np.testing.assert_allclose(*same, atol=1e-6)
    other = polygon(20.0, 0.1, 6, 40.0)
    assert np.abs(same[0] - other).max() > 0.5 * other.max()


def test_a_blade_stands_where_the_rotation_says():
    flat = reach_px(polygon(40.0, 0.0, 5, 90.0), np.radians([90.0, 270.0]))
    assert flat[0] < flat[1] - 4.0  # a side above, a corner below


def test_a_polygon_has_the_area_of_its_disc():
    for blades in (5, 9):
        assert polygon(15.0, 0.0, blades, 0.0).max() == pytest.approx(
            disc(15.0, 0.0).max(), rel=0.01
        )


def test_a_soft_edge_fades():
    hard, soft = disc(12.0, 0.0), disc(12.0, 0.25)
    assert ((hard > 0.0) & (hard < 0.9 * hard.max())).sum() < (
        (soft > 0.0) & (soft < 0.9 * soft.max())
    ).sum()


def test_what_is_in_focus_stays_as_it_is():
    light = stream(1, "light").random((40, 60, 3), dtype=np.float32)
    away = np.zeros((40, 60), dtype=np.float32)
    away[:, 30:] = 1.0
    result = defocused(light, away, 6.0, lambda radius: disc(radius, 0.0))
    np.testing.assert_array_equal(result[:, :30], light[:, :30])
    assert result[:, 40:].std() < 0.3 * light[:, 40:].std()


def test_what_is_in_focus_does_not_glow_into_what_lies_behind():
    light = np.full((30, 60, 3), 0.1, dtype=np.float32)
    light[:, :30] = 1.0  # a white wall in front of a dark room
    away = np.zeros((30, 60), dtype=np.float32)
    away[:, 30:] = 1.0
    result = defocused(light, away, 6.0, lambda radius: disc(radius, 0.0))
    np.testing.assert_allclose(result[:, 30:], 0.1, atol=1e-5)


def test_blur_grows_with_the_distance_from_the_focus():
    light = stream(1, "light").random((60, 400, 3), dtype=np.float32)
    away = np.broadcast_to(np.linspace(0.0, 1.0, 400, dtype=np.float32), (60, 400))
    result = defocused(light, away, 5.0, lambda radius: disc(radius, 0.0))
    left = [float(result[:, at : at + 80].std()) for at in range(0, 400, 80)]
    assert np.all(np.diff(left) < 0.0)


def test_an_even_wall_stays_even_at_any_distance():
    light = np.full((30, 40, 3), 0.37, dtype=np.float32)
    away = stream(1, "away").random((30, 40), dtype=np.float32)
    result = defocused(light, away, 4.0, lambda radius: polygon(radius, 0.1, 7, 3.0))
    np.testing.assert_allclose(result, 0.37, atol=1e-5)
