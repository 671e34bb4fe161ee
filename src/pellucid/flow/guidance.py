"""Which way to go, of the way that was asked for and the way that was not.

Source: J. Ho, T. Salimans, "Classifier-Free Diffusion Guidance", 2022, eq. 6; S. Liu et
        al., "Step1X-Edit", 2025 (the length of a difference is held back early on).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from pellucid.flow.times import Shift, shifted, unshifted


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """Goes past the wanted way, away from the other.

    Attributes:
        scale: How far past; 1 is the wanted way.
        early: Above this time a difference is held back; 1 never.
        power: A difference of length x is divided by x to this power, if x > 1.
    """

    scale: float = 3.0
    early: float = 0.93
    power: float = 0.4

    def __call__(self, wanted: Tensor, other: Tensor, time: float) -> Tensor:
        """Combine two velocities: (batch, tokens, channels)."""
        difference = wanted - other
        if time > self.early:
            length = torch.linalg.vector_norm(difference, dim=-1, keepdim=True)
            held = torch.where(length > 1.0, length**self.power, 1.0)
            difference = difference / held
        return other + self.scale * difference


def early_at(early: float, tokens: int, shift: Shift) -> float:
    """Move the end of the early times with the shift of a size.

    It was chosen at the larger size of the shift. Were it the same time at all sizes,
    19 of 28 steps would be held back at 2048 x 2048, where 6 of 28 were meant.

    Args:
        early: At the larger size.
        tokens: Of the noise.
        shift: Of the times.
    """
    if early >= 1.0:
        return early
    even = unshifted(early, math.exp(shift.at(shift.many)))
    return shifted(even, math.exp(shift.at(tokens)))
