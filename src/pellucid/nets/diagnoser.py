"""Looks at a picture and says what it suffers from.

Shapes in this file: B batch, P patches, C channels, H height, W width, K kinds.

A thumbnail of the whole shows haze, darkness, flares; patches in native resolution
show noise, blur and blocks, which a thumbnail hides. Both go through small stacks of
convolutions, and what they find is put together.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

KINDS = (
    "blur",
    "compression",
    "flare",
    "haze",
    "low_light",
    "moire",
    "noise",
    "old_photo",
    "rain",
    "reflection",
    "snow",
)
CODE = 16  # numbers about the picture that have no name: light, colour, contrast
THUMBNAIL, PATCH, PATCHES = 128, 96, 4  # sides in px, and how many
CONDITION = 2 * len(KINDS) + CODE


class Diagnoser(nn.Module):
    """Presence and strength of every kind, and a code for the restorer."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.whole = _stack(width)
        self.detail = _stack(width)
        self.joined = nn.Sequential(nn.Linear(12 * width, 192), nn.SiLU())
        self.presence = nn.Linear(192, len(KINDS))
        self.severity = nn.Linear(192, len(KINDS))
        self.code = nn.Linear(192, CODE)

    def forward(
        self, thumbnail_BCHW: Tensor, patches_BPCHW: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Look at pictures.

        Args:
            thumbnail_BCHW: The whole pictures at 128 x 128, sRGB in [0, 1].
            patches_BPCHW: Cut-outs of 96 x 96 in native resolution.

        Returns:
            Logits of presence (B, K), severity in [0, 1] (B, K), and the code (B, 16).
        """
        count = patches_BPCHW.shape[1]
        whole = self.whole(thumbnail_BCHW - 0.5)
        detail = self.detail(patches_BPCHW.flatten(0, 1) - 0.5)
        detail = detail.unflatten(0, (-1, count))
        together = [whole, detail.mean(dim=1), detail.amax(dim=1)]
        joined = self.joined(torch.cat(together, dim=1))
        severity = torch.sigmoid(self.severity(joined))
        return self.presence(joined), severity, torch.tanh(self.code(joined))


class _MeanAndSpread(nn.Module):
    """Mean and standard deviation of every channel over the picture."""

    def forward(self, x_BCHW: Tensor) -> Tensor:
        mean = x_BCHW.mean(dim=(2, 3))
        spread = (x_BCHW - mean[:, :, None, None]).square().mean(dim=(2, 3))
        return torch.cat([mean, torch.sqrt(spread + 1e-6)], dim=1)


def _stack(width: int) -> nn.Sequential:
    """Four halvings, then mean and spread: 4 * width numbers."""
    layers: list[nn.Module] = []
    before = 3
    for channels in (width, width, 2 * width, 2 * width):
        layers += [
            nn.Conv2d(before, channels, kernel_size=3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(channels, channels, kernel_size=3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
        ]
        before = channels
    for layer in layers:
        if isinstance(layer, nn.Conv2d):  # else what is seen fades on its way
            nn.init.kaiming_normal_(layer.weight, a=0.1)
    return nn.Sequential(*layers, _MeanAndSpread())


def condition_of(presence_BK: Tensor, severity_BK: Tensor, code_BN: Tensor) -> Tensor:
    """Put together what steers the restorer: (B, 38).

    Args:
        presence_BK: Chance of each kind, or 1 and 0 where it is known.
        severity_BK: Strength of each.
        code_BN: The code of the diagnoser.
    """
    return torch.cat([presence_BK * severity_BK, presence_BK, code_BN], dim=1)
