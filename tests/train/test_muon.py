"""An optimiser that turns all directions equally far."""

import pytest
import torch

from pellucid.train.muon import Muon, orthonormal


@pytest.mark.parametrize("size", [(8, 72), (72, 8), (16, 16)])
def test_directions_stay_and_their_lengths_become_one(size: tuple[int, int]):
    matrix = torch.randn(size, generator=torch.Generator().manual_seed(1))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    found = orthonormal(matrix, rounds=6)
    inside = left.T @ found @ right.T
    lengths = inside.diagonal()
    assert 0.6 < lengths.min() < lengths.max() < 1.3
    assert (inside - lengths.diag()).abs().max() < 1e-3


def test_it_goes_downhill():
    torch.manual_seed(2)
    kernel = torch.nn.Parameter(torch.randn(4, 3, 3, 3))
    wanted = torch.randn(4, 3, 3, 3)
    optimizer = Muon([kernel], lr=0.3)
    far = float((kernel - wanted).norm().detach())
    for _ in range(60):
        optimizer.zero_grad()
        (kernel - wanted).square().sum().backward()
        optimizer.step()
    assert float((kernel - wanted).norm().detach()) < 0.5 * far


def test_a_step_has_the_length_that_was_asked_for():
    kernel = torch.nn.Parameter(torch.zeros(32, 32, 3, 3))
    kernel.grad = torch.randn_like(kernel)
    Muon([kernel], lr=0.01).step()
    size = float(kernel.detach().square().mean().sqrt())
    assert size == pytest.approx(0.002, rel=0.25)


def test_a_gradient_of_nothing_moves_nothing():
    kernel = torch.nn.Parameter(torch.ones(4, 4, 3, 3))
    kernel.grad = torch.zeros_like(kernel)
    Muon([kernel]).step()
    assert torch.equal(kernel.detach(), torch.ones(4, 4, 3, 3))
