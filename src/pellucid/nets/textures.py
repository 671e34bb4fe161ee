"""What is measured in a picture before anything is learned: waves, light and colour.

Noise, blocks, blur, moire and rain change how much a picture holds of each wave, by
factors and not by differences. So the logarithm of the energy of each wave of a cosine
transform is what a small net can tell them apart by after a few hundred steps, where
one that begins with pixels needs many thousands.

Shapes in this file: B batch, C channels, H height, W width, F features.

Source: N. Ahmed, T. Natarajan, K. R. Rao, "Discrete Cosine Transform", 1974; K. He et
        al., "Single Image Haze Removal Using Dark Channel Prior", CVPR 2009 (the
        darkest channel).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE, STRIDE = 8, 4  # px, of a block of waves, and from one block to the next
WAVES = 3 * SIDE * SIDE  # for luminance and two colours
FAINTEST = 1e-6  # an eighth of a level of 8 bits, squared
BINS = 16
LIGHTS = 6 * BINS  # of three channels, their mean, the darkest, and the difference

# Of JPEG: luminance, blue and red differences.
_COLOURS = ((0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))


class Standard(nn.Module):
    """Subtracts the usual mean and divides by the usual spread, as training saw them.

    No statistic of the batch: what is said of a picture depends on no other one.
    """

    def __init__(self, features: int, momentum: float = 0.01) -> None:
        super().__init__()
        self.momentum = momentum
        self.mean: Tensor
        self.variance: Tensor
        self.seen: Tensor
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("variance", torch.ones(features))
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Standardise the second axis of (B, F) or (B, F, H, W)."""
        if self.training:
            self._follow(x.detach().float())
        shape = (1, -1, *(1 for _ in x.shape[2:]))
        spread = torch.sqrt(self.variance + 1e-4)
        return (x - self.mean.view(shape)) / spread.view(shape)

    def _follow(self, x: Tensor) -> None:
        axes = [axis for axis in range(x.ndim) if axis != 1]
        variance, mean = torch.var_mean(x, axes, correction=0)
        if not bool(torch.isfinite(variance).all()):
            return  # one broken picture must not spoil all that follow
        self.seen += 1
        share = max(self.momentum, 1.0 / float(self.seen))  # quick at first
        self.mean.lerp_(mean, share)
        self.variance.lerp_(variance, share)


def waves(x_BCHW: Tensor) -> Tensor:
    """Logarithm of the energy of every wave: (B, 192, (H - 4) / 4, (W - 4) / 4).

    Args:
        x_BCHW: sRGB in [0, 1].
    """
    mix = x_BCHW.new_tensor(_COLOURS)[:, :, None, None]
    found = functional.conv2d(
        functional.conv2d(x_BCHW, mix),
        _cosines().to(x_BCHW).repeat(3, 1, 1, 1),
        stride=STRIDE,
        groups=3,
    )
    energy = torch.log(found.square() + FAINTEST)
    return energy.contiguous(memory_format=torch.channels_last)  # twice as fast


def lights(x_BCHW: Tensor) -> Tensor:
    """Logarithms of histograms: (B, 96).

    Of red, green, blue, their mean, the darkest of them, and how far they differ.
    """
    mean = x_BCHW.mean(dim=1, keepdim=True)
    low = x_BCHW.amin(dim=1, keepdim=True)
    high = x_BCHW.amax(dim=1, keepdim=True)
    values = torch.cat([x_BCHW, mean, low, high - low], dim=1).flatten(2)
    shares = [
        functional.relu(1.0 - (BINS - 1) * (values - place / (BINS - 1)).abs()).mean(2)
        for place in range(BINS)
    ]
    return torch.log(torch.stack(shares, dim=2) + 1e-3).flatten(1)


def mean_and_spread(x_BCHW: Tensor) -> Tensor:
    """Mean and standard deviation of every channel over the picture: (B, 2 C)."""
    mean = x_BCHW.mean(dim=(2, 3))
    spread = (x_BCHW - mean[:, :, None, None]).square().mean(dim=(2, 3))
    return torch.cat([mean, torch.sqrt(spread + 1e-6)], dim=1)


def _cosines() -> Tensor:
    """Kernels of the cosine transform: (64, 1, 8, 8), orthonormal."""
    place = torch.arange(float(SIDE))
    rows = torch.cos((2 * place[None] + 1) * place[:, None] * math.pi / (2 * SIDE))
    rows = rows * math.sqrt(2 / SIDE)
    rows[0] /= math.sqrt(2)
    both = torch.einsum("ui,vj->uvij", rows, rows)
    return both.reshape(SIDE * SIDE, 1, SIDE, SIDE)
