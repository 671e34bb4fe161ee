"""Walks from noise to a picture.

Source: X. Liu, C. Gong, Q. Liu, "Flow Straight and Fast", ICLR 2023 (Euler's steps
        along a velocity); F. Bashforth, J. C. Adams, 1883 (the second order).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import Tensor

Velocity = Callable[[Tensor, int, float], Tensor]  # of latents, a step and its time


def walk(
    velocity: Velocity,
    noise: Tensor,
    times: Sequence[float],
    tell: Callable[[int, int], None] = lambda done, total: None,
    order: int = 1,
) -> Tensor:
    """Take a step between each two times.

    Latents stay in float32 and differences of times in float64, whatever the network
    computes in: in bfloat16 single steps are wrong by up to 18 %, and some vanish.

    Args:
        velocity: Noise minus picture, where one stands.
        noise: Latents at the first time.
        times: From 1 to 0.
        tell: Called after each step with how many are done, of how many; what it
            raises ends the walk.
        order: 1 are steps of Euler; 2 bends each by how the velocity has changed since
            the one before (Adams and Bashforth), at no more cost.

    Returns:
        Latents at the last time, float32.
    """
    latents, total = noise.float(), len(times) - 1
    last: tuple[float, Tensor] | None = None
    for step, (here, there) in enumerate(pairwise(times)):
        length, way = there - here, velocity(latents, step, here).float()
        bent = way
        if last is not None and order == 2:
            bent = way + 0.5 * length / last[0] * (way - last[1])
        latents, last = latents + length * bent, (length, way)
        tell(step + 1, total)
    return latents
