"""An optimiser for kernels: each step turns all directions equally far.

The mean gradient of a kernel is replaced by the nearest matrix whose rows are
orthonormal, so that rare directions are learned as fast as frequent ones. Over two
minutes of this training it won 1.94 dB where AdamW won 1.72 (decision 20).

`torch.optim.Muon` takes matrices only; kernels have four axes, and the product of a
wide kernel with itself is small, which makes the work here a third.

Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
        2024 (the polynomial); J. Liu et al., "Muon is Scalable for LLM Training",
        2025 (the scale 0.2 sqrt(max)).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

ROUNDS = 4
_A, _B, _C = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """Momentum, made orthonormal.

    Args:
        params: Kernels of two or more axes; the first counts as rows.
        lr: Root mean square of a step of a weight is 0.2 times this.
        momentum: Share of the mean gradient that a step keeps.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, momentum: float = 0.95
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step; no closure is called."""
        assert closure is None
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, group["lr"], group["momentum"])

    def _move(self, parameter: Tensor, lr: float, momentum: float) -> None:
        state, gradient = self.state[parameter], parameter.grad
        assert gradient is not None
        if "mean" not in state:
            state["mean"] = torch.zeros_like(parameter)
        mean = state["mean"].lerp_(gradient, 1.0 - momentum)
        kernels = gradient.lerp(mean, momentum).float()
        matrices = kernels.flatten(-3) if kernels.ndim > 3 else kernels
        turned = orthonormal(matrices) * (0.2 * max(matrices.shape[-2:]) ** 0.5)
        parameter.add_(turned.reshape(parameter.shape).to(parameter.dtype), alpha=-lr)


def orthonormal(matrix: Tensor, rounds: int = ROUNDS) -> Tensor:
    """Bring all singular values near 1, and leave the directions.

    The polynomial is applied to the small product of the matrix with itself; the wide
    matrix is touched only at both ends.

    Args:
        matrix: (rows, columns), or many of them: (..., rows, columns).
        rounds: More bring small singular values nearer.
    """
    if matrix.shape[-2] > matrix.shape[-1]:
        return orthonormal(matrix.mT, rounds).mT
    matrix = matrix / (matrix.norm(dim=(-2, -1), keepdim=True) + 1e-12)
    square = matrix @ matrix.mT
    whole = torch.eye(square.shape[-1], dtype=square.dtype, device=square.device)
    factor = whole
    for _ in range(rounds):
        change = _A * whole + _B * square + _C * (square @ square)
        factor = change @ factor
        square = change @ square @ change
    return factor @ matrix
