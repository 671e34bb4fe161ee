import io
import sys

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph
from PIL import Image as PillowImage

from pellucid.core.errors import MissingDependency
from pellucid.core.image import Pixels
from pellucid.core.seeds import stream
from pellucid.degrade import codecs
from pellucid.degrade.codecs import from_levels, jpeg, to_levels, video_codecs, webp

STILL = {"jpeg": jpeg, "webp": webp, "avif": codecs.avif}
VIDEO = {"h264": codecs.h264, "h265": codecs.h265}

needs_av = pytest.mark.skipif(
    set(video_codecs()) != set(VIDEO), reason="PyAV with both encoders is not here"
)


def distance(one: Pixels, two: Pixels) -> float:
    return float(np.mean((one - two) ** 2, dtype=np.float64))


def steps_between_columns(pixels: Pixels) -> np.ndarray:
    """Mean step from each column to the next, gray."""
    return np.abs(np.diff(pixels.mean(axis=2), axis=1)).mean(axis=0)


@pytest.mark.parametrize("name", STILL)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (17, 31)])
def test_any_size_and_any_grid_come_back_in_range(name: str, size: tuple[int, int]):
    pixels = stream(1, "noise").random((*size, 3), dtype=np.float32)
    before = pixels.copy()
    for offset in ((0, 0), (3, 15)):
        coded = STILL[name](pixels, 20, offset=offset)
        assert coded.shape == pixels.shape
        assert coded.dtype == np.float32
        assert coded.min() >= 0.0
        assert coded.max() <= 1.0
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("name", STILL)
def test_lower_quality_is_farther_and_keeps_the_brightness(name: str):
    pixels = photograph(PHOTOGRAPHS[2], 128).pixels
    found = [STILL[name](pixels, quality) for quality in (95, 60, 25, 5)]
    errors = [distance(each, pixels) for each in found]
    assert errors == sorted(errors)
    assert errors[-1] > 5 * errors[0]
    for each in found:
        assert abs(float(each.mean() - pixels.mean())) * 255 < 1.5


@pytest.mark.parametrize("name", STILL)
def test_two_calls_give_the_same_bits(name: str):
    pixels = photograph(PHOTOGRAPHS[1], 96).pixels
    first = STILL[name](pixels, 30)
    np.testing.assert_array_equal(first, STILL[name](pixels, 30))


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
def test_jpeg_is_the_jpeg_of_other_programs(subsampling: codecs.Subsampling):
    pixels = photograph(PHOTOGRAPHS[0], 64).pixels
    out = io.BytesIO()
    levels = np.rint(pixels * 255).astype(np.uint8)
    PillowImage.fromarray(levels).save(out, "JPEG", quality=40, subsampling=subsampling)
    other = np.asarray(PillowImage.open(out)).astype(int)
    ours = np.rint(jpeg(pixels, 40, subsampling) * 255).astype(int)
    assert np.abs(ours - other).max() <= 2  # builds of libjpeg-turbo may differ


@pytest.mark.parametrize("left", [0, 3, 5])
def test_blocks_of_jpeg_end_where_the_grid_was_moved_to(left: int):
    pixels = photograph(PHOTOGRAPHS[3], 128).pixels
    steps = steps_between_columns(jpeg(pixels, 8, offset=(0, left)))
    on_the_left = np.arange(len(steps)) + 1 + left  # of the right one of two columns
    by_phase = [steps[on_the_left % 8 == phase].mean() for phase in range(8)]
    assert int(np.argmax(by_phase)) == 0
    assert by_phase[0] > 1.5 * np.median(by_phase)


@pytest.mark.parametrize("name", STILL)
def test_moving_the_grid_does_not_move_the_picture(name: str):
    pixels = photograph(PHOTOGRAPHS[3], 96).pixels
    still = distance(STILL[name](pixels, 90), pixels)
    assert distance(STILL[name](pixels, 90, offset=(5, 3)), pixels) < 1.2 * still


def test_half_the_colours_are_gone_at_4_2_0_and_none_at_4_4_4():
    # Columns of equal luma (JPEG's), one red and one green: only the colour differs.
    red, green = (0.6, 0.2, 0.2), (0.2, 0.2 + 0.4 * 0.299 / 0.587, 0.2)
    pixels = np.zeros((32, 32, 3), dtype=np.float32)
    pixels[:, 0::2], pixels[:, 1::2] = red, green
    before = np.ptp(pixels[16, :, 0])
    full = np.ptp(jpeg(pixels, 100, "4:4:4")[16, 4:-4, 0])
    half = np.ptp(jpeg(pixels, 100, "4:2:0")[16, 4:-4, 0])
    assert full > 0.9 * before
    assert half < 0.1 * before


def test_a_picture_that_is_longer_than_webp_allows_is_coded_in_parts():
    row = np.linspace(0.0, 1.0, 17_000, dtype=np.float32)
    pixels = np.repeat(np.repeat(row[None, :, None], 3, axis=2), 2, axis=0)
    assert np.abs(webp(pixels, 90) - pixels).max() < 0.05


def test_8_bits_go_there_and_back():
    levels = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1).repeat(3, axis=2)
    pixels = from_levels(levels)
    assert pixels.max() == 1.0
    np.testing.assert_array_equal(to_levels(pixels), levels)
    nearly = np.full((1, 1, 3), 0.6 / 255, dtype=np.float32)
    assert to_levels(nearly).max() == 1  # rounded, not cut


@needs_av
@pytest.mark.parametrize("name", VIDEO)
@pytest.mark.parametrize("size", [(1, 1), (7, 1), (33, 71)])
def test_video_takes_any_size(name: str, size: tuple[int, int]):
    pixels = stream(2, "noise").random((*size, 3), dtype=np.float32)
    coded = VIDEO[name](pixels, 30, offset=(3, 5))
    assert coded.shape == pixels.shape
    np.testing.assert_array_equal(coded, VIDEO[name](pixels, 30, offset=(3, 5)))


@needs_av
@pytest.mark.parametrize("name", VIDEO)
def test_a_higher_rate_factor_is_farther_and_keeps_the_tone(name: str):
    pixels = photograph(PHOTOGRAPHS[2], 96).pixels
    found = [VIDEO[name](pixels, crf) for crf in (5, 25, 45)]
    errors = [distance(each, pixels) for each in found]
    assert errors == sorted(errors)
    shift = (found[0] - pixels).mean(axis=(0, 1)) * 255
    assert np.abs(shift).max() < 1.0  # in each colour: the matrices are inverse


@needs_av
def test_colours_of_video_are_means_of_four_pixels():
    red, green = (0.6, 0.2, 0.2), (0.2, 0.6, 0.2)
    pixels = np.zeros((64, 64, 3), dtype=np.float32)
    pixels[:, 0::2], pixels[:, 1::2] = red, green
    coded = codecs.h264(pixels, 1)
    np.testing.assert_allclose(
        coded.mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=0.02
    )


@needs_av
def test_video_keeps_black_white_and_gray():
    for level in (0.0, 0.5, 1.0):
        pixels = np.full((64, 64, 3), level, dtype=np.float32)
        assert np.abs(codecs.h264(pixels, 10) - pixels).max() < 2 / 255


def test_without_pyav_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed
    assert video_codecs() == ()
    with pytest.raises(MissingDependency, match="av") as caught:
        codecs.h264(np.zeros((8, 8, 3), dtype=np.float32), 30)
    assert caught.value.hint == "pip install av"
