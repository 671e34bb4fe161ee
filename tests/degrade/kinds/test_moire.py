"""Moire."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.files import write
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.codecs import jpeg
from pellucid.degrade.kinds.moire import Moire


def gray(side: int, level: float = 0.5) -> Image:
    return Image(np.full((side, side, 3), level, dtype=np.float32))


def psnr(one: Image, two: Image) -> float:
    return float(-10.0 * np.log10(np.mean((one.pixels - two.pixels) ** 2)))


def on_a_screen(frequency: tuple[float, float], **changes: object) -> dict:
    params = Moire(blend=0.0).sample(stream(1, "moire"), 1.0)
    params["bend"] = {"tilt": [0.0, 0.0], "barrel": 0.0}
    params["screen"] |= {
        "layout": "stripes",
        "frequency": list(frequency),
        "blur_px": 0.5,
        "reduced_px": 0.0,
        **changes,
    }
    return params


def test_a_screen_of_very_fine_pitch_leaves_only_the_traces_of_jpeg():
    image = photograph(PHOTOGRAPHS[0], 96)
    params = on_a_screen((9.0, 0.3))
    coded = jpeg(image.pixels, params["quality"])
    damaged = Moire().apply(image, params)
    np.testing.assert_allclose(damaged.pixels, coded, atol=6 / 255)
    assert psnr(damaged, Image(coded)) > 50.0


def test_bands_widen_as_the_pitch_comes_near_two_pixels():
    strongest = []
    for detuning in (0.08, 0.04, 0.02):
        damaged = Moire().apply(gray(200), on_a_screen((0.5 + detuning, 0.0)))
        across = damaged.pixels[:, :, 0].mean(axis=0)
        strongest.append(int(np.argmax(np.abs(np.fft.rfft(across - across.mean())))))
    assert strongest == [16, 8, 4]


def test_bands_are_coloured():
    damaged = Moire().apply(gray(200), on_a_screen((0.52, 0.0))).pixels
    soft = cv2.GaussianBlur(damaged, (0, 0), 3.0)
    colour = soft[:, :, 0] - soft[:, :, 1]
    assert colour.max() > 0.05
    assert colour.min() < -0.05


def test_a_sharper_lens_shows_more_of_the_grid():
    blurs = [
        Moire(blend=0.0).sample(stream(4, "moire"), severity)["screen"]["blur_px"]
        for severity in (0.0, 0.5, 1.0)
    ]
    assert blurs == sorted(blurs, reverse=True)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.97])
def test_the_brightness_stays_also_where_bands_are_cut_at_white(level: float):
    kind = Moire()
    for seed in range(6):
        damaged = kind.apply(gray(96, level), kind.sample(stream(seed, "m"), 0.5))
        assert damaged.pixels.mean() == pytest.approx(level, abs=3 / 255)


def test_fine_detail_of_the_clean_picture_stays_sharp():
    image = photograph("book", 256)
    kind = Moire(blend=0.0, quality=(97.0, 97.0))
    damaged = kind.apply(image, kind.sample(stream(2, "sharp"), 0.5))
    edges = [
        cv2.Laplacian(each.pixels, cv2.CV_32F)[:, :, 1].ravel()
        for each in (image, damaged)
    ]
    slope = np.dot(edges[0], edges[1]) / np.dot(edges[0], edges[0])
    assert slope == pytest.approx(1.0, abs=0.05)


def test_the_target_is_the_clean_picture_unless_it_is_shot_at_an_angle():
    image = photograph(PHOTOGRAPHS[2], 64)
    for seed in range(8):
        assert Moire().target(image, Moire().sample(stream(seed, "t"))) is image


def test_a_picture_shot_at_an_angle_lies_where_its_target_lies():
    image = photograph("book", 160)
    kind = Moire(as_shot=1.0, tilt=(0.1, 0.2), quality=(97.0, 97.0))
    for seed in range(5):
        params = kind.sample(stream(seed, "angle"), 0.0)
        damaged, target = kind.apply(image, params), kind.target(image, params)
        assert psnr(target, image) < 25.0
        assert psnr(damaged, target) > psnr(damaged, image) + 8.0
        shift, _ = cv2.phaseCorrelate(
            *(each.pixels[:, :, 1].astype(np.float64) for each in (damaged, target))
        )
        np.testing.assert_allclose(shift, 0.0, atol=0.05)


def test_what_is_transparent_moves_along():
    plain = photograph("book", 64)
    alpha = plain.pixels[:, :, 1].copy()
    image = replace(plain, alpha=alpha)
    kind = Moire(as_shot=1.0, tilt=(0.2, 0.2))
    params = kind.sample(stream(1, "alpha"), 0.0)
    moved, target = kind.apply(image, params), kind.target(image, params)
    assert moved.alpha is not None
    assert target.alpha is not None
    np.testing.assert_array_equal(moved.alpha, target.alpha)
    np.testing.assert_allclose(target.alpha, target.pixels[:, :, 1], atol=1e-5)


def test_up_to_three_patterns_are_laid_over_a_picture():
    kind = Moire(blend=1.0)
    counts = {len(kind.sample(stream(seed, "c"))["patterns"]) for seed in range(30)}
    assert counts == {1, 2, 3}


def test_collected_patterns_are_used(tmp_path: Path):
    (tmp_path / "moire").mkdir()
    stripes = np.zeros((64, 64, 3), dtype=np.float32)
    stripes[:, ::4] = 1.0
    write(Image(stripes), tmp_path / "moire" / "stripes.png")
    kind = Moire(blend=1.0, assets=str(tmp_path))
    params = kind.sample(stream(3, "assets"), 0.5)
    assert params["patterns"][0]["picture"]["name"] == "moire/stripes.png"
    row = kind.apply(gray(128), params).pixels[:, :, 1].mean(axis=0)
    assert np.argmax(np.abs(np.fft.rfft(row - row.mean()))) == 128 // 4


def test_a_contrast_of_more_than_all_is_refused():
    with pytest.raises(SettingsError):
        Moire(contrast=(0.1, 1.5))
