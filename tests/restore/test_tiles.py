"""Tiles are not seen: not in the numbers, not at their borders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core.errors import PluginError, SettingsError
from pellucid.core.image import Pixels
from pellucid.core.seeds import stream
from pellucid.restore import tiles
from pellucid.restore.tiles import NotNumbers, tiled

LAYOUTS = st.tuples(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 24), st.integers(0, 23)
)
MULTIPLES = st.sampled_from([1, 2, 3, 8])


def random(height: int, width: int) -> Pixels:
    return stream(3, "tiles").random((height, width, 3), dtype=np.float32)


def smoothed(pixels: Pixels) -> Pixels:
    """Mean of 3 x 3, mirrored at the border: a local function."""
    wide = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="reflect")
    rows: Pixels = wide[:-2] + wide[1:-1] + wide[2:]
    return ((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9).astype(np.float32)


def fits(tile: int, overlap: int, multiple: int) -> bool:
    return -(-overlap // multiple) < -(-tile // multiple)


@settings(max_examples=60, deadline=None)
@given(layout=LAYOUTS, multiple=MULTIPLES)
def test_doing_nothing_changes_nothing_bit_for_bit(layout, multiple):
    height, width, tile, overlap = layout
    if not fits(tile, overlap, multiple):
        overlap = 0
    pixels = random(height, width)
    result = tiled(lambda taken: taken, pixels, tile, overlap, multiple)
    np.testing.assert_array_equal(result, pixels)


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(1, 300),
    tile=st.integers(1, 64),
    overlap=st.integers(0, 63),
    multiple=MULTIPLES,
)
def test_windows_sum_to_one_and_are_never_negative(length, tile, overlap, multiple):
    if not fits(tile, overlap, multiple):
        overlap = 0
    total = np.zeros(length)
    for span in tiles._spans(length, tile, overlap, multiple):
        assert span.weight.min() >= 0
        total[span.start : span.end] += span.weight
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    tile=st.sampled_from([16, 17, 24, 40]),
    overlap=st.sampled_from([4, 6, 9]),
    multiple=st.sampled_from([1, 2]),
)
def test_a_local_function_gives_the_same_as_untiled(size, tile, overlap, multiple):
    pixels = random(*size)
    if multiple == 1:
        whole = smoothed(pixels)
    else:
        whole = tiled(smoothed, pixels, 1000, 0, multiple)
    result = tiled(smoothed, pixels, tile, overlap, multiple)
    np.testing.assert_allclose(result, whole, rtol=0, atol=1e-6)


def test_a_function_on_a_coarse_grid_meets_the_same_grid_in_every_tile():
    def blocky(pixels: Pixels) -> Pixels:
        height, width, _ = pixels.shape
        means = pixels.reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))
        return means.repeat(4, axis=0).repeat(4, axis=1)

    pixels = random(50, 61)
    whole = tiled(blocky, pixels, 64, 0, 4)
    result = tiled(blocky, pixels, 20, 8, 4)
    np.testing.assert_allclose(result, whole, rtol=0, atol=1e-6)


def test_no_seam_is_seen_where_tiles_disagree():
    shades = iter(np.linspace(0.0, 1.0, 99, dtype=np.float32).tolist() * 2)

    def shaded(pixels: Pixels) -> Pixels:
        return np.full_like(pixels, next(shades) * 10 % 1)

    flat = np.full((200, 200, 3), 0.5, np.float32)
    result = tiled(shaded, flat, 64, 32)
    steps = max(np.abs(np.diff(result, axis=axis)).max() for axis in (0, 1))
    assert 0 < steps < 1.6 / 16  # no steeper than a cosine over 16 pixels


def test_a_border_without_context_is_not_used():
    def framed(pixels: Pixels) -> Pixels:
        answer = np.zeros_like(pixels)
        answer[4:-4, 4:-4] = 1.0
        return answer

    result = tiled(framed, random(100, 100), 40, 16)
    assert result[4:-4, 4:-4].min() == 1.0


def test_every_tile_is_told_once_and_the_order_is_always_the_same():
    told: list[tuple[int, int]] = []
    tiled(lambda taken: taken, random(50, 30), 20, 5, 1, lambda *it: told.append(it))
    assert told == [(number, 6) for number in range(1, 7)]


def test_the_result_does_not_depend_on_what_the_function_does_to_its_tile():
    def spoiled(pixels: Pixels) -> Pixels:
        answer = pixels.copy()
        pixels[:] = 7.0
        return answer

    pixels = random(30, 30)
    before = pixels.copy()
    pixels.flags.writeable = False
    np.testing.assert_array_equal(tiled(spoiled, pixels, 16, 4), before)
    np.testing.assert_array_equal(pixels, before)


def test_small_pictures_are_filled_up_to_what_the_function_needs():
    shapes: list[tuple[int, ...]] = []

    def noted(pixels: Pixels) -> Pixels:
        shapes.append(pixels.shape)
        return pixels

    for size in [(1, 1), (1, 9), (17, 1)]:
        tiled(noted, random(*size), 512, 32, 8)
    assert shapes == [(8, 8, 3), (8, 16, 3), (24, 8, 3)]


def test_tiles_are_never_larger_than_asked_for():
    sides: set[int] = set()

    def noted(pixels: Pixels) -> Pixels:
        sides.update(pixels.shape[:2])
        return pixels

    tiled(noted, random(200, 130), 64, 16, 16)
    assert sides == {64}


@pytest.mark.parametrize(
    "answer",
    [
        lambda taken: taken[1:],
        lambda taken: taken[:, :, :1],
        lambda taken: taken.astype(np.float64),
    ],
)
def test_an_answer_of_another_shape_or_type_is_refused(answer):
    with pytest.raises(PluginError, match=r"float32, came back as .*\.$"):
        tiled(answer, random(8, 8), 8, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_is_refused(value: float):
    def broken(pixels: Pixels) -> Pixels:
        pixels[-1, -1, 2] = value
        return pixels

    with pytest.raises(NotNumbers, match="NaN or infinity"):
        tiled(broken, random(8, 8), 8, 0)


def test_an_overlap_that_leaves_no_tile_is_refused():
    with pytest.raises(SettingsError, match="32 pixels leaves nothing of a tile of 32"):
        tiled(lambda taken: taken, random(100, 10), 32, 20, 16)
    with pytest.raises(SettingsError, match="cannot cover"):
        tiled(lambda taken: taken, random(4, 4), 0, 0)


def test_a_padded_picture_is_what_one_tile_sees():
    for height, width in ((1, 1), (5, 9), (16, 24)):
        pixels = stream(1, "padded").random((height, width, 3), dtype=np.float32)
        seen: list[np.ndarray] = []

        def look(taken: np.ndarray, seen: list[np.ndarray] = seen) -> np.ndarray:
            seen.append(taken.copy())
            return taken

        tiles.tiled(look, pixels, max(height, width), 0, 8)
        np.testing.assert_array_equal(tiles.padded(pixels, 8), seen[0])
