"""Old photos."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.protocols import Masking
from pellucid.core.seeds import stream
from pellucid.degrade.dyes import BLACKEST
from pellucid.degrade.kinds.old_photo import OldPhoto
from pellucid.degrade.light import to_linear

# A print that is scratched and torn, and as good as new beside that.
ONLY_TORN = OldPhoto(
    fading=(0.0, 0.0),
    yellowing=(0.0, 0.0),
    monochrome=0.0,
    blur_px=(0.0, 0.0),
    halftone=0.0,
    grain=(0.0, 0.0),
    stain=(0.0, 0.0),
    stains=(0.0, 0.0),
    foxing=(0.0, 0.0),
    uneven=(0.0, 0.0),
    border=(0.0, 0.0),
)


def plain(level: float, height: int = 160, width: int = 160) -> Image:
    return Image(np.full((height, width, 3), level, dtype=np.float32))


def test_it_tells_what_it_destroys():
    assert isinstance(OldPhoto(), Masking)


def test_outside_the_mask_nothing_is_destroyed():
    image = photograph(PHOTOGRAPHS[2], 160)
    for seed in range(6):
        params = ONLY_TORN.sample(stream(seed, "torn"), 0.9)
        mask = ONLY_TORN.mask(image, params)
        damaged = ONLY_TORN.apply(image, params).pixels
        clear = mask == 0.0
        assert 0.4 < clear.mean() < 1.0
        np.testing.assert_array_equal(damaged[clear], image.pixels[clear])


def test_the_mask_is_the_share_of_the_picture_that_is_gone():
    dark, bright = plain(0.2), plain(0.7)
    for seed in range(6):
        params = ONLY_TORN.sample(stream(seed, "share"), 1.0)
        one, two = (ONLY_TORN.apply(each, params).pixels for each in (dark, bright))
        left = (two - one) / np.float32(0.5)
        uncut = (two < 1.0).all(axis=2)
        mask = ONLY_TORN.mask(dark, params)
        for channel in range(3):
            np.testing.assert_allclose(
                left[uncut, channel], 1.0 - mask[uncut], atol=1e-4
            )


def test_where_all_is_gone_paper_or_dirt_shows_whatever_was_there():
    image = photograph(PHOTOGRAPHS[1], 200)
    params = ONLY_TORN.sample(stream(3, "gone"), 1.0)
    gone = ONLY_TORN.mask(image, params) > 0.999
    assert gone.sum() > 50
    one = ONLY_TORN.apply(image, params).pixels[gone]
    two = ONLY_TORN.apply(plain(0.4, 200, 200), params).pixels[gone]
    np.testing.assert_allclose(one, two, atol=2e-3)
    assert (one[:, 0] >= one[:, 2]).all()  # paper and dirt are warm


def test_more_severe_masks_hold_the_milder_ones():
    kind = OldPhoto()
    for seed in range(6):
        masks = [
            kind.mask(plain(0.5), kind.sample(stream(seed, "nest"), severity))
            for severity in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        for mild, strong in pairwise(masks):
            less = mild - strong
            assert less.max() < 0.2  # antialiased borders cross within one pixel
            assert (less > 0.01).mean() < 1e-3
            assert strong.mean() > mild.mean()


def test_a_mask_has_the_size_of_the_picture_and_lies_between_0_and_1():
    kind = OldPhoto()
    for size in ((1, 1), (1, 40), (60, 20)):
        mask = kind.mask(plain(0.5, *size), kind.sample(stream(1, "size"), 1.0))
        assert mask.shape == size
        assert mask.dtype == np.float32
        assert 0.0 <= mask.min() <= mask.max() <= 1.0


def test_a_large_scan_of_the_same_print_is_torn_at_the_same_places():
    kind = OldPhoto()
    params = kind.sample(stream(5, "scan"), 1.0)
    small, large = (kind.mask(plain(0.5, side, side), params) for side in (192, 768))
    blocks = [
        each.reshape(8, len(each) // 8, 8, -1).mean((1, 3)) for each in (small, large)
    ]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.95


def test_age_lifts_black_and_nothing_else_happens_to_a_print_that_only_fades():
    kind = replace(
        ONLY_TORN,
        fading=(0.0, 0.5),
        scratches=(0.0, 0.0),
        dust=(0.0, 0.0),
        creases=(0.0, 0.0),
        worn=(0.0, 0.0),
        torn=(0.0, 0.0),
    )
    lifted: list[float] = []
    for severity in (0.25, 0.5, 1.0):
        params = kind.sample(stream(2, "age"), severity)
        light = to_linear(kind.apply(plain(0.0), params).pixels)
        for channel, kept in enumerate(params["fading"]["kept"]):
            np.testing.assert_allclose(
                light[:, :, channel], 10 ** (-kept * BLACKEST), rtol=0.01
            )
        lifted.append(float(light.mean()))
        assert kind.mask(plain(0.0), params).max() == 0.0
    assert lifted[0] < 0.8 * lifted[1] < 0.5 * lifted[2]


def test_some_prints_lose_all_colour_and_some_get_a_cast():
    kind = OldPhoto()
    drawn = [kind.sample(stream(seed, "cast"), 1.0)["fading"] for seed in range(200)]
    monochrome = [each for each in drawn if each["gray"] == 1.0]
    assert 25 < len(monochrome) < 80
    first = {int(np.argmin(each["kept"])) for each in drawn if each["gray"] < 1.0}
    assert first == {0, 1, 2}


def test_a_minority_is_printed_in_dots():
    kind = OldPhoto()
    dotted = sum(
        kind.sample(stream(s, "dots"))["print"]["dots"] > 0 for s in range(200)
    )
    assert 8 < dotted < 50


@pytest.mark.parametrize("wrong", [{"fading": (0.0, 1.5)}, {"period_px": (0.0, 3.0)}])
def test_impossible_prints_are_refused(wrong: dict):
    with pytest.raises(SettingsError):
        OldPhoto(**wrong)
