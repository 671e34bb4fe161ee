"""A small U-Net of plain convolutions that works on half the resolution.

Shapes in this file: B batch, C channels, H height, W width, N numbers that steer.

Plain 3 x 3 convolutions reach twice the arithmetic of depthwise ones on a CPU, lose
least in 8 bits, and every one is local: no operator looks at the whole input, so a
tile and the whole picture give the same pixels. What must be known of the whole (which
damage, how strong, which light) comes in as numbers: they scale and shift features,
and where the net meets the pixels, they choose the kernels too.

Source: O. Ronneberger et al., "U-Net", MICCAI 2015; E. Perez et al., "FiLM", AAAI 2018
        (steering by scale and shift); W. Shi et al., CVPR 2016 (pixel shuffle); B. Yang
        et al., "CondConv", NeurIPS 2019 (kernels that are mixed for each picture).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

MULTIPLE = 16  # sides of the input are multiples: half resolution, then three halvings
NARROW = 128  # from here on every second kernel is 1 x 1: tiles need half the margin
CALM = 0.2  # share of a block's answer: without norms, learning explodes at 1


class MixedConv(nn.Conv2d):
    """A 3 x 3 convolution whose kernel depends on the damage.

    To the kernel for all, one for each number of the condition is added, as much of it
    as the number says. Scaling and shifting alone could not turn the filters that meet
    the pixels from one damage to another: white noise stayed (decision 24).

    Args:
        into: Channels of what comes in.
        out: Channels of what goes out.
        condition: Length of the vector that describes the damage.
    """

    def __init__(self, into: int, out: int, condition: int) -> None:
        super().__init__(into, out, kernel_size=3, padding=1)
        self.kernels = nn.Parameter(torch.zeros(condition, out, into, 3, 3))
        self.biases = nn.Parameter(torch.zeros(condition, out))

    def forward(self, x_BCHW: Tensor, condition_BN: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Convolve each picture with kernels of its own."""
        assert self.bias is not None
        added = condition_BN @ self.kernels.flatten(1)
        kernels = self.weight + added.unflatten(1, self.weight.shape)
        biases = self.bias + condition_BN @ self.biases
        each = zip(x_BCHW.split(1), kernels.unbind(), biases.unbind(), strict=True)
        return torch.cat([functional.conv2d(x, k, b, padding=1) for x, k, b in each])


class SteeredBlock(nn.Module):
    """Two convolutions beside a shortcut, steered between them.

    Starts as the identity, so that a deep net begins as a shallow one.

    Args:
        channels: Of what comes in and goes out.
        steering: Length of what steers.
        reach: Side of the kernel of the second convolution.
    """

    def __init__(self, channels: int, steering: int, reach: int = 3) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.steer = nn.Linear(steering, 2 * channels)
        self.second = nn.Conv2d(channels, channels, reach, padding=reach // 2)
        # PyTorch's own start lets features fade by 0.6 at every layer.
        nn.init.kaiming_normal_(self.first.weight, a=0.1)
        for parameter in (*self.steer.parameters(), *self.second.parameters()):
            nn.init.zeros_(parameter)

    def forward(self, x_BCHW: Tensor, steering_BN: Tensor) -> Tensor:
        """Add what the convolutions find."""
        found = self.steered(self.first(x_BCHW), steering_BN)
        return x_BCHW + CALM * self.second(found)

    def steered(self, found_BCHW: Tensor, steering_BN: Tensor) -> Tensor:
        """Scale and shift what the first convolution found, and bend it."""
        scale_BC, shift_BC = self.steer(steering_BN).chunk(2, dim=1)
        scale_BC = torch.tanh(scale_BC)  # without a norm, a larger one would explode
        found = found_BCHW * (1.0 + scale_BC[:, :, None, None])
        return functional.leaky_relu(found + shift_BC[:, :, None, None], 0.1)


class MixedBlock(SteeredBlock):
    """A steered block whose kernels depend on the damage, too.

    Args:
        channels: Of what comes in and goes out.
        steering: Length of what steers.
        condition: Length of the vector that describes the damage.
    """

    def __init__(self, channels: int, steering: int, condition: int) -> None:
        super().__init__(channels, steering)
        self.first = MixedConv(channels, channels, condition)
        self.second = MixedConv(channels, channels, condition)
        nn.init.kaiming_normal_(self.first.weight, a=0.1)
        for parameter in (self.second.weight, self.second.bias):
            assert parameter is not None
            nn.init.zeros_(parameter)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x_BCHW: Tensor, steering_BN: Tensor, condition_BN: Tensor
    ) -> Tensor:
        """Add what the convolutions find."""
        found = self.steered(self.first(x_BCHW, condition_BN), steering_BN)
        return x_BCHW + CALM * self.second(found, condition_BN)


