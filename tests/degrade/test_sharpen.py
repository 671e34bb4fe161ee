import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph
from scipy.ndimage import correlate1d

from pellucid.core.image import Pixels
from pellucid.core.seeds import stream
from pellucid.degrade.sharpen import sharpened, sharpened_target


def textbook_target(pixels: Pixels) -> np.ndarray:
    """The unsharp mask of Real-ESRGAN's training code, in float64 at full size."""
    taps = np.exp(-0.5 * (np.arange(-25, 26) / 8.0) ** 2)
    taps /= taps.sum()

    def blurred(values: np.ndarray) -> np.ndarray:
        rows = correlate1d(values, taps, axis=0, mode="mirror")
        return correlate1d(rows, taps, axis=1, mode="mirror")

    image = pixels.astype(np.float64)
    residual = image - blurred(image)
    soft = blurred((np.abs(residual) * 255 > 10).astype(np.float64))
    sharp = np.clip(image + 0.5 * residual, 0.0, 1.0)
    return soft * sharp + (1 - soft) * image


@pytest.mark.parametrize("name", PHOTOGRAPHS[:4])
@pytest.mark.parametrize("side", [160, 161])
def test_the_target_is_the_one_of_the_paper(name: str, side: int):
    pixels = photograph(name, side).pixels
    error = np.abs(sharpened_target(pixels) - textbook_target(pixels)) * 255
    assert error.max() < 1.0
    assert np.percentile(error, 99) < 0.25
    moved = np.abs(sharpened_target(pixels) - pixels) * 255
    assert np.percentile(moved, 99) > 10  # or it would be no test


def test_the_target_keeps_what_is_weaker_than_ten_levels():
    noise = stream(1, "noise").random((80, 80, 3), dtype=np.float32)
    pixels = 0.5 + (noise - 0.5) * np.float32(14 / 255)
    np.testing.assert_allclose(sharpened_target(pixels), pixels, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 3)])
def test_the_target_of_a_tiny_picture_is_as_tiny(size: tuple[int, int]):
    pixels = stream(1, "tiny").random((*size, 3), dtype=np.float32)
    target = sharpened_target(pixels)
    assert target.shape == pixels.shape
    assert np.abs(target - textbook_target(pixels)).max() < 3 / 255


def test_both_sides_of_an_edge_get_a_halo():
    pixels = np.full((9, 40, 3), 0.3, dtype=np.float32)
    pixels[:, 20:] = 0.7
    sharp = sharpened(pixels, 1.5, 1.0)
    row = sharp[4, :, 0]
    assert row[19] == row.min() < 0.3 - 0.1
    assert row[20] == row.max() > 0.7 + 0.1
    np.testing.assert_allclose(row[[0, -1]], [0.3, 0.7], atol=1e-5)
    np.testing.assert_allclose(row.mean(), 0.5, atol=1e-5)


def test_halos_are_cut_at_black_and_white():
    pixels = np.zeros((9, 40, 3), dtype=np.float32)
    pixels[:, 20:] = 1.0
    np.testing.assert_array_equal(sharpened(pixels, 1.5, 1.0), pixels)


def test_the_amount_scales_the_halo():
    pixels = 0.4 + 0.2 * photograph(PHOTOGRAPHS[0], 64).pixels
    one = sharpened(pixels, 1.0, 0.5) - pixels
    two = sharpened(pixels, 1.0, 1.0) - pixels
    np.testing.assert_allclose(two, 2 * one, atol=1e-5)
