import json
import math
from functools import cache

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.protocols import Retargeting
from pellucid.core.seeds import stream
from pellucid.degrade.kinds.real_esrgan import RealEsrgan
from pellucid.degrade.sharpen import sharpened_target

COUNT = 2000

CLEAR = {
    "severity": 0.0,
    "first": {
        "blur": None,
        "scale": 1.0,
        "mode": "area",
        "noise": {"kind": "gaussian", "amount": 0.0, "is_gray": False},
        "quality": 100,
    },
    "second": {
        "blur": None,
        "scale": 1.0,
        "mode": "area",
        "noise": {"kind": "gaussian", "amount": 0.0, "is_gray": False},
        "quality": 100,
    },
    "final": {"mode": "area", "sinc": None, "is_before_jpeg": True},
    "seed": 3,
}


@cache
def drawn() -> list[dict]:
    """What 2,000 pictures get where no severity is given."""
    return [RealEsrgan().sample(stream(seed, "paper")) for seed in range(COUNT)]


def with_stage(name: str, **changes) -> dict:
    params = json.loads(json.dumps(CLEAR))
    params[name] |= changes
    return params


def assert_share(happened: list[bool], share: float):
    spread = math.sqrt(share * (1 - share) / len(happened))
    assert abs(np.mean(happened) - share) < 4 * spread, (np.mean(happened), share)


def assert_even(values: list[float], low: float, high: float):
    """Evenly spread: in the range, and the mean and the spread as they must be."""
    length = high - low
    assert low - 1e-9 <= min(values) < low + 0.05 * length
    assert high + 1e-9 >= max(values) > high - 0.05 * length
    error = length / math.sqrt(12 * len(values))
    assert abs(np.mean(values) - (low + high) / 2) < 4 * error
    assert np.std(values) == pytest.approx(length / math.sqrt(12), rel=0.08)


@pytest.mark.parametrize(("stage", "happens"), [("first", 1.0), ("second", 0.8)])
def test_kernels_are_met_as_often_as_in_the_paper(stage: str, happens: float):
    blurs = [each[stage]["blur"] for each in drawn()]
    if happens < 1.0:
        assert_share([each is not None for each in blurs], happens)
    blurs = [each for each in blurs if each is not None]
    assert_share([each["family"] == "sinc" for each in blurs], 0.1)
    others = [each for each in blurs if each["family"] != "sinc"]
    for family, round_share, long_share in (
        ("gaussian", 0.45, 0.25),
        ("generalized", 0.12, 0.03),
        ("plateau", 0.12, 0.03),
    ):
        are = [each["family"] == family for each in others]
        long = [each["sigma"][0] != each["sigma"][1] for each in others]
        pairs = list(zip(are, long, strict=True))
        assert_share([a and not b for a, b in pairs], round_share)
        assert_share([a and b for a, b in pairs], long_share)
    for size in range(7, 22, 2):
        assert_share([each["size"] == size for each in blurs], 1 / 8)


@pytest.mark.parametrize(("stage", "sigma"), [("first", 3.0), ("second", 1.5)])
def test_shapes_of_kernels_have_the_ranges_of_the_paper(stage: str, sigma: float):
    blurs = [each[stage]["blur"] for each in drawn() if each[stage]["blur"]]
    bells = [each for each in blurs if each["family"] != "sinc"]
    long = [each for each in bells if each["sigma"][0] != each["sigma"][1]]
    assert_even([each["sigma"][0] for each in bells], 0.2, sigma)
    assert_even([each["sigma"][1] for each in long], 0.2, sigma)
    assert_even([each["angle"] for each in long], -math.pi, math.pi)
    betas = [each["beta"] for each in bells if each["family"] == "generalized"]
    assert_share([each < 1.0 for each in betas], 0.5)
    assert_even([each for each in betas if each < 1.0], 0.5, 1.0)
    assert_even([each for each in betas if each >= 1.0], 1.0, 4.0)
    betas = [each["beta"] for each in bells if each["family"] == "plateau"]
    assert_share([each == 1.0 for each in betas], 0.5)
    assert_even([each for each in betas if each != 1.0], 1.0, 2.0)
    sincs = [each for each in blurs if each["family"] == "sinc"]
    small = [each["cutoff"] for each in sincs if each["size"] < 13]
    large = [each["cutoff"] for each in sincs if each["size"] >= 13]
    assert all(math.pi / 3 <= each <= math.pi for each in small)
    assert_even(large, math.pi / 5, math.pi)


@pytest.mark.parametrize(
    ("stage", "directions", "up", "down"),
    [
        ("first", (0.2, 0.7, 0.1), (1.0, 1.5), (0.15, 1.0)),
        ("second", (0.3, 0.4, 0.3), (1.0, 1.2), (0.3, 1.0)),
    ],
)
def test_resizing_has_the_chances_of_the_paper(
    stage: str, directions: tuple, up: tuple, down: tuple
):
    scales = [each[stage]["scale"] for each in drawn()]
    assert_share([each > 1.0 for each in scales], directions[0])
    assert_share([each < 1.0 for each in scales], directions[1])
    assert_share([each == 1.0 for each in scales], directions[2])
    assert_even([each for each in scales if each > 1.0], *up)
    assert_even([each for each in scales if each < 1.0], *down)
    for mode in ("area", "bilinear", "bicubic"):
        assert_share([each[stage]["mode"] == mode for each in drawn()], 1 / 3)


