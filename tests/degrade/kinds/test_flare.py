"""Flare: light that is added, clipped by the sensor, while the lamp stays."""

from pathlib import Path

import numpy as np
import pytest
from photographs import photograph
from PIL import Image as Picture

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.core.image import Image
from pellucid.core.protocols import Params, Retargeting
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.flare import Flare
from pellucid.degrade.light import to_linear

LAMP = Flare(own=0.0, outside=0.0)
OUTSIDE = Flare(own=0.0, outside=1.0)
OWN = Flare(own=1.0)


def drawn(
    kind: Flare, seed: int = 1, severity: float = 0.6, **changes: object
) -> Params:
    return {**kind.sample(stream(seed, "flare"), severity), **changes}


def black(side: int = 160) -> Image:
    return Image(np.zeros((side, side, 3), dtype=np.float32))


@pytest.mark.parametrize("kind", [LAMP, OUTSIDE, OWN])
def test_flare_adds_light_and_never_takes_any(kind: Flare):
    scene = photograph("city-at-night", 160)
    assert isinstance(kind, Retargeting)
    for seed in range(6):
        params = drawn(kind, seed)
        flared, clean = kind.apply(scene, params), kind.target(scene, params)
        assert (flared.pixels - clean.pixels).min() > -1e-4
        assert (clean.pixels - scene.pixels).min() > -1e-4


def test_the_lamp_stays_in_the_clean_partner():
    for seed in range(6):
        params = drawn(LAMP, seed)
        clean = LAMP.target(black(), params)
        x, y = params["place"]
        row, column = round(y * 160 - 0.5), round(x * 160 - 0.5)
        assert clean.pixels[row, column].max() > 0.9
        assert (clean.pixels > 0.0).mean() < 0.2  # compact: the rest is flare
        assert LAMP.apply(black(), params).pixels.min() > 0.0


def test_without_strength_there_is_the_lamp_alone():
    for kind in (LAMP, OUTSIDE, OWN):
        params = drawn(kind, light=0.0, ghost=0.0)
        scene = photograph("lake", 128)
        np.testing.assert_allclose(
            kind.apply(scene, params).pixels,
            kind.target(scene, params).pixels,
            atol=1e-4,
        )


def test_severity_changes_the_flare_and_not_the_lamp():
    mild, strong = (drawn(LAMP, 3, each) for each in (0.1, 0.9))
    one, two = LAMP.target(black(), mild), LAMP.target(black(), strong)
    np.testing.assert_array_equal(one.pixels, two.pixels)
    assert LAMP.apply(black(), strong).pixels.mean() > 1.5 * (
        LAMP.apply(black(), mild).pixels.mean()
    )


@pytest.mark.parametrize("kind", [LAMP, OUTSIDE])
def test_a_flare_is_seen_wherever_the_lamp_is(kind: Flare):
    # Glare is scaled to a mean light: a lamp farther off does not hide it.
    for seed in range(12):
        params = drawn(kind, seed, ghost=0.0)
        flared = to_linear(kind.apply(black(), params).pixels)
        lamp = to_linear(kind.target(black(), params).pixels)
        added = float((flared - lamp).mean())
        colour = 0.35  # mean of the channels of the reddest lamp
        assert added > 0.6 * colour * params["light"]
        assert added < 1.6 * params["light"]


def test_a_warm_lamp_has_a_warm_flare():
    warm = Flare(own=0.0, kelvin=(2200.0, 2300.0))
    params = drawn(warm)
    red, _, blue = warm.apply(black(), params).pixels.mean(axis=(0, 1))
    assert red > 1.2 * blue


def test_where_lights_of_the_picture_flare_the_picture_is_the_partner():
    scene = photograph("city-at-night", 200)
    params = drawn(OWN)
    assert params["lamp"] is None
    assert OWN.target(scene, params) is scene


def test_lights_of_the_picture_glow_more_than_what_is_dark():
    night = np.full((160, 160, 3), 0.05, dtype=np.float32)
    night[50:53, 100:103] = 1.0
    flared = to_linear(OWN.apply(Image(night), drawn(OWN, severity=0.7)).pixels)
    near, far = flared[58:62, 99:104].mean(), flared[140:, :20].mean()
    assert near > 1.5 * far


def test_a_picture_without_lights_gets_a_veil_from_lights_outside():
    flat = Image(np.full((96, 96, 3), 0.3, dtype=np.float32))
    flared = OWN.apply(flat, drawn(OWN)).pixels
    assert flared.min() > 0.3
    assert flared.std() < 1e-3


def test_the_sensor_saturates():
    white = Image(np.ones((64, 64, 3), dtype=np.float32))
    np.testing.assert_allclose(LAMP.apply(white, drawn(LAMP)).pixels, 1.0, atol=1e-6)


def test_a_large_picture_looks_like_a_small_one():
    params = drawn(LAMP, 4)
    one = LAMP.apply(black(256), params).pixels
    two = LAMP.apply(black(768), params).pixels
    two = two.reshape(256, 3, 256, 3, 3).mean(axis=(1, 3))
    assert np.abs(one - two).mean() < 0.01


def test_a_collected_flare_is_laid_on_the_lamp(tmp_path: Path):
    sprite = np.zeros((60, 60, 3), dtype=np.uint8)
    sprite[20:24, 40:44] = (255, 120, 60)
    (tmp_path / "flare").mkdir()
    Picture.fromarray(sprite).save(tmp_path / "flare" / "one.png")
    kind = Flare(assets=str(tmp_path), sprite=1.0, veil=(0.0, 0.0))
    for seed in range(6):
        params = drawn(kind, seed, 0.1)
        assert params["sprite"]["name"] == "flare/one.png"
        added = kind.apply(black(), params).pixels - kind.target(black(), params).pixels
        rows, columns = np.nonzero(added.max(axis=2) > 0.1)
        x, y = params["place"]
        # The lamp lies in the middle of it, up to the size of the bright square.
        assert abs((columns.mean() + 0.5) / 160 - x) < 0.06
        assert abs((rows.mean() + 0.5) / 160 - y) < 0.06
    with pytest.raises(InputMissing, match="assets"):
        LAMP.apply(black(), drawn(kind))


def test_other_choices_do_not_depend_on_assets(tmp_path: Path):
    (tmp_path / "flare").mkdir()
    Picture.new("RGB", (4, 4)).save(tmp_path / "flare" / "a.png")
    kind = Flare(assets=str(tmp_path), sprite=1.0, own=0.0, outside=0.0)
    with_one = kind.sample(stream(3, "flare"))
    without = Flare(own=0.0, outside=0.0).sample(stream(3, "flare"))
    for key in ("severity", "seed", "lamp", "light", "lens", "reflections"):
        assert with_one[key] == without[key]


@pytest.mark.parametrize(
    "wrong",
    [{"light": (0.0, 0.1)}, {"blades": (2, 9)}, {"kelvin": (0.0, 5000.0)}],
)
def test_ranges_are_checked(wrong: dict):
    with pytest.raises(SettingsError):
        Flare(**wrong)
