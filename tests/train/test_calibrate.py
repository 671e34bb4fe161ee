"""Chances that mean what they say."""

from pathlib import Path

import torch

from pellucid.nets.diagnoser import Diagnoser
from pellucid.train.calibrate import FLATTEST, calibrate, fit
from pellucid.train.compact import unlearned
from pellucid.train.settings import Run


def test_one_who_is_too_sure_is_made_humble():
    generator = torch.Generator().manual_seed(1)
    logits = 2.0 * torch.randn(4000, 2, generator=generator)
    present = torch.rand(4000, 2, generator=generator) < torch.sigmoid(logits - 1.0)
    found = fit(5.0 * logits, present.float())
    torch.testing.assert_close(found.slope, torch.full((2,), 0.2), atol=0.03, rtol=0)
    torch.testing.assert_close(found.offset, torch.full((2,), -1.0), atol=0.2, rtol=0)
    chance = found(5.0 * logits)
    for low in (0.1, 0.4, 0.7):
        some = (chance > low) & (chance < low + 0.2)
        real = present[some].float().mean()
        assert abs(real - chance[some].mean()) < 0.05


def test_a_look_that_tells_nothing_apart_is_not_turned_over():
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(500, 1, generator=generator)
    found = fit(logits, (logits < 0).float())
    assert found.slope.item() >= FLATTEST


def test_batches_are_looked_at(run: Run, home: Path):
    batches = [drawing.draw() for drawing in unlearned(run, home, 2)]
    found = calibrate(Diagnoser(8, 16).eval(), batches)
    assert found.slope.shape == found.offset.shape == (11,)
    assert torch.isfinite(found.offset).all()
