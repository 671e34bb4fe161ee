from itertools import pairwise

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.core.files import write
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.reflection import Reflection
from pellucid.degrade.light import luminance, to_linear, to_srgb

SEEDS = range(18)


def drawn(seed: int, severity: float = 0.5, **settings) -> tuple[Reflection, dict]:
    kind = Reflection(**settings)
    return kind, kind.sample(stream(seed, "reflection"), severity)


def light(image: Image) -> np.ndarray:
    return to_linear(image.pixels)


def gray(level: float, side: int = 64) -> Image:
    return Image(to_srgb(np.full((side, side, 3), level, dtype=np.float32)))


def textured(side: int = 96) -> Image:
    """Fine noise over mid gray: gradients everywhere."""
    noise = stream(5, "texture").random((side, side, 1), dtype=np.float32)
    return Image(np.repeat(0.3 + 0.4 * noise, 3, axis=2))


def test_a_pane_that_absorbs_nothing_only_adds_light():
    for seed in SEEDS:
        image = photograph(PHOTOGRAPHS[seed % 6], 96)
        kind, params = drawn(seed, absorption=(0.0, 0.0))
        added = light(kind.apply(image, params)) - light(image)
        assert added.min() > -1e-4
        assert added.mean() > 1e-3


def test_light_of_the_reflection_is_the_drawn_share_of_that_of_the_picture():
    image = gray(0.2)
    for seed in SEEDS:  # mild, so that nothing is cut at white
        kind, params = drawn(seed, 0.0, absorption=(0.0, 0.0), dominance=100.0)
        added = luminance(light(kind.apply(image, params)) - light(image))
        size = float(np.sqrt(np.mean(added**2)))
        assert size == pytest.approx(params["strength"] * 0.2, rel=0.12)


def test_what_is_dark_before_the_pane_leaves_the_picture_but_for_absorption():
    image = photograph(PHOTOGRAPHS[0], 64)
    kind, params = drawn(2, 0.5, absorption=(0.2, 0.2))
    edge = {"is_seen": True, "turn_deg": 0.0, "offset": 0.0, "softness": 0.01}
    params |= {"edge": edge, "focus": "focused", "dominance": 100.0}
    seen, clear = light(kind.apply(image, params)), light(image)
    dark = slice(None), slice(0, 28)  # before the edge nothing is reflected
    share = 1.0 - params["strength"] * 0.2
    np.testing.assert_allclose(seen[dark], share * clear[dark], atol=5e-4)
    assert (seen - share * clear)[:, 36:].mean() > 0.005


def test_reflected_light_adds_up_in_linear_values():
    dark, bright = gray(0.1), gray(0.5)
    for seed in SEEDS:
        kind, params = drawn(seed, 0.3, own=0.0, absorption=(0.0, 0.0), dominance=100.0)
        one = (light(kind.apply(dark, params)) - light(dark)) / 0.1
        other = (light(kind.apply(bright, params)) - light(bright)) / 0.5
        uncut = other < 0.9
        np.testing.assert_allclose(one[uncut], other[uncut], atol=6e-3)


def test_a_ghost_is_the_same_scene_moved_and_weaker():
    image = gray(0.2, 128)
    kind, params = drawn(1, 0.3, own=0.0, absorption=(0.0, 0.0), dominance=100.0)
    flat = {"tilt_deg": 0.0, "vignette": 0.0, "field_deg": 30.0, "blur": 0.01}
    params |= flat | {"ghost_deg": 0.0, "ghost_share": 1.0, "ghost": 0.1}
    params["edge"] = {**params["edge"], "is_seen": False}
    once = luminance(light(kind.apply(image, {**params, "focus": "defocused"}))) - 0.2
    twice = luminance(light(kind.apply(image, {**params, "focus": "ghosted"}))) - 0.2
    way = round(0.1 * 128)
    near, far = once[:, way:-4], once[:, : -way - 4]
    shares, *_ = np.linalg.lstsq(
        np.stack([near.ravel(), far.ravel()], axis=1), twice[:, way:-4].ravel()
    )
    assert shares[1] / shares[0] == pytest.approx((1 - 0.0426) ** 2, rel=0.03)


def test_a_tilted_pane_reflects_more_where_one_looks_flat():
    image = gray(0.2)
    kind, params = drawn(4, 0.2, own=0.0, absorption=(0.0, 0.0), vignette=(0.0, 0.0))
    params |= {"azimuth_deg": 0.0, "polarisation": 0.0, "field_deg": 50.0}
    params["edge"] = {**params["edge"], "is_seen": False}
    shares = []
    for tilt in (0.0, 60.0):
        seen = luminance(light(kind.apply(image, {**params, "tilt_deg": tilt}))) - 0.2
        shares.append(seen[:, :16].mean() / seen[:, -16:].mean())
    assert shares[1] > 1.8 * shares[0]


