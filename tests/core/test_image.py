"""A picture that was built is valid, and stays so."""

import pickle

import numpy as np
import pytest

from pellucid.core.errors import ImageError
from pellucid.core.image import Carried, Image

GRAY = np.full((4, 6, 3), 0.5, np.float32)


def test_a_picture_knows_its_size():
    image = Image(GRAY)
    assert (image.height, image.width) == (4, 6)
    assert image.alpha is None


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 4), (0, 6, 3), (4, 0, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ImageError, match="must be"):
        Image(np.zeros(shape, np.float32))


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float64])
def test_other_types_are_refused(kind):
    with pytest.raises(ImageError, match=f"must be float32, got {np.dtype(kind)}"):
        Image(np.zeros((4, 6, 3), kind))


@pytest.mark.parametrize("value", [-0.001, 1.001, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("plane", ["pixels", "alpha"])
def test_one_value_outside_the_range_is_refused(value, plane):
    planes = {"pixels": GRAY.copy(), "alpha": GRAY[:, :, 0].copy()}
    planes[plane].flat[-1] = value
    with pytest.raises(ImageError, match=r"must lie in \[0, 1\]"):
        Image(**planes)


def test_alpha_must_cover_the_pixels():
    with pytest.raises(ImageError, match=r"Alpha must be \(4, 6\)"):
        Image(GRAY, np.ones((6, 4), np.float32))


def test_pixels_cannot_be_changed_through_a_picture():
    image = Image(GRAY, GRAY[:, :, 0])
    assert image.alpha is not None
    for plane in (image.pixels, image.alpha):
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 1.0


def test_the_array_that_was_handed_in_stays_writable():
    own = GRAY.copy()
    Image(own)
    own[0, 0] = 1.0
    assert own[0, 0, 0] == 1.0


def read_in() -> Image:
    """A picture as reading leaves it: it remembers the very planes it was read with."""
    image = Image(GRAY.copy(), np.ones((4, 6), np.float32))
    return image.with_carried(
        format="tiff",
        icc=b"profile",
        exact=np.zeros((4, 6, 3), np.uint32),
        coded=b"coded",
        original=(image.pixels, image.alpha),
    )


def test_a_picture_is_untouched_while_its_planes_are_those_that_were_read():
    image = read_in()
    assert image.is_untouched
    assert image.with_carried(icc=None).is_untouched
    assert Image(image.pixels, image.alpha, image.carried).is_untouched
    assert not Image(image.pixels.copy(), image.alpha, image.carried).is_untouched
    assert not Image(image.pixels[::-1], image.alpha, image.carried).is_untouched
    assert not Image(image.pixels, None, image.carried).is_untouched
    assert not Image(GRAY).is_untouched


def test_new_pixels_keep_what_the_file_carried_but_are_no_longer_the_old_ones():
    image = read_in()
    changed = image.with_pixels(GRAY * np.float32(0.5))
    assert changed.carried.icc == b"profile"
    assert changed.alpha is not None
    assert changed.carried.exact is image.carried.exact  # taken where nothing changed
    assert changed.carried.coded is None
    assert not changed.is_untouched
    assert image.is_untouched


def test_a_picture_survives_the_way_to_another_process():
    image = read_in()
    copy = pickle.loads(pickle.dumps(image))
    np.testing.assert_array_equal(copy.pixels, image.pixels)
    assert copy.carried.icc == b"profile"
    assert not copy.is_untouched


def test_a_new_size_needs_new_alpha_and_no_old_samples():
    carried = Carried(exact=np.zeros((4, 6, 3), np.uint32))
    small = np.zeros((2, 3, 3), np.float32)
    assert Image(GRAY, None, carried).with_pixels(small).carried.exact is None
    image = Image(GRAY, np.ones((4, 6), np.float32), carried)
    with pytest.raises(ImageError, match="Alpha must be"):
        image.with_pixels(small)
    assert image.with_pixels(small, np.ones((2, 3), np.float32)).width == 3


def test_what_is_carried_can_be_changed_field_by_field():
    image = Image(GRAY, None, Carried(format="png"))
    changed = image.with_carried(icc=b"profile")
    assert (changed.carried.icc, image.carried.icc) == (b"profile", None)
    assert not changed.is_untouched  # it never came from a file
    with pytest.raises(TypeError):
        image.with_carried(colour=1)


@pytest.mark.parametrize(
    ("kind", "bits"), [("uint8", 8), ("uint16", 16), ("float32", 32), ("float64", 64)]
)
def test_depth_is_that_of_one_sample(kind, bits):
    assert Carried(sample_type=kind).bit_depth == bits


def test_a_picture_without_a_file_has_lost_nothing():
    assert Carried().is_lossless
    assert not Carried(format="jpeg").is_lossless
    assert Carried(format="webp", encoding={"lossless": True}).is_lossless
    assert not Carried(format="webp", encoding={"lossless": False}).is_lossless
