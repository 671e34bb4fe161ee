"""Inks and Lab become sRGB as the stated formulas and profiles say."""

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from pellucid.core.colour_models import cmyk_to_srgb, lab_to_srgb, profile_space

INKS = np.array(
    [[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 255]]],
    np.uint8,
)
# What `pictures.ink_profile` says of them, as CIE Lab.
LAB = np.array(
    [[[100, 0, 0], [70, -30, -40], [60, 60, 0], [90, 0, 70], [0, 0, 0]]], np.float32
)


def inks(samples: np.ndarray) -> Pillow.Image:
    return Pillow.fromarray(samples, "CMYK")


@pytest.mark.parametrize("icc", [None, b"", pictures.profile("sRGB")])
def test_inks_without_a_profile_of_their_own_follow_the_plain_formula(icc):
    samples = pictures.samples(20, 30, 4)
    pixels, how = cmyk_to_srgb(inks(samples), icc)
    cmyk = samples / 255
    wanted = (1 - cmyk[:, :, :3]) * (1 - cmyk[:, :, 3:])
    np.testing.assert_allclose(pixels, wanted, atol=1e-6)
    assert pixels.dtype == np.float32
    assert "(1-C)(1-K)" in how


def test_inks_with_a_profile_get_the_colours_it_says():
    pixels, how = cmyk_to_srgb(inks(INKS), pictures.ink_profile())
    np.testing.assert_allclose(pixels, lab_to_srgb(LAB), atol=2 / 255)
    assert "its own ICC profile" in how


def test_a_broken_profile_of_inks_falls_back_to_the_formula():
    broken = pictures.ink_profile()
    broken = broken[:128] + bytes(len(broken) - 128)
    assert profile_space(broken) == "CMYK"
    pixels, how = cmyk_to_srgb(inks(INKS), broken)
    wanted = [[1, 1, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]]
    np.testing.assert_array_equal(pixels[0], wanted)
    assert "without a usable profile" in how


def test_lab_agrees_with_littlecms():
    grid = np.indices((16, 16, 16)).reshape(3, 64, 64).transpose(1, 2, 0)
    lab8 = (grid * 17).astype(np.uint8)  # Pillow's LAB: a and b are signed bytes
    wanted = ImageCms.profileToProfile(
        Pillow.frombytes("LAB", (64, 64), lab8.tobytes()),
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.NOOPTIMIZE,  # its short cut is off by up to 37
    )
    lab = lab8.astype(np.float32)
    lab[:, :, 0] *= 100 / 255
    lab[:, :, 1:] = lab8[:, :, 1:].view(np.int8)
    difference = np.abs(lab_to_srgb(lab) * 255 - np.asarray(wanted))
    assert difference.max() < 2


def test_lab_of_gray_is_gray_and_of_white_is_white():
    lab = np.zeros((1, 101, 3), np.float32)
    lab[0, :, 0] = np.arange(101)
    pixels = lab_to_srgb(lab)[0]
    assert np.ptp(pixels, axis=1).max() < 0.002
    assert pixels[0].max() == 0
    assert pixels[-1].min() > 0.999
    assert (np.diff(pixels[:, 1]) > 0).all()


@pytest.mark.parametrize("space", pictures.SPACES)
def test_a_profile_says_which_space_it_is_for(space):
    assert profile_space(pictures.profile(space)) == "RGB"
    assert profile_space(pictures.ink_profile()) == "CMYK"


def test_spaces_with_short_names_are_named_without_blanks():
    icc = pictures.profile("sRGB")
    for name in ("GRAY", "Lab"):
        changed = icc[:16] + name.encode().ljust(4) + icc[20:]
        assert profile_space(changed) == name


def test_what_is_no_whole_profile_has_no_space():
    icc = pictures.profile("sRGB")
    assert profile_space(None) == ""
    assert profile_space(b"") == ""
    assert profile_space(icc[:-1]) == ""
    assert profile_space(icc[:131]) == ""
    assert profile_space(icc[:36] + b"????" + icc[40:]) == ""