@pytest.mark.parametrize(
    ("stage", "sigma", "factor"),
    [("first", (1.0, 30.0), (0.05, 3.0)), ("second", (1.0, 25.0), (0.05, 2.5))],
)
def test_noise_and_quality_have_the_ranges_of_the_paper(
    stage: str, sigma: tuple, factor: tuple
):
    noises = [each[stage]["noise"] for each in drawn()]
    gaussian = [each["amount"] for each in noises if each["kind"] == "gaussian"]
    counted = [each["amount"] for each in noises if each["kind"] == "poisson"]
    assert_share([each["kind"] == "gaussian" for each in noises], 0.5)
    assert_share([each["is_gray"] for each in noises], 0.4)
    assert_even(gaussian, *sigma)
    assert_even(counted, *factor)
    assert_even([each[stage]["quality"] for each in drawn()], 30.0, 95.0)


def test_the_end_has_the_chances_of_the_paper():
    finals = [each["final"] for each in drawn()]
    assert_share([each["is_before_jpeg"] for each in finals], 0.5)
    assert_share([each["sinc"] is not None for each in finals], 0.8)
    assert_even(
        [each["sinc"]["cutoff"] for each in finals if each["sinc"]],
        math.pi / 3,
        math.pi,
    )


def test_strengths_are_independent_and_the_severity_is_their_mean():
    sigma = [each["first"]["quality"] for each in drawn()]
    later = [each["second"]["quality"] for each in drawn()]
    assert abs(np.corrcoef(sigma, later)[0, 1]) < 4 / math.sqrt(COUNT)
    found = [each["severity"] for each in drawn()]
    assert np.mean(found) == pytest.approx(0.5, abs=0.02)
    quality = np.array(sigma, dtype=float)
    assert np.corrcoef(found, quality)[0, 1] < -0.2  # worse files, higher severity


def test_a_severity_puts_every_strength_at_one_place_of_its_range():
    for seed in range(60):
        mild, strong = (RealEsrgan().sample(stream(seed), s) for s in (0.0, 1.0))
        for stage, sigma, noise in (("first", 3.0, 30.0), ("second", 1.5, 25.0)):
            assert (mild[stage]["quality"], strong[stage]["quality"]) == (95, 30)
            assert mild[stage]["scale"] >= strong[stage]["scale"]
            assert mild[stage]["mode"] == strong[stage]["mode"]
            if strong[stage]["noise"]["kind"] == "gaussian":
                assert mild[stage]["noise"]["amount"] == 1.0
                assert strong[stage]["noise"]["amount"] == noise
            if strong[stage]["blur"] and "sigma" in strong[stage]["blur"]:
                assert strong[stage]["blur"]["sigma"][0] == sigma
                # A quarter of the way: less blur would alias, and be farther off.
                quarter = 0.2 + (sigma - 0.2) / 4
                assert mild[stage]["blur"]["sigma"][0] == pytest.approx(quarter)


def test_the_target_is_the_sharpened_picture():
    kind, image = RealEsrgan(), photograph(PHOTOGRAPHS[0], 96)
    assert isinstance(kind, Retargeting)
    target = kind.target(image, CLEAR)
    np.testing.assert_array_equal(target.pixels, sharpened_target(image.pixels))
    assert np.abs(target.pixels - image.pixels).max() > 10 / 255


def test_nothing_but_shrinking_to_a_quarter_stays_near_the_target():
    image = photograph(PHOTOGRAPHS[2], 128)
    damaged = RealEsrgan().apply(image, CLEAR).pixels
    target = sharpened_target(image.pixels)
    luma = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # JPEG halves the colours
    blocks = [
        (each @ luma).reshape(32, 4, 32, 4).mean(axis=(1, 3))
        for each in (damaged, target)
    ]
    difference = np.abs(blocks[0] - blocks[1]) * 255
    assert difference.mean() < 4  # bicubic enlarging does not keep means of blocks
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.99


def test_the_result_has_8_bits_and_the_detail_of_a_quarter_of_the_size():
    for seed in range(4):
        noise = stream(seed, "noise").random((64, 64, 3), dtype=np.float32)
        params = RealEsrgan().sample(stream(seed))
        found = RealEsrgan().apply(Image(noise), params).pixels
        np.testing.assert_allclose(found * 255, np.rint(found * 255), atol=1e-4)
        power = np.abs(np.fft.fft2(found.mean(axis=2))) ** 2
        frequency = np.abs(np.fft.fftfreq(64))
        fine = np.maximum(frequency[:, None], frequency[None, :]) > 0.3
        # Two thirds of the power of the input; bicubic enlarging lets little pass.
        assert power[fine].sum() < 0.05 * power.flat[1:].sum()


