"""Bands add up, and no damage drowns another."""

import torch
from torch.nn import functional

from pellucid.train.loss import BANDS, bands_of, mistake

SHAPE = (2, 3, 64, 64)


def test_bands_add_up_to_the_difference():
    difference = torch.randn(SHAPE)
    *fine, coarse = bands_of(difference)
    assert len(fine) == BANDS
    for band in reversed(fine):
        coarse = band + functional.interpolate(coarse, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(coarse, difference)


def test_a_mistake_of_tone_is_in_the_coarsest_band_alone():
    *fine, coarse = bands_of(torch.full(SHAPE, 0.1))
    assert all(float(band.abs().max()) < 1e-6 for band in fine)
    torch.testing.assert_close(coarse, torch.full_like(coarse, 0.1))


def test_detail_is_heard_beside_a_mistake_of_tone():
    clean = torch.full(SHAPE, 0.5)
    detail = 0.02 * torch.sign(torch.randn(SHAPE))
    repaired = (clean + 0.2 + detail).requires_grad_()
    mistake(repaired, clean, clean + 0.3).backward()
    assert repaired.grad is not None
    fine = repaired.grad - functional.interpolate(
        functional.avg_pool2d(repaired.grad, 8), scale_factor=8
    )
    assert float((fine * detail).sum()) > 0.0  # going down removes the detail


def test_the_worse_damaged_counts_less():
    clean = torch.full(SHAPE, 0.5)
    slight = mistake(clean + 0.01, clean, clean + 0.02)
    strong = mistake(clean + 0.01, clean, clean + 0.3)
    assert float(slight) > 2.0 * float(strong) > 0.0


def test_a_perfect_repair_is_no_mistake():
    clean = torch.rand(SHAPE)
    assert float(mistake(clean, clean, clean + 0.1)) < 0.02
