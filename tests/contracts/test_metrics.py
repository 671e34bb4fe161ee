"""Every score keeps these promises, also one that is added tomorrow."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import ImageError
from pellucid.core.image import Image
from pellucid.core.protocols import Metric
from pellucid.core.records import MetricCard
from pellucid.core.registry import METRICS
from pellucid.core.settings import build

SIDE = 256
SYMMETRIC = {"psnr", "psnr_y", "ssim", "ssim_y", "ms_ssim", "colour_shift"}

# What is worse and worse for a score that looks at something of its own.
WORSE = {"colour_shift": "tint", "seam": "steps"}
# What fits a small picture, where the defaults do not.
SMALL = {"seam": {"step_px": 64}}

pytestmark = pytest.mark.parametrize("name", METRICS.names())


def damaged(image: Image, how: str, amount: float) -> Image:
    pixels = image.pixels
    match how:
        case "tint":
            pixels = pixels * np.array(
                [1.0, 1.0 - amount, 1.0 - 2 * amount], np.float32
            )
        case "steps":  # where tiles of 64 would meet
            rows, columns = (np.arange(length) // 64 for length in pixels.shape[:2])
            odd = ((rows[:, None] + columns) % 2)[..., None]
            pixels = pixels + amount * odd.astype(np.float32)
        case _:
            grain = np.random.default_rng(8).normal(0.0, 1.0, pixels.shape)
            pixels = pixels + amount * grain.astype(np.float32)
    return image.with_pixels(np.clip(pixels, 0.0, 1.0))


def metric(name: str) -> Metric:
    """The score as it is, or for tiles that fit into a small picture."""
    cls = METRICS.get(name)
    return build(cls, SMALL[name]) if name in SMALL else cls()


def better(card: MetricCard, one: float, two: float) -> bool:
    return one > two if card.direction == "higher" else one < two


def test_it_is_a_metric_and_names_its_source(name: str):
    cls = METRICS.get(name)
    assert isinstance(cls(), Metric)
    assert cls.card.name == name
    module = __import__(cls.__module__, fromlist=["_"])
    assert "Source:" in (module.__doc__ or "")
    assert cls.__doc__


def test_equal_pictures_score_best(name: str):
    card = metric(name).card
    if not card.needs_reference:
        pytest.skip("looks at one picture")
    best = card.span[1] if card.direction == "higher" else card.span[0]
    for each in PHOTOGRAPHS:
        image = photograph(each, SIDE)
        copy = Image(image.pixels.copy())
        found = metric(name).score(copy, image)
        assert found == pytest.approx(math.inf if best is None else best, abs=1e-12)


def test_more_damage_scores_worse_as_the_card_says(name: str):
    for each in PHOTOGRAPHS[:3]:
        image, how = photograph(each, SIDE), WORSE.get(name, "noise")
        found = [
            metric(name).score(damaged(image, how, amount), image)
            for amount in (0.05, 0.1, 0.2)
        ]
        assert all(better(metric(name).card, *two) for two in pairwise(found)), found


def test_numbers_lie_in_the_span(name: str):
    low, high = metric(name).card.span
    image = photograph(PHOTOGRAPHS[0], SIDE)
    others = [damaged(image, how, 0.3) for how in ("tint", "steps", "noise")]
    others.append(Image(1.0 - image.pixels))
    for other in others:
        found = metric(name).score(other, image)
        assert low is None or found >= low
        assert high is None or found <= high


def test_the_order_does_not_matter_where_that_is_promised(name: str):
    if name not in SYMMETRIC:
        pytest.skip("not promised")
    one = photograph(PHOTOGRAPHS[0], SIDE)
    two = damaged(one, "noise", 0.1)
    forth, back = metric(name).score(one, two), metric(name).score(two, one)
    assert forth == pytest.approx(back, rel=1e-12)


def test_nothing_is_drawn_and_nothing_is_changed(name: str):
    image = photograph(PHOTOGRAPHS[1], SIDE)
    other = damaged(image, "noise", 0.05)
    before = image.pixels.copy(), other.pixels.copy()
    found = {metric(name).score(other, image) for _ in range(3)}
    assert len(found) == 1
    assert type(found.pop()) is float
    np.testing.assert_array_equal(image.pixels, before[0])
    np.testing.assert_array_equal(other.pixels, before[1])


def test_alpha_and_what_the_file_carried_do_not_count(name: str):
    image = photograph(PHOTOGRAPHS[1], SIDE)
    other = damaged(image, "noise", 0.05)
    alpha = np.random.default_rng(9).random((SIDE, SIDE), dtype=np.float32)
    seen = Image(other.pixels, alpha).with_carried(icc=b"profile", format="png")
    assert metric(name).score(seen, image) == metric(name).score(other, image)


def test_a_reference_of_another_size_or_none_is_refused(name: str):
    if not metric(name).card.needs_reference:
        pytest.skip("looks at one picture")
    image = photograph(PHOTOGRAPHS[0], SIDE)
    for wrong in (None, photograph(PHOTOGRAPHS[0], SIDE - 1)):
        with pytest.raises(ImageError) as found:
            metric(name).score(image, wrong)
        assert found.value.hint


def test_a_score_without_a_reference_does_not_look_at_one(name: str):
    if metric(name).card.needs_reference:
        pytest.skip("compares")
    image = photograph(PHOTOGRAPHS[0], SIDE)
    alone = metric(name).score(image, None)
    assert alone == metric(name).score(image, damaged(image, "noise", 0.1))


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (8, 8), (95, 200)])
def test_a_small_picture_gets_a_number_or_a_reason(name: str, size: tuple[int, int]):
    rng = np.random.default_rng(10)
    one, two = (Image(rng.random((*size, 3), dtype=np.float32)) for _ in range(2))
    try:
        found = metric(name).score(one, two)
    except ImageError as error:
        assert " needs " in str(error)
    else:
        assert not math.isnan(found)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_black_and_white_do_not_break_it(name: str, level: float):
    image = photograph(PHOTOGRAPHS[0], SIDE)
    flat = Image(np.full((SIDE, SIDE, 3), level, np.float32))
    try:
        found = [metric(name).score(flat, other) for other in (image, flat)]
    except ImageError as error:
        assert " needs " in str(error)
    else:
        assert not any(math.isnan(each) for each in found)