class ConvUNet(nn.Module):
    """Repairs a picture as steering numbers say.

    Args:
        widths: Channels at each resolution, the finest first.
        blocks: Blocks at each resolution, on the way down and on the way up; the first
            of all is mixed.
        condition: Length of the vector that describes the damage.
        steering: Length of what is made of it for the blocks.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (32, 64, 128, 256),
        blocks: tuple[int, ...] = (2, 1, 2, 4),
        condition: int = 38,
        steering: int = 64,
    ) -> None:
        super().__init__()
        self.steering = nn.Sequential(
            nn.Linear(condition, steering),
            nn.SiLU(),
            nn.Linear(steering, steering),
            nn.SiLU(),
        )
        self.head = MixedConv(12, widths[0], condition)
        self.entry = MixedBlock(widths[0], steering, condition)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        self.encoders, self.decoders = nn.ModuleList(), nn.ModuleList()
        for fine, coarse, count in zip(widths, widths[1:], blocks, strict=False):
            mixed = 0 if self.encoders else 1
            self.encoders.append(_stage(fine, steering, count - mixed))
            self.down.append(nn.Conv2d(fine, coarse, kernel_size=2, stride=2))
            self.up.append(nn.Conv2d(coarse, 4 * fine, kernel_size=1))
            self.decoders.append(_stage(fine, steering, count))
        self.middle = _stage(widths[-1], steering, blocks[-1])
        self.tail = MixedConv(widths[0], 12, condition)
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x_BCHW: Tensor, condition_BN: Tensor) -> Tensor:
        """Repair pictures.

        Args:
            x_BCHW: sRGB in [0, 1]; sides are multiples of 16.
            condition_BN: Which damage, how strong, and the code of the diagnoser.

        Returns:
            Pictures of the same size; not cut to [0, 1].
        """
        steering_BN = self.steering(condition_BN)
        features = functional.pixel_unshuffle(x_BCHW - 0.5, 2)
        features = self.entry(
            self.head(features, condition_BN), steering_BN, condition_BN
        )
        kept: list[Tensor] = []
        for stage, down in zip(self.encoders, self.down, strict=True):
            features = _through(stage, features, steering_BN)
            kept.append(features)
            features = down(features)
        features = _through(self.middle, features, steering_BN)
        for stage, up in zip(reversed(self.decoders), reversed(self.up), strict=True):
            features = functional.pixel_shuffle(up(features), 2) + kept.pop()
            features = _through(stage, features, steering_BN)
        return x_BCHW + functional.pixel_shuffle(self.tail(features, condition_BN), 2)


def _stage(channels: int, steering: int, count: int) -> nn.ModuleList:
    reach = 3 if channels < NARROW else 1
    return nn.ModuleList(SteeredBlock(channels, steering, reach) for _ in range(count))


def _through(stage: nn.Module, features: Tensor, steering_BN: Tensor) -> Tensor:
    for block in stage.children():
        features = block(features, steering_BN)
    return features


def parameters_of(net: nn.Module) -> int:
    """Count the numbers that a net has learned."""
    return sum(torch.numel(each) for each in net.parameters())
