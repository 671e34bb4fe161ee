from __future__ import annotations

import math

import numpy as np
import pytest
from astronaut import COMPRESSED, PHOTOGRAPH

from pellucid.core.errors import ImageError, SettingsError
from pellucid.core.image import Image
from pellucid.metrics.scores.psnr import Psnr


def flat(level: float, height: int = 5, width: int = 4) -> Image:
    return Image(np.full((height, width, 3), level / 255.0, np.float32))


def test_it_is_what_basicsr_computes():
    found = Psnr().score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(29.293732981548, abs=1e-6)


def test_one_level_everywhere_is_48_decibel():
    assert Psnr().score(flat(200), flat(201)) == pytest.approx(20 * math.log10(255))


def test_equal_levels_are_infinitely_good():
    assert Psnr().score(flat(7), flat(7)) == math.inf
    assert Psnr().score(flat(7.4), flat(7)) == math.inf  # one 8-bit file


def test_black_against_white_is_zero():
    assert Psnr().score(flat(0), flat(255)) == pytest.approx(0.0, abs=1e-12)


def test_the_border_does_not_count():
    pixels = np.full((9, 9, 3), 0.5, np.float32)
    pixels[0, :], pixels[:, -2:] = 0.0, 1.0
    framed, plain = Image(pixels), Image(np.full((9, 9, 3), 0.5, np.float32))
    assert Psnr(border=1).score(framed, plain) < math.inf
    assert Psnr(border=2).score(framed, plain) == math.inf


def test_a_border_that_leaves_nothing_is_refused():
    with pytest.raises(ImageError, match="Nothing is left of 4 x 5 pixels without 2"):
        Psnr(border=2).score(flat(1), flat(1))
    with pytest.raises(SettingsError, match="border"):
        Psnr(border=-1)
