"""The walk from noise to a picture."""

import pytest
import torch
from torch import Tensor

from pellucid.flow.sampler import walk
from pellucid.flow.times import times


def test_a_straight_way_ends_at_the_picture():
    noise, picture = torch.randn(1, 6, 4), torch.rand(1, 6, 4)
    found = walk(lambda latents, step, time: noise - picture, noise, times(7, 64))
    torch.testing.assert_close(found, picture)


def test_the_second_order_follows_a_curve_better():
    """Along a velocity of 3 t^2 from 1 to 0 everything moves by -1."""
    noise = torch.zeros(1)

    def velocity(latents: Tensor, step: int, time: float) -> Tensor:
        return torch.full_like(latents, 3 * time**2)

    evenly = [1 - step / 10 for step in range(11)]
    first, second = (
        abs(walk(velocity, noise, evenly, order=order).item() + 1) for order in (1, 2)
    )
    assert second < 0.25 * first


def test_a_network_in_few_bits_shortens_no_step():
    """In bfloat16 times near 1 are equal, and steps between them vanish."""
    noise = torch.zeros(1, 1, 1, dtype=torch.bfloat16)

    def velocity(latents: Tensor, step: int, time: float) -> Tensor:
        return torch.ones_like(latents, dtype=torch.bfloat16)

    assert walk(velocity, noise, times(100, 4096)).item() == pytest.approx(-1.0)


def test_every_step_is_told_and_can_end_the_walk():
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(lambda x, step, time: x, torch.zeros(1), times(5, 64), tell)
    assert told == [(1, 5), (2, 5)]
