"""The noise of a sensor."""

import json

import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.mosaic import mosaic
from pellucid.degrade.sensor import Sensor, draw_sensor

WELL = 5000.0
QUIET = Sensor(full_well=WELL, seed=1)  # counts photons, and has no other noise


def flat(level: float, side: int = 200) -> np.ndarray:
    return np.full((side, side), level, dtype=np.float32)


def gray(level: float, side: int = 128) -> np.ndarray:
    return np.full((side, side, 3), level, dtype=np.float32)


def variance(sensor: Sensor, level: float, iso: float) -> float:
    return float(sensor.raw_noise(flat(level), iso).var(dtype=np.float64))


def roughness(noise: np.ndarray) -> float:
    """Differences between neighbours, against the spread: 1.41 if independent."""
    steps = np.diff(noise.astype(np.float64), axis=1)
    return float(steps.std() / noise.std())


def test_variance_grows_in_a_straight_line_with_light():
    """Foi et al., 2008, eq. 3: the slope is the gain, the start is the read noise."""
    sensor, iso = Sensor(full_well=WELL, read=4.0, seed=2), 1600.0
    levels = np.linspace(0.0, 0.9, 10)
    found = np.array([variance(sensor, float(each), iso) for each in levels])
    (slope, start), residue, *_ = np.polyfit(levels, found, 1, full=True)
    gain = 16.0 / WELL
    assert slope == pytest.approx(gain, rel=0.03)
    assert start == pytest.approx((4.0 * gain) ** 2, rel=0.2)
    assert 1.0 - float(residue[0]) / np.sum((found - found.mean()) ** 2) > 0.999


def test_twice_the_iso_is_twice_the_variance_of_the_photons():
    ratio = variance(QUIET, 0.5, 3200.0) / variance(QUIET, 0.5, 1600.0)
    assert ratio == pytest.approx(2.0, rel=1e-3)


def test_in_black_only_the_electronics_are_left():
    assert variance(QUIET, 0.0, 6400.0) == 0.0
    sensor = Sensor(full_well=WELL, read=3.0, seed=3)
    found = np.sqrt(variance(sensor, 0.0, 800.0))
    assert found == pytest.approx(3.0 * 8.0 / WELL, rel=0.02)


def test_a_pixel_that_holds_more_electrons_has_less_noise():
    large = Sensor(full_well=4.0 * WELL, seed=1)
    ratio = variance(QUIET, 0.5, 800.0) / variance(large, 0.5, 800.0)
    assert ratio == pytest.approx(4.0, rel=1e-3)


def test_amplified_light_has_the_amplified_noise():
    """What low light relies on: gain before or after the noise is the same."""
    sensor = Sensor(full_well=WELL, read=2.0, rows=0.5, columns=0.2, seed=4)
    seen = stream(1).random((40, 40), dtype=np.float32) * np.float32(0.1)
    later = 8.0 * sensor.raw_noise(seen, 200.0)
    first = sensor.raw_noise(np.float32(8.0) * seen, 1600.0)
    np.testing.assert_allclose(first, later, rtol=1e-4, atol=1e-6)


def test_noise_has_no_mean_and_every_place_its_own():
    noise = Sensor(full_well=WELL, read=2.0, seed=5).raw_noise(flat(0.4), 1600.0)
    assert abs(float(noise.mean())) < 4.0 * float(noise.std()) / 200.0
    assert roughness(noise) == pytest.approx(np.sqrt(2.0), rel=0.02)


def test_the_noise_of_a_row_is_the_same_along_it():
    sensor = Sensor(full_well=WELL, read=2.0, rows=0.5, seed=6)
    without = Sensor(full_well=WELL, read=2.0, seed=6)
    lines = sensor.raw_noise(flat(0.3), 1600.0) - without.raw_noise(flat(0.3), 1600.0)
    assert float(np.ptp(lines, axis=1).max()) < 1e-6
    read = 2.0 * 16.0 / WELL
    assert float(lines[:, 0].std()) == pytest.approx(0.5 * read, rel=0.2)


def test_the_noise_of_a_column_is_the_same_down_it():
    sensor = Sensor(full_well=WELL, read=2.0, columns=0.5, seed=6)
    without = Sensor(full_well=WELL, read=2.0, seed=6)
    lines = sensor.raw_noise(flat(0.3), 1600.0) - without.raw_noise(flat(0.3), 1600.0)
    assert float(np.ptp(lines, axis=0).max()) < 1e-6
    assert float(lines.std()) > 0.0


