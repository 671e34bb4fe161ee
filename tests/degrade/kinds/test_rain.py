"""Rain in front of a scene: refraction, veil, exposure, drops on the lens."""

from pathlib import Path

import numpy as np
import pytest
from photographs import photograph
from PIL import Image as Picture

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.core.image import Image
from pellucid.core.protocols import Params
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.rain import Rain

DRY = Rain(lens=0.0)


def drawn(
    kind: Rain, seed: int = 1, severity: float = 0.7, **changes: object
) -> Params:
    return {**kind.sample(stream(seed, "rain"), severity), **changes}


def even(level: float, side: int = 128) -> Image:
    return Image(np.full((side, side, 3), level, dtype=np.float32))


def test_streaks_never_darken_a_scene():
    # Drops refract the light of the surroundings into the camera.
    scene = photograph("city-at-night", 192)
    for seed in range(4):
        rainy = DRY.apply(scene, drawn(DRY, seed, mist=0.0))
        assert (rainy.pixels - scene.pixels).min() > -1e-3
        assert (rainy.pixels - scene.pixels).max() > 0.05


def test_rain_cannot_be_seen_before_a_scene_as_bright_as_its_surroundings():
    for level in (0.3, 0.7):
        rainy = DRY.apply(even(level), drawn(DRY, brightness=1.0))
        np.testing.assert_allclose(rainy.pixels, level, atol=2e-3)


def test_rain_cannot_be_seen_before_a_white_sky():
    rainy = DRY.apply(even(1.0), drawn(DRY))
    np.testing.assert_allclose(rainy.pixels, 1.0, atol=2e-3)


def test_rain_shows_before_what_is_dark():
    pixels = np.full((160, 160, 3), 0.02, dtype=np.float32)
    pixels[:, 80:] = 0.9
    rainy = DRY.apply(Image(pixels), drawn(DRY, mist=0.0, brightness=1.0))
    change = np.abs(rainy.pixels - pixels).mean(axis=(0, 2))
    assert change[:80].mean() > 5.0 * change[80:].mean()


def test_far_things_vanish_in_mist_and_near_ones_stay():
    # Koschmieder: contrast falls exponentially with distance.
    scene = photograph("lake", 192)
    params = drawn(DRY, splash=0.0, mist=1.0)
    params["shower"]["opacity"] = 0.0
    misty = DRY.apply(scene, params).pixels
    far = misty[:60].std() / scene.pixels[:60].std()
    near = misty[-40:].std() / scene.pixels[-40:].std()
    assert far < near


def test_twice_the_exposure_makes_streaks_half_as_opaque():
    # Garg, Nayar 2007: opacity is diameter over path.
    short = Rain(length=(0.06, 0.06)).sample(stream(1, "rain"), 0.3)["shower"]
    long = Rain(length=(0.12, 0.12)).sample(stream(1, "rain"), 0.3)["shower"]
    assert short["opacity"] == pytest.approx(2.0 * long["opacity"])


def test_a_large_picture_looks_like_a_small_one():
    params = drawn(DRY, severity=0.8)
    small, large = (photograph("road", side) for side in (200, 400))
    one = DRY.apply(small, params).pixels - small.pixels
    two = DRY.apply(large, params).pixels - large.pixels
    two = two.reshape(200, 2, 200, 2, 3).mean(axis=(1, 3))
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.7
    assert one.mean() == pytest.approx(two.mean(), rel=0.25)


def test_drops_on_the_lens_come_as_often_as_asked():
    wet = [Rain(lens=0.5).sample(stream(each, "r"))["wetting"] for each in range(200)]
    assert 70 < sum(each is not None for each in wet) < 130
    assert Rain(lens=1.0).sample(stream(1, "r"))["wetting"] is not None


def test_drops_on_the_lens_change_what_rain_leaves():
    scene, wet = photograph("kitten", 192), Rain(lens=1.0)
    params = drawn(wet)
    change = (
        wet.apply(scene, params).pixels
        - wet.apply(scene, {**params, "wetting": None}).pixels
    )
    touched = np.abs(change).max(axis=2) > 0.02
    assert 0.005 < touched.mean() < 0.5


@pytest.mark.parametrize("white", [False, True])
def test_a_collected_pattern_falls_as_well(tmp_path: Path, white: bool):
    pattern = np.zeros((50, 50, 3), dtype=np.uint8)
    pattern[:, 20:30] = 255
    (tmp_path / "rain").mkdir()
    Picture.fromarray(255 - pattern if white else pattern).save(
        tmp_path / "rain" / "band.png"
    )
    kind = Rain(assets=str(tmp_path), pattern=1.0, lens=0.0)
    params = drawn(kind, splash=0.0, mist=0.0)
    params["shower"]["density"] = 0.0
    assert params["pattern"]["name"] == "rain/band.png"
    pixels = np.full((50, 50, 3), 0.1, dtype=np.float32)
    pixels[:3] = 0.9
    change = kind.apply(Image(pixels), params).pixels[10:] - 0.1
    bright = change.mean(axis=(0, 2)) > 0.01
    assert 8 <= bright.sum() <= 12
    with pytest.raises(InputMissing, match="assets"):
        DRY.apply(Image(pixels), params)


def test_other_choices_do_not_depend_on_assets(tmp_path: Path):
    (tmp_path / "rain").mkdir()
    Picture.new("RGB", (4, 4)).save(tmp_path / "rain" / "a.png")
    with_one = Rain(assets=str(tmp_path), pattern=1.0).sample(stream(3, "rain"))
    without = Rain().sample(stream(3, "rain"))
    assert {**with_one, "pattern": None} == without


@pytest.mark.parametrize(
    "wrong",
    [{"density": (0.0, 1.5)}, {"width": (0.0, 0.1)}, {"angle_deg": (0.0, 90.0)}],
)
def test_ranges_are_checked(wrong: dict):
    with pytest.raises(SettingsError):
        Rain(**wrong)
