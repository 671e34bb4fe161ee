import json

import numpy as np
import pytest
from restore.fakes import diagnosis, roughness, smoothed

from pellucid.core.image import Image, Pixels
from pellucid.core.seeds import stream
from pellucid.restore.guard import blended, guard, kept_without_result

NOISE = ("noise",)


def noisy() -> Image:
    noise = stream(1, "guard").normal(0.5, 0.1, (64, 96, 3)).astype(np.float32)
    return Image(np.clip(noise, 0.0, 1.0))


def guarded(restored: Pixels, kinds=NOISE, strength=1.0, diagnose=None):
    image = noisy()
    diagnose = diagnose or roughness()
    before = diagnose(image)
    result = guard(
        image,
        restored,
        strength=strength,
        kinds=kinds,
        before=before,
        diagnose=diagnose,
    )
    assert json.loads(json.dumps(result.facts, allow_nan=False)) == result.facts
    return image, result


def test_a_good_result_is_accepted_as_it_is():
    restored = smoothed(noisy().pixels)
    _, result = guarded(restored)
    assert result.facts["decision"] == "accepted"
    assert result.strength == 1.0
    assert result.warnings == ()
    np.testing.assert_array_equal(result.image.pixels, restored)


def test_less_strength_that_was_wanted_is_mixed_in():
    image, result = guarded(smoothed(noisy().pixels), strength=0.5)
    expected = blended(image.pixels, smoothed(image.pixels), 0.5)
    np.testing.assert_array_equal(result.image.pixels, expected)
    assert (result.strength, result.facts["decision"]) == (0.5, "accepted")


def test_tone_that_moved_without_need_is_brought_back():
    shifted = np.clip(smoothed(noisy().pixels) * 0.8, 0.0, 1.0)
    image, result = guarded(shifted)
    assert result.facts["decision"] == "accepted"
    assert result.facts["attempts"][0]["corrected"] == ["tone"]  # pyright: ignore
    means = result.image.pixels.mean(), image.pixels.mean()
    assert means[0] == pytest.approx(means[1], abs=0.005)
    assert "brought back" in result.warnings[0]


def test_tone_may_move_where_that_is_the_repair():
    brighter = np.clip(smoothed(noisy().pixels) * 1.3, 0.0, 1.0)
    _, result = guarded(brighter, kinds=("low_light",), diagnose=roughness("low_light"))
    np.testing.assert_array_equal(result.image.pixels, brighter)


def test_a_repair_that_goes_too_far_is_done_by_half():
    """Haze may move tone, but not this much; half of it passes."""
    image = noisy()
    dark = (smoothed(image.pixels) * 0.2).astype(np.float32)
    _, result = guarded(dark, kinds=("haze",), diagnose=roughness("haze"))
    assert (result.facts["decision"], result.strength) == ("lowered", 0.5)
    np.testing.assert_allclose(result.image.pixels, (image.pixels + dark) / 2, 1e-5)
    assert "lowered to 0.5: of the first result, its tone moved" in result.warnings[0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.5, 1.5])
def test_numbers_that_are_none_leave_the_original(value: float):
    broken = noisy().pixels.copy()
    broken[0, 0, 0] = value
    image, result = guarded(broken)
    assert result.image is image
    assert result.facts["decision"] == "kept"
    assert "no numbers in [0, 1]" in result.warnings[0]


def test_a_flat_result_leaves_the_original():
    image, result = guarded(np.full_like(noisy().pixels, 0.5))
    assert result.image is image
    assert "one flat colour" in result.warnings[0]


def test_damage_that_stays_leaves_the_original():
    image, result = guarded(noisy().pixels)
    assert result.image is image
    assert (result.strength, result.after) == (0.0, roughness()(image))
    assert len(result.facts["attempts"]) == 2  # pyright: ignore
    assert "damage did not become less" in result.warnings[0]


@pytest.mark.parametrize("kind", ["noise", "reflection"])
def test_another_picture_leaves_the_original(kind: str):
    other = np.zeros_like(noisy().pixels)
    other[:, 20:30] = 1.0
    image, result = guarded(other, kinds=(kind,), diagnose=roughness(kind))
    assert result.image is image
    assert "its tone moved by" in result.warnings[0]


def test_a_restorer_without_a_result_leaves_the_original():
    result = kept_without_result(noisy(), diagnosis(noise=1.0), "it is not there")
    assert result.facts["decision"] == "kept"
    assert result.warnings == (
        "The original was kept: of the result, it is not there.",
    )


def test_nothing_and_everything_are_not_mixed_at_all():
    one, other = noisy().pixels, smoothed(noisy().pixels)
    assert blended(one, other, 0.0) is one
    assert blended(one, other, 1.0) is other
