"""What belongs together in a picture."""

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.segments import SUPERPIXELS, painted, segments

SIZES = [(1, 1), (1, 9), (7, 1), (2, 3), (40, 64), (300, 70), (1, 3000)]


def found(image: Image, seed: int = 1) -> np.ndarray:
    return segments(image, SUPERPIXELS, seed)


@pytest.mark.parametrize("size", SIZES)
def test_every_pixel_has_a_label_and_every_label_a_pixel(size: tuple[int, int]):
    image = Image(stream(1).random((*size, 3), dtype=np.float32))
    labels = found(image)
    assert labels.shape == size
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(np.unique(labels), np.arange(labels.max() + 1))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_has_some_dozen_parts(name: str):
    counts = [int(found(photograph(name, 256), seed).max()) + 1 for seed in range(8)]
    assert 6 <= min(counts) < max(counts) <= 64
    assert len(set(counts)) > 2


def test_parts_end_at_an_edge():
    """A disc on a ground: hardly any part lies on both sides."""
    canvas = np.full((256, 256, 3), 0.2, dtype=np.float32)
    inside = cv2.circle(np.zeros((256, 256), np.uint8), (120, 140), 70, 1, -1) > 0
    canvas[inside] = (0.9, 0.5, 0.2)
    labels = found(Image(canvas))
    shares = np.bincount(labels[inside], minlength=labels.max() + 1) / np.bincount(
        labels.ravel()
    )
    sizes = np.bincount(labels.ravel()) / labels.size
    impure = np.minimum(shares, 1.0 - shares)
    assert float((impure * sizes).sum()) < 0.02


def test_parts_are_more_of_one_colour_than_squares_are():
    pixels = photograph("kitten", 256).pixels
    labels = found(Image(pixels))
    side = round(np.sqrt(labels.max() + 1))
    cells = np.arange(256) * side // 256
    squares = cells[:, None] * side + cells[None, :]
    assert spread_within(pixels, labels) < 0.65 * spread_within(pixels, squares)


def spread_within(pixels: np.ndarray, labels: np.ndarray) -> float:
    sizes = np.bincount(labels.ravel())
    means = [
        np.bincount(labels.ravel(), pixels[:, :, each].ravel()) / sizes
        for each in range(3)
    ]
    return float(np.mean((pixels - np.stack(means, axis=1)[labels]) ** 2))


def test_hardly_a_pixel_is_alone_in_its_part():
    labels = found(photograph("kitten", 64))
    inner = labels[1:-1, 1:-1]
    around = (labels[1:-1, 2:], labels[1:-1, :-2], labels[2:, 1:-1], labels[:-2, 1:-1])
    has_friend = np.any([each == inner for each in around], axis=0)
    assert float(np.mean(~has_friend)) < 0.02


def test_the_same_seed_gives_the_same_parts_and_another_others():
    image = photograph("lake", 200)
    np.testing.assert_array_equal(found(image, 3), found(image, 3))
    assert (found(image, 3) != found(image, 4)).any()


def test_a_larger_copy_has_the_same_parts():
    small, large = (found(photograph("road", side)) for side in (128, 512))
    again = large[2::4, 2::4]
    assert float(np.mean(small == again)) > 0.8


def test_a_picture_of_one_colour_is_divided_evenly():
    sizes = np.bincount(found(Image(np.full((128, 128, 3), 0.5, np.float32))).ravel())
    assert sizes.max() < 4 * np.median(sizes)


def test_paint_fills_parts_and_runs_over_their_borders():
    labels = np.zeros((100, 100), dtype=np.int32)
    labels[:, 50:] = 1
    values = np.array([1.0, 3.0], dtype=np.float32)
    hard, soft = (painted(labels, values, each) for each in (0.0, 0.1))
    np.testing.assert_array_equal(hard, values[labels])
    np.testing.assert_allclose(soft[:, 0], 1.0, atol=1e-5)
    np.testing.assert_allclose(soft[:, -1], 3.0, atol=1e-5)
    assert (np.diff(soft, axis=1) >= -1e-5).all()
    assert float(np.diff(soft, axis=1).max()) < 0.5


@pytest.mark.parametrize("size", SIZES)
def test_paint_covers_any_size(size: tuple[int, int]):
    plane = painted(np.zeros(size, dtype=np.int32), np.ones(1, np.float32), 0.05)
    np.testing.assert_allclose(plane, np.ones(size))
