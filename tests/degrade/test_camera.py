"""From a picture back to what the sensor counted."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.seeds import stream
from pellucid.degrade.camera import (
    Camera,
    draw_camera,
    process,
    recoloured,
    toned,
    unprocess,
    untoned,
)
from pellucid.degrade.light import to_linear

LEVEL = 1.0 / 255.0
NEUTRAL = Camera(red_gain=1.0, blue_gain=1.0, sensor=(1.0, 0.0, 0.0))


def camera(seed: int) -> Camera:
    return Camera.of(draw_camera(stream(seed, "camera")))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_there_and_back_is_the_same_photograph(name: str):
    pixels = photograph(name, 128).pixels
    for seed in range(3):
        again = process(unprocess(pixels, camera(seed)), camera(seed))
        assert np.abs(again - pixels).max() < 0.1 * LEVEL


def test_the_tone_curve_is_the_s_of_the_paper():
    pixels = np.linspace(0.0, 1.0, 5001, dtype=np.float32)
    x = untoned(pixels).astype(np.float64)
    np.testing.assert_allclose(3 * x**2 - 2 * x**3, to_linear(pixels), atol=1e-4)
    np.testing.assert_allclose(toned(untoned(pixels)), pixels, atol=1e-4)


def test_black_white_and_the_middle_of_the_s_stay():
    fixed = np.array([0.0, 0.5, 1.0], dtype=np.float32)
    np.testing.assert_allclose(to_linear(toned(fixed)), fixed, atol=2e-5)


def test_the_s_presses_down_what_happens_in_black_and_white():
    steps = np.array([0.0, 0.01, 0.5, 0.51, 0.99, 1.0], dtype=np.float32)
    shown = to_linear(toned(steps))
    dark, middle, bright = shown[1::2] - shown[::2]
    assert dark < 0.1 * middle
    assert bright < 0.1 * middle


def test_light_out_of_range_is_cut():
    beyond = np.array([-3.0, -1e-7, 1.0 + 1e-7, 3.0], dtype=np.float32)
    np.testing.assert_array_equal(toned(beyond), [0.0, 0.0, 1.0, 1.0])


def test_a_sensor_sees_white_as_the_inverse_of_the_gains():
    for seed in range(5):
        seen = unprocess(np.ones((1, 1, 3), dtype=np.float32), camera(seed))
        gains = (camera(seed).red_gain, 1.0, camera(seed).blue_gain)
        np.testing.assert_allclose(seen[0, 0] * gains, 1.0, atol=1e-5)


def test_gray_stays_gray_through_every_camera():
    gray = np.full((1, 1, 3), 0.4, dtype=np.float32)
    for seed in range(5):
        shown = process(0.5 * unprocess(gray, camera(seed)), camera(seed))
        assert float(np.ptp(shown)) < 1e-4


def test_the_filters_of_a_sensor_overlap_so_the_way_back_has_negative_shares():
    """This is why noise in one colour of a sensor becomes noise in all of them."""
    for seed in range(5):
        to, back = camera(seed).to_camera, camera(seed).from_camera
        np.testing.assert_allclose(to @ back, np.eye(3), atol=1e-5)
        assert (np.diag(back) > 1.0).all()
        assert back.min() < -0.1


def test_colours_that_a_sensor_cannot_count_are_cut():
    blue = np.array([[[0.0, 0.0, 1.0]]], dtype=np.float32)
    for seed in range(5):
        seen = unprocess(blue, camera(seed))
        assert seen.min() >= 0.0
        assert seen.max() <= 1.0


def test_weights_mix_the_sensors():
    one, two = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    matrices = [
        Camera(red_gain=1.0, blue_gain=1.0, sensor=weights).to_camera
        for weights in (one, (0.5, 0.5, 0.0), two)
    ]
    low = np.minimum(matrices[0], matrices[2]) - 1e-6
    high = np.maximum(matrices[0], matrices[2]) + 1e-6
    assert (low <= matrices[1]).all()
    assert (matrices[1] <= high).all()
    assert not np.allclose(matrices[0], matrices[2])


def test_drawn_cameras_differ_and_their_weights_sum_to_one():
    drawn = [draw_camera(stream(seed)) for seed in range(20)]
    assert len({each["red_gain"] for each in drawn}) == 20
    for each in drawn:
        assert sum(each["sensor"]) == pytest.approx(1.0, abs=1e-6)
        assert 1.9 <= each["red_gain"] <= 2.4
        assert 1.5 <= each["blue_gain"] <= 1.9


def test_a_matrix_turns_columns_and_keeps_the_shape():
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32)
    for shape in ((1, 1, 3), (1, 5, 3), (4, 1, 3)):
        values = stream(3).random(shape, dtype=np.float32)
        np.testing.assert_array_equal(recoloured(values, swap), values[..., [1, 0, 2]])
    assert NEUTRAL.to_camera.sum(axis=1) == pytest.approx(1.0)
