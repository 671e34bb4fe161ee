from __future__ import annotations

import math

import numpy as np
import pytest
from astronaut import COMPRESSED, PHOTOGRAPH

from pellucid.core.image import Image
from pellucid.metrics.scores.psnr_y import PsnrY


def test_it_is_what_papers_on_enlarging_by_four_print():
    found = PsnrY(border=4).score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(32.760396, abs=1e-6)


def test_without_a_border_it_is_another_number():
    found = PsnrY().score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(32.760396 + 0.055, abs=5e-4)


def test_it_agrees_with_the_formula():
    rng = np.random.default_rng(3)
    one, two = rng.integers(0, 256, (2, 7, 9, 3)).astype(np.float64)
    weights = np.array([65.481, 128.553, 24.966]) / 255
    error = np.mean(((one - two) @ weights) ** 2)
    pictures = [Image((each / 255).astype(np.float32)) for each in (one, two)]
    wanted = 10 * math.log10(255**2 / error)
    assert PsnrY().score(*pictures) == pytest.approx(wanted, abs=1e-9)


def test_full_swing_would_be_1_32_decibel_lower():
    """The trap that costs people a paper's number: 20 log10(219 / 255)."""
    one, two = (
        each.pixels.astype(np.float64) * 255 for each in (COMPRESSED, PHOTOGRAPH)
    )
    error = np.mean(((one - two) @ [0.299, 0.587, 0.114]) ** 2)
    full = 10 * math.log10(255**2 / error)
    assert full - PsnrY().score(COMPRESSED, PHOTOGRAPH) == pytest.approx(
        20 * math.log10(219 / 255), abs=1e-3
    )