@pytest.mark.parametrize(
    ("stage", "change"),
    [
        ("first", {"quality": 10}),
        ("second", {"quality": 10}),
        ("first", {"scale": 0.2}),
        ("second", {"scale": 0.4}),
        ("first", {"blur": {"family": "sinc", "size": 21, "cutoff": 0.2}}),
        ("second", {"blur": {"family": "sinc", "size": 21, "cutoff": 0.2}}),
        ("final", {"sinc": {"family": "sinc", "size": 21, "cutoff": 0.6}}),
    ],
)
def test_every_part_of_the_chain_does_harm(stage: str, change: dict):
    image = photograph(PHOTOGRAPHS[1], 128)
    target = RealEsrgan().target(image, CLEAR).pixels
    errors = [
        float(np.mean((RealEsrgan().apply(image, each).pixels - target) ** 2))
        for each in (CLEAR, with_stage(stage, **change))
    ]
    assert errors[1] > 1.05 * errors[0]


@pytest.mark.parametrize("is_last", [True, False])
def test_blocks_of_the_last_jpeg_are_32_px_unless_it_was_shrunk_after(is_last: bool):
    image = photograph(PHOTOGRAPHS[3], 256)
    params = with_stage("second", scale=2.0, quality=5)
    params["final"]["is_before_jpeg"] = is_last
    damaged = RealEsrgan().apply(image, params).pixels
    steps = np.abs(np.diff(damaged.mean(axis=2), axis=1)).mean(axis=0)
    at_32, between = steps[31:-1:32].mean(), steps[15::32].mean()
    assert (at_32 > 1.4 * between) == is_last
    params["second"]["quality"] = 100
    fine = RealEsrgan().apply(image, params).pixels
    assert np.abs(fine - damaged).mean() * 255 > 2  # it is coded in either order


def test_both_stages_have_noise_of_their_own():
    flat = Image(np.full((128, 128, 3), 0.5, dtype=np.float32))
    noise = {"kind": "gaussian", "amount": 20.0, "is_gray": False}
    one = RealEsrgan().apply(flat, with_stage("first", noise=noise, scale=0.25)).pixels
    two = RealEsrgan().apply(flat, with_stage("second", noise=noise)).pixels
    assert min(one.std(), two.std()) * 255 > 8
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1


def test_a_picture_of_few_levels_counts_few_photons():
    # One level: one photon at white. The variance of a Poisson is its mean.
    flat = Image(np.full((256, 256, 3), 0.5, dtype=np.float32))
    sigma = 0.05 * math.sqrt(128 / 255)
    spread = []
    for kind, amount in (("poisson", 0.05), ("gaussian", 255 * sigma)):
        noise = {"kind": kind, "amount": amount, "is_gray": True}
        found = RealEsrgan().apply(flat, with_stage("second", noise=noise)).pixels
        spread.append(float(found.std()))
    assert spread[0] == pytest.approx(spread[1], rel=0.08)


def test_gray_noise_is_equal_in_all_colours_and_colour_noise_is_not():
    flat = Image(np.full((256, 256, 3), 0.5, dtype=np.float32))
    for kind, amount in (("gaussian", 20.0), ("poisson", 2.0)):
        spread = []
        for is_gray in (True, False):
            noise = {"kind": kind, "amount": amount, "is_gray": is_gray}
            found = RealEsrgan().apply(flat, with_stage("second", noise=noise)).pixels
            red_against_green = found[..., 0] - found[..., 1]
            spread.append(float(red_against_green.std()))
        assert spread[0] < 0.2 * spread[1], kind


def test_poisson_noise_grows_with_the_brightness():
    ramp = np.linspace(0.02, 0.9, 256, dtype=np.float32)
    pixels = np.repeat(np.tile(ramp, (256, 1))[..., None], 3, axis=2)
    noise = {"kind": "poisson", "amount": 2.0, "is_gray": True}
    clear = RealEsrgan().apply(Image(pixels), CLEAR).pixels
    noisy = RealEsrgan().apply(Image(pixels), with_stage("second", noise=noise)).pixels
    spread = (noisy - clear).mean(axis=2).std(axis=0)
    dark, bright = spread[10:40].mean(), spread[-80:-40].mean()
    # The root of the signal: sqrt(0.7 / 0.1), less what JPEG and clipping do.
    assert 1.8 < bright / dark < 4.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kernel_px": (6, 21)}, "odd"),
        ({"kernel_px": (21, 7)}, "odd"),
        ({"directions": (0.5, 0.7, 0.1)}, "directions"),
        ({"shrinking": (1.0, 0.0)}, "shrinking"),
        ({"quality": (95.0, 0.0)}, "quality"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict, said: str):
    with pytest.raises(SettingsError, match=said):
        RealEsrgan(**wrong)
