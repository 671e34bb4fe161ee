"""Haze against Koschmieder's law and what one sees outside."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.files import write
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.haze import Haze
from pellucid.degrade.light import luminance, to_linear, to_srgb

EVEN: dict[str, Any] = {
    "patchiness": 0.0,
    "low": 0.0,
    "scatter": 0.0,
    "near": 0.0,
    "curve": 1.0,
    "tint": [1.0, 1.0, 1.0],
}


def veil(severity: float = 0.7, seed: int = 1, **changes: Any) -> dict[str, Any]:
    return {**Haze().sample(stream(seed, "haze"), severity), **changes}


def hazy(image: Image, **changes: Any) -> np.ndarray:
    return to_linear(Haze().apply(image, veil(**changes)).pixels)


def flat(level: float, height: int = 80, width: int = 100) -> Image:
    return Image(np.full((height, width, 3), level, dtype=np.float32))


def bright(linear: np.ndarray) -> float:
    """How bright the veil would be, by a place that nothing shines through."""
    return float(luminance(linear).max())


def test_clear_air_leaves_the_picture_as_it_is():
    image = photograph(PHOTOGRAPHS[0], 128)
    clear = Haze().apply(image, veil(density=0.0))
    np.testing.assert_allclose(clear.pixels, image.pixels, atol=1e-4)


def test_far_rows_take_the_colour_of_the_veil():
    """Where nothing comes through, every scene looks alike, and has the tint."""
    image = photograph("lake", 128)
    tint = [1.08, 1.0, 0.8]
    far = hazy(image, **{**EVEN, "tint": tint, "density": 60.0})[:12]
    ratio = far.mean(axis=(0, 1)) / far.mean(axis=(0, 1))[1]
    np.testing.assert_allclose(ratio, tint, atol=0.02)
    assert far[..., 1].std() < 0.1 * image.pixels[:12, :, 1].std() + 0.03


def test_contrast_falls_with_distance_as_koschmieder_says():
    """Thin stripes: their contrast at double density is the square of that at one."""
    pixels = np.full((120, 120, 3), 0.5, dtype=np.float32)
    pixels[:, ::2] = 0.4
    image = Image(pixels)

    def transmission(density: float) -> np.ndarray:
        linear = hazy(image, **EVEN, density=density)[..., 1]
        clear = to_linear(pixels)[..., 1]
        return (linear[:, 2::2] - linear[:, 1:-1:2]) / (
            clear[:, 2::2] - clear[:, 1:-1:2]
        )

    once, twice = transmission(0.5), transmission(1.0)
    np.testing.assert_allclose(once**2, twice, atol=0.02)
    assert once[-10:].mean() > once[:10].mean() + 0.1  # the foot is near, the top far


def test_every_pixel_lies_between_itself_and_the_veil():
    """Light is mixed, so white veil only lightens what is darker than it."""
    image = flat(0.3)
    linear = hazy(image, **EVEN, density=1.0, airlight=0.95)
    own = float(to_linear(image.pixels)[0, 0, 0])
    assert linear.min() >= own - 1e-3
    dark = flat(0.0)
    assert hazy(dark, **EVEN, density=1.0).max() < 0.02  # no light, no veil


def test_a_night_does_not_get_the_veil_of_a_day():
    day, night = photograph("lake", 128), photograph("city-at-night", 128)
    dark = Image(night.pixels * np.float32(0.35))
    thick = {**EVEN, "density": 60.0, "airlight": 0.8}
    veils = [bright(hazy(each, **thick)[:20]) for each in (day, night, dark)]
    assert veils[0] > 2 * veils[1] > 4 * veils[2]


def test_single_lamps_do_not_light_the_haze_of_a_whole_night():
    pixels = np.full((96, 96, 3), 0.1, dtype=np.float32)
    thick = {**EVEN, "density": 60.0}
    without = hazy(Image(pixels), **thick).mean()
    pixels[20:23, 30:33] = 1.0
    assert hazy(Image(pixels), **thick).mean() < 1.05 * without


def test_denser_haze_is_nowhere_thinner():
    image = photograph("road", 128)
    black = Image(image.pixels * np.float32(0.2))
    thin, thick = (Haze().apply(black, veil(severity)) for severity in (0.3, 0.8))
    gain = luminance(to_linear(thick.pixels)) - luminance(to_linear(thin.pixels))
    assert np.quantile(gain, 0.05) > -0.002


def test_haze_drifts_in_banks_unless_it_is_even():
    """Before a black wall that the sun lights from below, banks can be seen."""
    pixels = np.zeros((200, 200, 3), dtype=np.float32)
    pixels[150:] = 0.9
    image = Image(pixels)
    even = hazy(image, **EVEN, density=1.2)[60, :, 1]
    patchy = hazy(image, **{**EVEN, "patchiness": 0.45}, density=1.2)[60, :, 1]
    assert np.abs(patchy - even).max() > 0.03
    assert np.abs(np.diff(patchy)).max() < 0.01  # softly


def test_haze_that_lies_low_is_denser_at_the_foot():
    image = flat(0.2)
    even, low, high = (
        hazy(image, **{**EVEN, "near": 0.5, "low": each}, density=1.0)
        for each in (0.0, 0.4, -0.4)
    )
    assert low[-10:].mean() > even[-10:].mean() > high[-10:].mean()
    assert low[:10].mean() < even[:10].mean() < high[:10].mean()


def test_distant_detail_is_blurred_and_near_detail_is_not():
    image = Image(
        np.clip(0.5 + 0.2 * stream(1, "n").standard_normal((160, 160, 3)), 0, 1).astype(
            np.float32
        )
    )
    sharp = hazy(image, **EVEN, density=1.0)[..., 1]
    soft = hazy(image, **{**EVEN, "scatter": 0.02}, density=1.0)[..., 1]
    kept = [
        soft[rows].std() / sharp[rows].std() for rows in (slice(0, 30), slice(-8, None))
    ]
    assert kept[0] < 0.8
    assert kept[1] > 0.9


def test_large_and_small_versions_look_the_same():
    small, large = photograph("lake", 128), photograph("lake", 384)
    params = veil(0.6, scatter=0.0)
    one, other = (Haze().apply(each, params).pixels for each in (small, large))
    shrunk = other.reshape(128, 3, 128, 3, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - one).mean() < 0.02


def test_veils_are_gray_blue_warm_or_yellow_but_never_green():
    tints = np.array([veil(seed=seed)["tint"] for seed in range(200)])
    red, green, blue = tints.T
    assert (blue > 1.01).mean() > 0.15
    assert (blue < 0.98).mean() > 0.15
    assert np.all(green <= np.maximum(red, blue) + 1e-9)


def test_collected_patterns_are_screened_over_the_picture(tmp_path: Path):
    """A pattern that is white on the left hides what is there."""
    pixels = np.zeros((32, 32, 3), dtype=np.float32)
    pixels[:, :16] = 1.0
    (tmp_path / "haze").mkdir()
    write(Image(pixels), tmp_path / "haze" / "left.png")
    kind = Haze(assets=str(tmp_path), pattern=(0.7, 0.7))
    params = kind.sample(stream(2, "haze"), 1.0)
    assert 1 <= len(params["patterns"]) <= 3
    assert json.loads(json.dumps(params)) == params
    image = flat(0.1, 64, 64)
    without = kind.apply(image, {**params, **EVEN, "density": 0.0, "patterns": []})
    covered = kind.apply(image, {**params, **EVEN, "density": 0.0})
    gain = covered.pixels - without.pixels
    assert gain[:, :28].mean() > 0.02
    assert np.abs(gain[:, 36:]).max() < 1e-3
    counts = {len(kind.sample(stream(s, "haze"))["patterns"]) for s in range(30)}
    assert counts == {1, 2, 3}


def test_where_depth_comes_from_is_among_the_choices():
    assert veil()["depth"] == "prior"
    assert Haze(depth="nets/dpt").sample(stream(1, "haze"))["depth"] == "nets/dpt"


@pytest.mark.parametrize(
    "wrong",
    [
        {"density": (0.0, 1.0)},
        {"curve": (2.0, 1.0)},
        {"near": (0.0, 1.5)},
        {"airlight": (0.9, 0.5)},
        {"depth": ""},
        {"haziness": 1.0},
    ],
)
def test_senseless_ranges_are_refused(wrong: dict[str, Any]):
    with pytest.raises(SettingsError):
        Haze(**wrong)


def test_the_colour_of_a_flat_wall_moves_straight_to_the_veil():
    """Mixing light: the three channels of a red wall share one transmission."""
    wall = np.full((60, 60, 3), 0.2, dtype=np.float32)
    wall[..., 0] = 0.7
    linear = hazy(Image(wall), **EVEN, density=1.0)
    own = to_linear(wall)[0, 0]
    end = hazy(Image(wall), **EVEN, density=60.0)
    shares = (linear - own) / np.where(np.abs(end - own) > 0.05, end - own, np.nan)
    top = shares[:15]
    assert np.nanmax(np.abs(top[..., 0] - top[..., 1])) < 0.02
    assert to_srgb(own)[0] == pytest.approx(0.7, abs=1e-3)
