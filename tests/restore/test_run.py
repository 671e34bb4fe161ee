from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pictures
import pytest
from restore.fakes import Fake, card, diagnosis, roughness, smoothed

from pellucid.core.errors import PluginError, SettingsError, UnknownName
from pellucid.core.files import decode, encode
from pellucid.core.image import Image
from pellucid.core.options import WriteOptions
from pellucid.core.protocols import Restorer
from pellucid.core.records import ModelCard, Request
from pellucid.core.seeds import stream
from pellucid.restore.run import Outcome, restore_picture
from pellucid.restore.tiles import NotNumbers

SIZES = [(1, 1), (1, 9), (7, 1), (40, 64)]


def noisy(height: int = 40, width: int = 64) -> Image:
    noise = stream(2, "run").normal(0.5, 0.1, (height, width, 3)).astype(np.float32)
    return Image(np.clip(noise, 0.0, 1.0))


def run(image: Image, restorer: Restorer | None = None, **how: Any) -> Outcome:
    asked = {name: how.pop(name) for name in ("task", "strength") if name in how}
    how.setdefault("diagnose", roughness())
    restorer = restorer or Fake(smoothed)
    return restore_picture(image, restorer, Request(**asked), **how)


def test_the_fake_keeps_the_promise():
    assert isinstance(Fake(), Restorer)


