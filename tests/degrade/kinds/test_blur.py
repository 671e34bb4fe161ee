"""Blur as light does it."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.depth import farness
from pellucid.degrade.kinds.blur import Blur, kernel_of
from pellucid.degrade.light import to_linear

SHAPES = ("shake", "linear", "arc", "disc", "polygon", "gaussian")
SIDE = 81


def drawn(shape: str, severity: float = 0.7, seed: int = 1, **ranges: object) -> dict:
    kind = Blur(shapes=(shape,), lamps=(1.0, 1.0), **ranges)  # type: ignore[arg-type]
    return kind.sample(stream(seed, "test"), severity)


def point(level: float = 1.0) -> Image:
    pixels = np.zeros((SIDE, SIDE, 3), dtype=np.float32)
    pixels[SIDE // 2, SIDE // 2] = level
    return Image(pixels)


def even(level: float) -> Image:
    return Image(np.full((40, 50, 3), level, dtype=np.float32))


def test_every_shape_is_drawn_as_often_as_the_others():
    found = [Blur().sample(stream(seed, "s"))["shape"] for seed in range(600)]
    assert {each: found.count(each) > 60 for each in set(found)} == dict.fromkeys(
        SHAPES, True
    )


@pytest.mark.parametrize("shape", ["shake", "linear", "arc", "disc", "polygon"])
def test_a_point_of_light_becomes_the_kernel(shape: str):
    params = drawn(shape)
    kernel = kernel_of(params)
    light = to_linear(Blur().apply(point(), params).pixels)[:, :, 0]
    expected = np.pad(kernel, (SIDE - len(kernel)) // 2)
    np.testing.assert_allclose(light, expected, atol=2e-5)


def test_a_path_is_not_turned_around():
    kernel = kernel_of(drawn("shake"))
    assert (
        np.abs(kernel - kernel[::-1, ::-1]).max() > 0.01
    )  # or the test above is blind


def test_a_gaussian_is_as_wide_as_it_says():
    params = drawn("gaussian")
    light = to_linear(Blur().apply(point(), params).pixels)[:, :, 0]
    away = np.arange(SIDE) - SIDE // 2
    sigma = np.sqrt((light.sum(axis=0) * away**2).sum() / light.sum())
    assert sigma == pytest.approx(params["sigma_px"], rel=0.03)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [0.0, 0.05, 0.5, 0.98, 1.0])
def test_an_even_wall_stays_as_it_is(shape: str, level: float):
    for depth in ("none", "prior"):
        params = Blur(shapes=(shape,), depth=depth).sample(stream(3, "w"), 1.0)  # type: ignore[arg-type]
        blurred = Blur().apply(even(level), params)
        np.testing.assert_allclose(blurred.pixels, level, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_light_is_spread_and_neither_made_nor_lost(shape: str):
    before = to_linear(point().pixels).sum(dtype=np.float64)
    after = to_linear(Blur().apply(point(), drawn(shape)).pixels).sum(dtype=np.float64)
    assert after == pytest.approx(before, rel=0.01)


def test_a_lamp_blooms_into_a_disc_as_bright_as_its_light():
    # In sRGB values instead of light, the disc would be near 1 / 80 and invisible.
    blurred = Blur().apply(
        point(), {**drawn("disc"), "radius_px": 5.0, "softness": 0.0}
    )
    middle = float(blurred.pixels[SIDE // 2, SIDE // 2, 0])
    assert middle == pytest.approx(
        1.055 * (1 / (25 * np.pi)) ** (1 / 2.4) - 0.055, rel=0.02
    )


def test_a_clipped_lamp_is_brighter_than_white_but_paper_is_not():
    params = {**drawn("disc"), "radius_px": 4.0, "softness": 0.0}
    for level, gain in ((1.0, 3.0), (0.8, 1.0)):
        one = to_linear(Blur().apply(point(level), params).pixels)
        three = to_linear(Blur().apply(point(level), {**params, "lamps": 3.0}).pixels)
        assert three.sum() == pytest.approx(gain * one.sum(), rel=0.02)
    paper = np.full((SIDE, SIDE, 3), 0.2, dtype=np.float32)
    paper[:, : SIDE // 2] = 1.0
    white = Image(paper)
    np.testing.assert_array_equal(
        Blur().apply(white, params).pixels,
        Blur().apply(white, {**params, "lamps": 3.0}).pixels,
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_severity_enlarges_the_same_shape(shape: str):
    sizes = {"extent_px", "radius_px", "sigma_px", "severity"}
    mild, strong = drawn(shape, 0.2), drawn(shape, 0.9)
    assert {k: v for k, v in mild.items() if k not in sizes} == {
        k: v for k, v in strong.items() if k not in sizes
    }
    (size,) = sizes & set(mild) - {"severity"}
    assert strong[size] > 3.0 * mild[size]


def test_params_are_small_and_name_only_what_the_shape_needs():
    for seed in range(40):
        params = Blur(depth="prior").sample(stream(seed, "s"))
        assert len(params) <= 10
        assert ("depth" in params) == (params["shape"] in ("disc", "polygon"))
        assert ("blades" in params) == (params["shape"] == "polygon")


def test_no_picture_becomes_brighter_by_three_levels():
    checkers = np.indices((64, 64)).sum(axis=0) % 2
    stripes = np.repeat(np.indices((64, 64))[1] % 8 < 1, 3).reshape(64, 64, 3)
    pictures = [
        Image(np.repeat(checkers[:, :, None], 3, axis=2).astype(np.float32)),
        Image(stripes.astype(np.float32)),
        Image(stream(1, "noise").random((64, 64, 3), dtype=np.float32)),
        *(photograph(name, 160) for name in PHOTOGRAPHS),
    ]
    for seed in range(12):
        params = Blur().sample(stream(seed, "tone"), 1.0)
        for image in pictures:
            moved = float(
                Blur().apply(image, params).pixels.mean() - image.pixels.mean()
            )
            assert abs(moved) * 255.0 < 3.0


def test_what_is_in_focus_stays_sharp_and_the_rest_does_not():
    image = photograph(PHOTOGRAPHS[0], 160)
    params = {**drawn("disc", 0.8, depth="prior"), "focus": 0.0}
    blurred = Blur().apply(image, params)
    far = farness(image, "prior", params["seed"])
    error = np.abs(blurred.pixels - image.pixels).mean(axis=2)
    near_error, far_error = error[far < 0.1].mean(), error[far > 0.7].mean()
    assert near_error < 0.25 * far_error


@pytest.mark.parametrize(
    "wrong",
    [
        {"radius_px": (4.0, 2.0)},
        {"sigma_px": (0.0, 2.0)},
        {"extent_px": (1.0, 5000.0)},
        {"blades": (2, 5)},
        {"blades": (9, 5)},
        {"shapes": ()},
        {"shapes": ("square",)},
        {"lamps": (0.5, 2.0)},
        {"focus": (0.0, 1.5)},
    ],
)
def test_ranges_that_make_no_sense_are_refused(wrong: dict):
    with pytest.raises(SettingsError):
        Blur(**wrong)