def test_a_stronger_place_has_more_noise_and_the_same_pattern():
    strength = np.ones((200, 200), dtype=np.float32)
    strength[:, 100:] = 3.0
    sensor = Sensor(full_well=WELL, read=2.0, seed=7)
    plain = sensor.raw_noise(flat(0.3), 800.0)
    np.testing.assert_allclose(
        sensor.raw_noise(flat(0.3), 800.0, strength), plain * strength, rtol=1e-5
    )


def test_stuck_pixels_are_few_and_those_of_low_gain_stay_at_high_gain():
    hot, cold = (
        Sensor(full_well=WELL, hot=share, seed=8).raw_noise for share in (1.0, 0.0)
    )
    stuck = [
        (hot(flat(0.2, 400), iso) - cold(flat(0.2, 400), iso)) > 0.05
        for iso in (5000.0, 50000.0)
    ]
    few, many = (int(each.sum()) for each in stuck)
    assert 0 < few < many <= 1.1 * 3e-4 * 400**2
    assert not (stuck[0] & ~stuck[1]).any()


def test_demosaicing_makes_noise_coarse_and_coloured():
    noise = QUIET.noise(gray(0.4), 1600.0)
    raw = QUIET.raw_noise(mosaic(gray(0.4)), 1600.0)
    assert roughness(noise[:, :, 0]) < 0.9 * roughness(raw)
    red, blue = noise[:, :, 0].ravel(), noise[:, :, 2].ravel()
    assert abs(float(np.corrcoef(red, blue)[0, 1])) < 0.1
    np.testing.assert_allclose(mosaic(noise), raw, atol=1e-4)  # the seen ones stay


def test_noise_that_a_camera_pales_is_gray_and_its_gray_is_untouched():
    bare = QUIET.noise(gray(0.4), 1600.0)
    paled = Sensor(full_well=WELL, paling=1.0, seed=1).noise(gray(0.4), 1600.0)
    weights = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    np.testing.assert_allclose(paled @ weights, bare @ weights, atol=2e-4)
    spread = [float((each[..., 0] - each[..., 2]).std()) for each in (bare, paled)]
    assert spread[1] < 0.3 * spread[0]


def test_smoothed_noise_is_weaker_and_coarser():
    weights = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    smoother = Sensor(full_well=WELL, smoothing=0.8, seed=1)
    bare, smoothed = (
        each.noise(gray(0.4), 1600.0) @ weights for each in (QUIET, smoother)
    )
    assert float(smoothed.std()) < 0.8 * float(bare.std())
    assert roughness(smoothed) < 0.9 * roughness(bare)


def test_blotches_are_coloured_and_as_large_as_asked_for():
    bare = QUIET.noise(gray(0.4), 1600.0)
    sizes = []
    for size in (6.0, 16.0):
        sensor = Sensor(full_well=WELL, blotches=0.5, blotch_px=size, seed=1)
        blotches = sensor.noise(gray(0.4), 1600.0) - bare
        assert float(np.abs(blotches.mean(axis=2)).max()) < 1e-5  # no brightness
        sizes.append(1.0 / roughness(blotches[:, :, 0]))
        spread = float(blotches.std()) / float(QUIET.raw_noise(flat(0.4), 1600.0).std())
        assert 0.2 < spread < 0.6
    assert sizes[1] > 2.0 * sizes[0]


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (6, 1), (2, 3), (5, 9)])
def test_any_size_has_noise(size: tuple[int, int]):
    params = draw_sensor(stream(9), (3000.0, 12000.0), (0.5, 0.5))
    counted = np.full((*size, 3), 0.5, dtype=np.float32)
    before = counted.copy()
    noise = Sensor(**params).noise(counted, 1600.0)
    assert noise.shape == counted.shape
    assert noise.dtype == np.float32
    assert float(np.abs(noise).max()) > 0.0
    np.testing.assert_array_equal(counted, before)


def test_drawn_sensors_are_json_and_lie_in_the_ranges():
    rngs = [stream(seed, "sensor") for seed in range(300)]
    drawn = [draw_sensor(each, (3000.0, 12000.0), (0.1, 0.4)) for each in rngs]
    assert json.loads(json.dumps(drawn)) == drawn
    for each in drawn:
        assert 3000.0 <= each["full_well"] <= 12000.0
        assert 0.1 <= each["blotches"] <= 0.4
        assert 0.0 <= each["smoothing"] <= 1.0
        assert 0.0 <= each["paling"] <= 1.0
    stuck = np.mean([each["hot"] > 0.0 for each in drawn])
    assert 0.05 < stuck < 0.2  # rare


def test_what_is_drawn_next_does_not_depend_on_the_ranges():
    following: set[float] = set()
    for wells in ((3000.0, 12000.0), (10.0, 10.0)):
        rng = stream(10)
        draw_sensor(rng, wells, (0.0, 1.0))
        following.add(float(rng.random()))
    assert len(following) == 1