def test_a_damaged_picture_is_repaired_and_the_damage_is_less():
    outcome = run(noisy())
    np.testing.assert_array_equal(outcome.image.pixels, smoothed(noisy().pixels))
    assert outcome.after is not None
    assert outcome.after.findings[0].severity < outcome.before.findings[0].severity
    assert outcome.guards["decision"] == "accepted"
    assert set(outcome.timings_s) == {"diagnose", "restore", "guard", "total"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("task", ["auto", "denoise", "general"])
def test_any_size_is_kept(size, task: str):
    image = noisy(*size)
    assert run(image, task=(task,)).image.pixels.shape == image.pixels.shape


def test_a_clean_photo_comes_back_as_the_very_same_picture():
    image, restorer = noisy(), Fake(smoothed)
    for guards in (True, False):
        outcome = run(image, restorer, diagnose=lambda _: diagnosis(), guards=guards)
        assert outcome.image is image
        assert outcome.strength == 0.0
    assert restorer.asked == []


def test_a_clean_photo_is_repaired_where_somebody_says_so():
    outcome = run(noisy(), diagnose=lambda _: diagnosis(), task=("denoise",))
    np.testing.assert_array_equal(outcome.image.pixels, smoothed(noisy().pixels))


def test_no_strength_is_no_change():
    image = noisy()
    assert run(image, strength=0.0).image is image


def test_strength_is_not_the_business_of_the_restorer():
    restorer = Fake(smoothed)
    outcome = run(noisy(), restorer, strength=0.4)
    assert [asked.strength for asked in restorer.asked] == [1.0]
    expected = 0.6 * noisy().pixels + 0.4 * smoothed(noisy().pixels)
    np.testing.assert_allclose(outcome.image.pixels, expected, atol=1e-6)
    assert outcome.strength == 0.4


def test_gray_stays_gray():
    gray = noisy().pixels[:, :, :1].repeat(3, axis=2)
    image = Image(gray).with_carried(is_gray=True)
    tint = np.array([1.0, 0.98, 0.96], np.float32)
    pixels = run(image, Fake(lambda it: smoothed(it) * tint)).image.pixels
    np.testing.assert_array_equal(pixels[:, :, 0], pixels[:, :, 1])
    np.testing.assert_array_equal(pixels[:, :, 0], pixels[:, :, 2])


def test_alpha_is_kept_and_premultiplied_colours_stay_below_it():
    alpha = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(40, axis=0)
    image = Image(noisy().pixels * alpha[:, :, None], alpha)
    image = image.with_carried(is_premultiplied=True)
    result = run(image, Fake(lambda it: smoothed(it)), task=("denoise",)).image
    assert result.alpha is not None
    np.testing.assert_array_equal(result.alpha, alpha)
    assert (result.pixels <= alpha[:, :, None]).all()


def test_a_deep_file_stays_deep_with_all_it_carried():
    icc, xmp = pictures.profile("sRGB"), pictures.XMP
    samples = (noisy().pixels * 65535).astype(np.uint16)
    result = run(decode(pictures.png(samples, icc=icc, xmp=xmp))).image
    again = decode(encode(result, WriteOptions()).data)
    assert (again.carried.icc, again.carried.xmp) == (icc, xmp)
    assert again.carried.sample_type == "uint16"
    np.testing.assert_allclose(again.pixels, result.pixels, atol=1 / 65535)


def test_a_wide_profile_is_said():
    image = noisy().with_carried(icc=pictures.profile("Display P3"))
    assert "as if they were sRGB" in run(image).warnings[0]
    assert run(image, strength=0.0).warnings == ()


@pytest.mark.parametrize("value", [np.nan, 2.0])
def test_broken_numbers_leave_the_original_and_say_so(value: float):
    def broken(pixels):
        return np.full_like(pixels, value)

    image = noisy()
    outcome = run(image, Fake(broken))
    assert outcome.image is image
    assert outcome.guards["decision"] == "kept"
    assert "nothing can be used" in outcome.warnings[0]


def test_without_guards_a_broken_result_is_an_error():
    def broken(pixels):
        raise NotNumbers("A tile came back with NaN.")

    with pytest.raises(NotNumbers):
        run(noisy(), Fake(broken), guards=False)
    assert run(noisy(), Fake(broken)).guards["decision"] == "kept"


def test_without_guards_the_result_is_handed_out_as_it_is():
    outcome = run(noisy(), Fake(lambda it: it), guards=False)
    assert (outcome.guards, outcome.after) == ({}, None)
    np.testing.assert_array_equal(outcome.image.pixels, noisy().pixels)


def test_another_size_is_an_error_always():
    with pytest.raises(PluginError, match="64 x 39 pixels for 64 x 40"):
        run(noisy(), Fake(lambda it: it[1:]))


def test_a_task_that_is_none_is_refused():
    with pytest.raises(UnknownName, match="`denoize`"):
        run(noisy(), task=("denoize",))


@dataclass
class Narrow(Fake):
    """A restorer that must be told what to do."""

    card: ClassVar[ModelCard] = card("denoise", "dehaze")


def test_a_restorer_that_cannot_diagnose_is_told_what_was_found():
    restorer = Narrow(smoothed)
    found = lambda _: diagnosis(rain=1.0, haze=0.4, noise=0.7)  # noqa: E731
    run(noisy(), restorer, diagnose=found, guards=False)
    assert restorer.asked[0].task == ("dehaze", "denoise")


def test_a_restorer_that_cannot_do_it_says_so():
    image = noisy()
    with pytest.raises(SettingsError, match="does not know the task `derain`"):
        run(image, Narrow(), task=("derain",))
    outcome = run(image, Narrow(), diagnose=lambda _: diagnosis(rain=1.0))
    assert outcome.image is image
    assert "`rain` was found, which `fake` does not repair" in outcome.warnings[0]


class Talkative(Fake):
    def restore_telling(self, image, request, tell):
        for done in range(1, 4):
            tell(done, 3)
        return self.restore(image, request)


def test_progress_is_told():
    told: list[tuple[int, int]] = []
    run(noisy(), Talkative(smoothed), tell=lambda *it: told.append(it))
    assert told == [(1, 3), (2, 3), (3, 3)]
    run(noisy(), tell=lambda *it: told.append(it))
    assert told[3:] == [(1, 1)]


def test_same_picture_and_request_same_result():
    one, two = run(noisy(), strength=0.3), run(noisy(), strength=0.3)
    np.testing.assert_array_equal(one.image.pixels, two.image.pixels)
    assert one.guards == two.guards
