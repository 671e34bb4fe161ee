"""Snow against light and depth."""

from typing import Any

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.snow import Snow
from pellucid.degrade.light import luminance, to_linear


def fall(severity: float = 0.7, seed: int = 1, **changes: Any) -> dict[str, Any]:
    params = Snow().sample(stream(seed, "snow"), severity)
    flurry = {**params["flurry"], **changes.pop("flurry", {})}
    return {**params, **changes, "flurry": flurry}


def snowy(image: Image, **changes: Any) -> np.ndarray:
    return Snow().apply(image, fall(**changes)).pixels


def flat(level: float, height: int = 120, width: int = 120) -> Image:
    return Image(np.full((height, width, 3), level, dtype=np.float32))


def half(dark: float, bright: float) -> Image:
    """Dark on the left, bright on the right."""
    pixels = np.full((160, 160, 3), dark, dtype=np.float32)
    pixels[:, 80:] = bright
    return Image(pixels)


NONE = {"density": 0.0}


def test_without_flakes_and_veil_the_picture_stays():
    image = photograph(PHOTOGRAPHS[0], 128)
    clear = snowy(image, veil=0.0, flurry=NONE)
    np.testing.assert_allclose(clear, image.pixels, atol=1e-4)


def test_flakes_are_bright_before_what_is_dark():
    image = half(0.1, 0.8)
    gain = snowy(image, veil=0.0)[:, :70] - image.pixels[:, :70]
    assert gain.max() > 0.4
    assert gain.min() > -1e-3


def test_flakes_are_gray_before_a_sky_that_is_brighter_than_they_are():
    image = half(0.5, 1.0)
    loss = image.pixels - snowy(image, veil=0.0, brightness=0.6)
    assert loss[:, 90:].max() > 0.05
    assert loss[:, 90:].min() >= 0.0


def test_no_flake_shines_in_a_night_without_lamps():
    heavy = {"density": 1.0, "opacity": 1.0, "motion": 0.0}
    assert snowy(flat(0.12), brightness=2.0, flurry=heavy).max() < 0.3
    assert snowy(flat(0.6), brightness=2.0, flurry=heavy).max() > 0.75


def test_light_is_mixed_in_linear_values():
    """What a flake of cover a does to a wall is I (1 - a) + E a, so it is affine."""
    params = fall(veil=0.0, seed=4)
    kind = Snow()
    base, other = half(0.2, 0.7), half(0.2, 0.7)
    spot = other.pixels.copy()
    spot[40:43, 20:60] = 0.35  # too little to change the light of the scene
    one = to_linear(kind.apply(base, params).pixels)
    two = to_linear(kind.apply(Image(spot), params).pixels)
    before = to_linear(spot)[41, 30:50] - to_linear(base.pixels)[41, 30:50]
    after = two[41, 30:50] - one[41, 30:50]
    kept = (after / before)[:, 0]
    assert np.all(kept < 1.05)
    assert np.all(kept > -0.05)
    # One cover for all three colours.
    np.testing.assert_allclose(after[:, 0], after[:, 2], atol=5e-3)


def test_far_away_snow_is_a_veil():
    """Contrast is lost at the top, which is far, more than at the foot."""
    pixels = np.full((160, 160, 3), 0.5, dtype=np.float32)
    pixels[:, ::2] = 0.4
    image = Image(pixels)
    linear, clear = (
        to_linear(each) for each in (snowy(image, veil=2.0, flurry=NONE), pixels)
    )
    kept = np.abs(np.diff(linear[..., 1], axis=1)) / np.abs(
        np.diff(clear[..., 1], axis=1)
    )
    assert kept[:30].mean() < 0.6 * kept[-30:].mean()
    assert kept.max() <= 1.01


def test_snow_takes_colour_away():
    for name in ("kitten", "road"):
        image = photograph(name, 128)
        before, after = image.pixels, snowy(image, severity=1.0)
        spread = [np.ptp(each, axis=2).mean() for each in (before, after)]
        assert spread[1] < 0.9 * spread[0]


def test_large_and_small_versions_look_the_same():
    params = fall(0.7)
    small, large = photograph("lake", 128), photograph("lake", 384)
    one, other = (Snow().apply(each, params).pixels for each in (small, large))
    shrunk = other.reshape(128, 3, 128, 3, 3).mean(axis=(1, 3))
    gray, wide = luminance(one - small.pixels), luminance(shrunk - small.pixels)
    assert np.corrcoef(gray.ravel(), wide.ravel())[0, 1] > 0.7


def test_severity_moves_strength_and_nothing_else():
    mild, strong = fall(0.2), fall(0.9)
    assert mild["veil"] < strong["veil"]
    for name in ("density", "opacity"):
        assert mild["flurry"].pop(name) < strong["flurry"].pop(name)
    assert mild["flurry"] == strong["flurry"]
    assert mild["seed"] == strong["seed"]
    assert mild["brightness"] == strong["brightness"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"density": (0.1, 1.5)},
        {"size": (0.02, 0.01)},
        {"size": (0.0, 0.01)},
        {"angle_deg": (-120.0, 0.0)},
        {"veil": (-1.0, 0.5)},
        {"depth": ""},
        {"flakes": 3},
    ],
)
def test_senseless_ranges_are_refused(wrong: dict[str, Any]):
    with pytest.raises(SettingsError):
        Snow(**wrong)