def test_the_picture_keeps_the_stronger_gradients_in_half_of_its_places():
    for seed in SEEDS:
        image = photograph(PHOTOGRAPHS[seed % 6], 96)
        kind, params = drawn(seed, 1.0, absorption=(0.0, 0.0))
        params["dominance"] = 0.3
        added = luminance(light(kind.apply(image, params)) - light(image))
        ours, theirs = gradient(luminance(light(image))), gradient(added)
        assert np.median(theirs / (ours + 0.02 * luminance(light(image)).mean())) < 0.36


def gradient(plane: np.ndarray) -> np.ndarray:
    down, across = np.gradient(plane)
    return cv2.blur(np.hypot(down, across), (7, 7))


def test_texture_bears_more_reflection_than_a_wall():
    kind, params = drawn(3, 1.0, own=0.0, focused=1.0, ghosted=0.0, dominance=0.05)
    wall, grass = gray(0.25, 96), textured()
    adds = [
        float(np.mean(light(kind.apply(each, params)) - light(each)))
        for each in (wall, grass)
    ]
    assert adds[1] > 2.0 * adds[0]


def test_every_pixel_moves_farther_from_the_clean_one_as_severity_grows():
    for seed in SEEDS:
        image = photograph(PHOTOGRAPHS[seed % 6], 64)
        moved = [
            np.abs(kind.apply(image, params).pixels - image.pixels)
            for kind, params in (drawn(seed, each) for each in (0.0, 0.4, 0.7, 1.0))
        ]
        for mild, strong in pairwise(moved):
            assert (strong - mild).min() > -1e-4


def test_focus_ghosts_and_blur_come_in_the_shares_that_are_asked_for():
    kind = Reflection(focused=0.5, ghosted=0.2)
    found = [kind.sample(stream(seed, "shares"))["focus"] for seed in range(400)]
    assert found.count("focused") == pytest.approx(200, abs=45)
    assert found.count("ghosted") == pytest.approx(80, abs=35)
    assert found.count("defocused") == pytest.approx(120, abs=40)


def test_out_of_focus_there_is_no_fine_detail():
    image = gray(0.2, 256)
    kind, params = drawn(6, 0.3, own=0.0)
    detail = []
    for blur in (0.004, 0.012, 0.04):
        seen = light(kind.apply(image, {**params, "focus": "defocused", "blur": blur}))
        detail.append(float(np.abs(cv2.Laplacian(luminance(seen), cv2.CV_32F)).mean()))
    assert detail[0] > 1.5 * detail[1] > 2.0 * detail[2]


def test_a_small_and_a_large_copy_of_a_picture_get_the_same_reflection():
    for seed in range(8):
        small, large = (photograph(PHOTOGRAPHS[seed % 6], each) for each in (96, 288))
        kind, params = drawn(seed, 0.6)
        shrunk = cv2.resize(
            kind.apply(large, params).pixels, (96, 96), interpolation=cv2.INTER_AREA
        )
        assert np.abs(shrunk - kind.apply(small, params).pixels).mean() < 0.012


def test_pictures_of_the_user_are_what_is_reflected(tmp_path):
    (tmp_path / "reflection").mkdir()
    red = np.zeros((24, 30, 3), dtype=np.float32)
    red[:, :, 0] = 1.0
    write(Image(red), tmp_path / "reflection" / "red.png")
    kind, params = drawn(1, 0.5, assets=str(tmp_path), absorption=(0.0, 0.0))
    assert params["source"] == "assets"
    assert params["picture"]["name"] == "reflection/red.png"
    added = light(kind.apply(gray(0.2), params)) - 0.2
    assert added[:, :, 0].mean() > 0.01
    assert np.abs(added[:, :, 1:]).max() < 1e-3
    with pytest.raises(InputMissing, match=r"red\.png"):
        Reflection().apply(gray(0.2), params)


def test_a_folder_of_assets_changes_no_other_choice(tmp_path):
    (tmp_path / "reflection").mkdir()
    write(gray(0.5, 8), tmp_path / "reflection" / "one.png")
    _, without = drawn(9)
    _, with_it = drawn(9, assets=str(tmp_path))
    differing = {key for key in without if without[key] != with_it[key]}
    assert {"picture", "source"} <= differing <= {"picture", "source", "blur"}


def test_a_picture_without_light_still_gets_a_reflection():
    kind, params = drawn(2, 1.0, own=0.0)
    seen = kind.apply(Image(np.zeros((48, 48, 3), dtype=np.float32)), params)
    assert seen.pixels.mean() > 0.01


@pytest.mark.parametrize(
    "wrong",
    [
        {"focused": 0.7, "ghosted": 0.5},
        {"polarisation": (0.5, -0.5)},
        {"polarisation": (-2.0, 0.0)},
        {"strength": (0.0, 1.0)},
        {"tilt_deg": (0.0, 90.0)},
        {"own": 1.5},
    ],
)
def test_ranges_that_mean_nothing_are_refused(wrong):
    with pytest.raises(SettingsError):
        Reflection(**wrong)
