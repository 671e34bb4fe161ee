"""The times at which a sampler stops between noise (1) and the picture (0).

Evenly spaced times are shifted towards the noise, the more the larger a picture is: the
coarse things of a large one are decided earlier.

Source: P. Esser et al., "Scaling Rectified Flow Transformers", ICML 2024, section 5.3.2
        (the shift); Black Forest Labs, FLUX.1, 2024 (its dependence on size).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far times are shifted: a straight line between two sizes.

    Attributes:
        few: Tokens of the smaller size.
        many: Tokens of the larger size.
        low: Logarithm of the shift at the smaller size.
        high: At the larger size.
        is_bounded: Whether larger sizes are shifted as the larger one; else the line
            goes on, and at 2048 x 2048 the last step jumps from 0.48 to 0.
    """

    few: int = 256
    many: int = 4096
    low: float = 0.5
    high: float = 1.15
    is_bounded: bool = True

    def at(self, tokens: int) -> float:
        """The logarithm of the shift for so many tokens of noise."""
        most = min(tokens, self.many) if self.is_bounded else tokens
        rise = (self.high - self.low) / (self.many - self.few)
        return self.low + rise * (most - self.few)


def times(steps: int, tokens: int, shift: Shift | None = None) -> tuple[float, ...]:
    """List the times, from 1 to 0.

    Args:
        steps: How many steps lie between them.
        tokens: Of the noise, without those of a reference.
        shift: None is that of FLUX, bounded.

    Raises:
        ValueError: If there is no step or no token.
    """
    if steps < 1 or tokens < 1:
        raise ValueError(f"Steps and tokens are 1 or more, not {steps} and {tokens}.")
    factor = math.exp((shift or Shift()).at(tokens))
    evenly = [1.0 - step / steps for step in range(steps)]
    return (*(shifted(time, factor) for time in evenly), 0.0)


def shifted(time: float, factor: float) -> float:
    """Shift a time in (0, 1]."""
    return 1.0 / (1.0 + (1.0 / time - 1.0) / factor)


def unshifted(time: float, factor: float) -> float:
    """Turn `shifted` round, for a time in (0, 1]."""
    return shifted(time, 1.0 / factor)
