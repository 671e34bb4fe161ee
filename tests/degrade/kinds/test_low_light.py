"""Low light."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.core.protocols import Params
from pellucid.core.seeds import stream
from pellucid.degrade.camera import untoned
from pellucid.degrade.kinds.low_light import LowLight
from pellucid.degrade.light import luminance


def night(**changes: object) -> Params:
    """An exposure that loses nothing but what the changes say."""
    quiet = {"full_well": 1e9, "read": 0.0, "seed": 1}
    params = LowLight().sample(stream(1), 0.5)
    params |= {"exposure": 0.0, "dark": 0.0, "iso": 100.0, "black": 0.0}
    params |= {"warmth": 0.0, "tint": 0.0, "saturation": 1.0, "falloff": 0.0}
    return params | {"sensor": quiet} | changes


def shot(image: Image, **changes: object) -> np.ndarray:
    return LowLight().apply(image, night(**changes)).pixels


def flat(*colour: float) -> Image:
    return Image(np.full((64, 64, 3), colour, dtype=np.float32))


def test_a_camera_that_loses_nothing_gives_the_picture_back():
    image = photograph("lake", 128)
    assert np.abs(shot(image) - image.pixels).max() < 2.0 / 255.0


def test_a_stop_less_is_half_of_the_light():
    image = photograph("kitten", 96)
    light = untoned(image.pixels)
    for stops in (1.0, 2.0, 3.0):
        seen = untoned(shot(image, exposure=stops, dark=stops))
        np.testing.assert_allclose(seen, light * 2.0**-stops, atol=3e-3)


def test_what_the_camera_regains_is_as_bright_as_before():
    image = photograph("kitten", 96)
    regained = shot(image, exposure=4.0, dark=0.0)
    assert np.abs(regained - image.pixels).max() < 3.0 / 255.0


def test_what_the_camera_regains_it_pays_for_in_noise():
    sensor = {"full_well": 5000.0, "read": 2.0, "seed": 2}
    spread = []
    for stops in (1.0, 3.0):
        iso = 200.0 * 2.0**stops
        spread.append(shot(flat(0.5), exposure=stops, iso=iso, sensor=sensor).std())
    assert float(spread[1]) > 1.8 * float(spread[0])


def test_the_iso_rises_by_the_stops_that_are_regained():
    for seed in range(20):
        params = LowLight(iso=(200.0, 200.0)).sample(stream(seed))
        gain = 2.0 ** (params["exposure"] - params["dark"])
        assert params["iso"] == pytest.approx(200.0 * gain)
        assert gain >= 1.0


def test_an_error_of_the_black_level_lifts_black_and_the_gain_lifts_it_more():
    black = [
        float(shot(flat(0.0), exposure=stops, black=0.003).mean())
        for stops in (0.0, 3.0)
    ]
    assert 0.0 < black[0] < black[1]
    assert float(shot(flat(0.0)).max()) < 1e-6


def test_a_warm_balance_is_red_a_cold_one_is_blue_and_gray_keeps_its_light():
    gray = flat(0.5)
    warm, cold = (shot(gray, warmth=each)[0, 0] for each in (0.3, -0.3))
    assert warm[0] > 0.55 > 0.45 > warm[2]
    assert cold[2] > 0.52 > 0.48 > cold[0]
    for each in (warm, cold):
        light = luminance(untoned(each[None, None]))
        np.testing.assert_allclose(light, untoned(gray.pixels)[0, 0, 0], atol=0.01)


def test_lost_colour_leaves_gray_alone_and_pulls_the_others_to_it():
    coloured = flat(0.7, 0.4, 0.3)
    assert np.ptp(shot(coloured, saturation=0.5)[0, 0]) < 0.7 * 0.4
    assert np.ptp(shot(coloured, saturation=0.0)[0, 0]) < 0.01
    np.testing.assert_allclose(shot(flat(0.4), saturation=0.3), 0.4, atol=2 / 255)


def test_light_falls_off_from_its_centre_to_the_farthest_corner():
    light = untoned(shot(flat(0.6), falloff=1.0, centre=[0.25, 0.5]))[..., 1]
    peak = np.unravel_index(int(light.argmax()), light.shape)
    assert peak == pytest.approx((32, 16), abs=4)
    corner = float(light[0, -1] / light.max())
    assert corner == pytest.approx(0.5, abs=0.03)
    assert light[0, 0] > light[0, -1]


def test_stronger_loses_more_light_and_regains_a_smaller_share():
    for seed in range(10):
        walk = [LowLight().sample(stream(seed), each / 20.0) for each in range(21)]
        exposure = np.array([each["exposure"] for each in walk])
        regained = 1.0 - np.array([each["dark"] for each in walk]) / exposure
        assert (np.diff(exposure) > 0.0).all()
        # A camera that no longer regains as much adds less noise; light has more of it.
        noisy = np.array([each["iso"] * 2.0 ** each["dark"] for each in walk])
        assert (np.diff(noisy) > 0.0).all()
        assert regained[0] > regained[10] > 0.5 > regained[20] > 0.0


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_every_photograph_becomes_darker_and_stays_a_picture(name: str):
    clean = photograph(name, 128)
    for seed in range(4):
        params = LowLight().sample(stream(seed, name), 1.0)
        damaged = LowLight().apply(clean, params).pixels
        assert damaged.mean() < 0.75 * clean.pixels.mean()
        assert float(damaged.std()) > 2.0 / 255.0  # the darkest have a dozen levels
        one, other = (luminance(each).ravel() for each in (damaged, clean.pixels))
        assert float(np.corrcoef(one, other)[0, 1]) > 0.5


def test_an_exposure_that_loses_less_than_the_darkness_is_not_darkened_more():
    params = LowLight(exposure=(0.1, 0.1), dark=(3.0, 3.0)).sample(stream(5), 0.5)
    assert params["dark"] == params["exposure"]
