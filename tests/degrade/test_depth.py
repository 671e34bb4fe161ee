"""The guess of how far away things are."""

import cv2
import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import MissingModel
from pellucid.core.image import Image
from pellucid.degrade.depth import farness

SIZES = [(1, 1), (1, 9), (7, 1), (2, 3), (17, 31), (200, 90), (96, 700)]


def flat(height: int, width: int, level: float = 0.5) -> Image:
    return Image(np.full((height, width, 3), level, dtype=np.float32))


@pytest.mark.parametrize("size", SIZES)
def test_every_pixel_of_any_size_has_a_distance(size: tuple[int, int]):
    depth = farness(flat(*size), "prior", 1)
    assert depth.shape == size
    assert depth.dtype == np.float32
    assert 0.0 <= depth.min() <= depth.max() <= 1.0


def test_equal_seeds_give_equal_depth_whatever_the_threads():
    image, threads = photograph(PHOTOGRAPHS[0], 128), cv2.getNumThreads()
    first = farness(image, "prior", 5)
    try:
        cv2.setNumThreads(1 if threads > 1 else 2)
        np.testing.assert_array_equal(farness(image, "prior", 5), first)
    finally:
        cv2.setNumThreads(threads)
    assert np.abs(farness(image, "prior", 6) - first).mean() > 0.01


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_depth_is_never_constant(level: float):
    for seed in range(10):
        depth = farness(flat(40, 60, level), "prior", seed)
        assert depth.max() - depth.min() > 0.9


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_foot_of_a_picture_is_nearer_than_its_top(name: str):
    for seed in range(8):
        depth = farness(photograph(name, 128), "prior", seed)
        assert depth[-25:].mean() < depth[:25].mean() - 0.1


def test_what_is_bright_and_pale_is_farther_than_what_is_dark_or_colourful():
    """Left pale, right dark or green, at the same height."""
    for colour in ((0.05, 0.05, 0.05), (0.1, 0.6, 0.1)):
        pixels = np.full((64, 96, 3), 0.8, dtype=np.float32)
        pixels[:, 48:] = np.array(colour, dtype=np.float32)
        depths = [farness(Image(pixels), "prior", seed) for seed in range(8)]
        assert (
            np.mean([each[:, :40].mean() - each[:, 56:].mean() for each in depths])
            > 0.1
        )


def test_what_is_smooth_is_farther_than_what_is_full_of_detail():
    pixels = np.full((64, 96, 3), 0.5, dtype=np.float32)
    checks = (np.indices((64, 48)).sum(axis=0) // 2 % 2).astype(np.float32)
    pixels[:, 48:] = 0.35 + 0.3 * checks[..., None]
    depths = [farness(Image(pixels), "prior", seed) for seed in range(16)]
    assert (
        np.mean([each[:, :40].mean() - each[:, 56:].mean() for each in depths]) > 0.05
    )


def test_depth_breaks_where_the_picture_has_an_edge():
    """A dark tower before a bright sky: the step is as sharp as in the picture."""
    pixels = np.full((300, 400, 3), 0.9, dtype=np.float32)
    pixels[60:, 150:230] = 0.05
    steps: list[float] = []
    others: list[float] = []
    for seed in range(4):
        depth = farness(Image(pixels), "prior", seed)[100:180]
        steps.append(float((depth[:, 146:149] - depth[:, 151:154]).mean()))
        others.append(float(np.abs(depth[:, 61:64] - depth[:, 66:69]).mean()))
    assert np.mean(steps) > 0.05
    assert np.mean(steps) > 4 * np.mean(others)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_small_and_large_versions_of_a_picture_have_the_same_depth(name: str):
    small = farness(photograph(name, 192), "prior", 3)
    large = farness(photograph(name, 384), "prior", 3)
    shrunk = cv2.resize(large, (192, 192), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk - small).mean() < 0.02


def test_any_other_source_is_the_folder_of_a_network(tmp_path):
    with pytest.raises(MissingModel):
        farness(flat(4, 4), str(tmp_path / "priors"), 1)
