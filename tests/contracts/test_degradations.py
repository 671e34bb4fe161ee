"""Every kind of damage keeps these promises, also one that is added tomorrow."""

import json
from contextlib import suppress
from itertools import pairwise

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.protocols import Degradation
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream

KINDS = DEGRADATIONS.names()
SIZES = [(1, 1), (1, 9), (7, 1), (2, 3), (8, 8), (17, 31), (40, 64), (96, 70)]
SEVERITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
KEEPS_TONE = {"blur", "compression", "moire", "noise", "web"}

pytestmark = pytest.mark.parametrize("name", KINDS)


def noise(height: int, width: int) -> Image:
    """A picture that no damage expects: every pixel is random."""
    return Image(stream(7, "noise").random((height, width, 3), dtype=np.float32))


def psnr(one: Image, two: Image) -> float:
    error = float(np.mean((one.pixels - two.pixels) ** 2, dtype=np.float64))
    return 10.0 * np.log10(1.0 / max(error, 1e-12))


def target(kind: Degradation, image: Image, params: dict) -> Image:
    move = getattr(kind, "target", None)
    return image if move is None else move(image, params)


def test_it_is_a_degradation_and_names_its_source(name: str):
    cls = DEGRADATIONS.get(name)
    assert isinstance(cls(), Degradation)
    module = __import__(cls.__module__, fromlist=["_"])
    assert "Source:" in (module.__doc__ or "")
    assert "Attributes:" in (cls.__doc__ or "")


def test_choices_are_json_and_say_their_severity(name: str):
    kind = DEGRADATIONS.get(name)()
    for seed in range(20):
        params = kind.sample(stream(seed, name))
        assert json.loads(json.dumps(params, allow_nan=False)) == params
        assert 0.0 <= params["severity"] <= 1.0
    assert kind.sample(stream(1, name), 0.25)["severity"] == 0.25
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="severity"):
            kind.sample(stream(1, name), wrong)


def test_the_severity_does_not_change_what_is_drawn_next(name: str):
    kind = DEGRADATIONS.get(name)()
    for seed in range(10):
        streams = [stream(seed, name) for _ in range(3)]
        for rng, severity in zip(streams, (None, 0.1, 0.9), strict=True):
            kind.sample(rng, severity)
        following = {float(rng.random()) for rng in streams}
        assert len(following) == 1


@pytest.mark.parametrize("size", SIZES)
def test_any_size_is_kept_and_the_input_is_untouched(name: str, size: tuple[int, int]):
    kind = DEGRADATIONS.get(name)()
    image = noise(*size)
    before = image.pixels.copy()
    for seed in range(6):
        params = kind.sample(stream(seed, name, *size))
        copy = json.dumps(params)
        damaged = kind.apply(image, params)
        assert damaged.pixels.shape == image.pixels.shape  # in [0, 1]: built is valid
        assert target(kind, image, params).pixels.shape == image.pixels.shape
        assert json.dumps(params) == copy
    np.testing.assert_array_equal(image.pixels, before)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_black_and_white_do_not_break_it(name: str, level: float):
    kind = DEGRADATIONS.get(name)()
    image = Image(np.full((24, 24, 3), level, dtype=np.float32))
    for seed in range(8):
        kind.apply(image, kind.sample(stream(seed, name), 1.0))


def test_same_choices_give_the_same_pixels(name: str):
    kind = DEGRADATIONS.get(name)()
    image = photograph(PHOTOGRAPHS[0], 128)
    threads = cv2.getNumThreads()
    try:
        for seed in range(6):
            params = kind.sample(stream(seed, name))
            first = kind.apply(image, params)
            cv2.setNumThreads(1 if threads > 1 else 2)
            again = DEGRADATIONS.get(name)().apply(
                image, json.loads(json.dumps(params))
            )
            cv2.setNumThreads(threads)
            np.testing.assert_array_equal(first.pixels, again.pixels)
    finally:
        cv2.setNumThreads(threads)


def test_all_that_matters_stands_among_the_choices(name: str):
    """A record holds choices alone: other ranges must not change what they mean."""
    cls = DEGRADATIONS.get(name)
    fields = {
        field: (value[1], value[1])
        for field, value in vars(cls()).items()
        if isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(each, float) for each in value)
    }
    others = []
    for field, value in fields.items():
        with suppress(SettingsError):  # some ranges are bound to others
            others.append(cls(**{field: value}))
    assert others
    image = photograph(PHOTOGRAPHS[1], 96)
    for seed in range(3):
        params = cls().sample(stream(seed, name))
        usual = cls().apply(image, params)
        for other in others:
            np.testing.assert_array_equal(
                other.apply(image, params).pixels, usual.pixels
            )


def test_what_the_file_carried_stays(name: str):
    image = photograph(PHOTOGRAPHS[0], 64).with_carried(icc=b"profile")
    kind = DEGRADATIONS.get(name)()
    assert kind.apply(image, kind.sample(stream(1, name))).carried.icc == b"profile"


def test_stronger_is_farther_from_the_clean_picture(name: str):
    kind = DEGRADATIONS.get(name)()
    images = [photograph(each, 192) for each in PHOTOGRAPHS]
    curves: list[list[float]] = []
    for seed in range(16):
        image = images[seed % len(images)]
        drawn = [kind.sample(stream(seed, name), each) for each in SEVERITIES]
        curves.append(
            [psnr(kind.apply(image, each), target(kind, image, each)) for each in drawn]
        )
    medians = np.median(curves, axis=0)
    assert all(a > b for a, b in pairwise(medians)), medians
    # One draw may stand still a little, never climb: codecs and clipping are not exact.
    worst = max(b - a for curve in curves for a, b in pairwise(curve))
    assert worst < 0.5, worst


def test_half_severity_can_be_learned_from(name: str):
    kind = DEGRADATIONS.get(name)()
    found: list[float] = []
    shifts: list[float] = []
    for seed in range(24):
        image = photograph(PHOTOGRAPHS[seed % len(PHOTOGRAPHS)], 256)
        params = kind.sample(stream(seed, name, "half"), 0.5)
        damaged = kind.apply(image, params)
        found.append(psnr(damaged, image))
        shifts.append(float(damaged.pixels.mean() - image.pixels.mean()) * 255)
    assert 16.0 <= np.median(found) <= 32.0
    if name in KEEPS_TONE:
        assert np.abs(shifts).max() < 3.0, shifts
