"""Chances that mean what they say: of all pictures with 0.8, eight in ten have it.

A network that was trained to tell kinds apart is too sure, or not sure enough. For each
kind, a slope and an offset of its logit are fitted on damage that was never drawn
before.

Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pellucid.nets.diagnoser import Diagnoser
from pellucid.train.samples import Batch

FLATTEST = 0.1  # a kind that was not learned is not turned over
HOLD = 1e-5  # of slopes and offsets, towards 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What turns a logit into a chance: ``sigmoid(slope * logit + offset)``.

    Attributes:
        slope: (kinds,).
        offset: (kinds,).
    """

    slope: Tensor
    offset: Tensor

    def __call__(self, logits: Tensor) -> Tensor:
        """Turn logits, (batch, kinds), into chances."""
        return torch.sigmoid(self.slope * logits + self.offset)


def calibrate(diagnoser: Diagnoser, batches: Iterable[Batch]) -> Calibration:
    """Fit slopes and offsets.

    Args:
        diagnoser: Trained, in evaluation mode.
        batches: Pictures that it has not seen.
    """
    said: list[Tensor] = []
    true: list[Tensor] = []
    with torch.no_grad():
        for batch in batches:
            logits, _, _ = diagnoser(
                torch.from_numpy(batch.thumbnails), torch.from_numpy(batch.patches)
            )
            said.append(logits)
            true.append(torch.from_numpy(batch.presence))
    return fit(torch.cat(said), torch.cat(true))


def fit(logits: Tensor, presence: Tensor) -> Calibration:
    """Fit slopes and offsets to what was said and what was true: (pictures, kinds)."""
    logits, presence = logits.double(), presence.double()
    slope = torch.ones(logits.shape[1], dtype=torch.float64, requires_grad=True)
    offset = torch.zeros_like(slope, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [slope, offset], max_iter=200, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        wrong = functional.binary_cross_entropy_with_logits(
            slope * logits + offset, presence
        )
        # A kind that was never drawn must not run away.
        wrong = wrong + HOLD * (slope.square().sum() + offset.square().sum())
        wrong.backward()
        return wrong

    optimizer.step(loss)  # pyright: ignore[reportArgumentType]
    return Calibration(
        slope=slope.detach().clamp(min=FLATTEST).float(), offset=offset.detach().float()
    )
