"""Looks at a picture and says what it suffers from.

Shapes in this file: B batch, P patches, C channels, H height, W width, K kinds.

A thumbnail of the whole shows haze, darkness, flares; patches in native resolution
show noise, blur and blocks, which a thumbnail hides. Of both the waves are measured,
small stacks of convolutions look among them, and what they find is put together.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.nets.textures import (
    LIGHTS,
    WAVES,
    Standard,
    lights,
    mean_and_spread,
    waves,
)

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
RARE = -2.3  # logit of one in eleven: most kinds are not there
CONDITION = 2 * len(KINDS) + CODE


class Diagnoser(nn.Module):
    """Presence and strength of every kind, and a code for the restorer.

    Args:
        width: Features that each of the two looks finds in the waves.
        joined: Numbers in which all looks come together.
    """

    def __init__(self, width: int = 96, joined: int = 256) -> None:
        super().__init__()
        self.whole, self.detail = Sight(width), Sight(width)
        self.light = Standard(LIGHTS)
        self.scene = Scene(width)
        features = 3 * self.whole.features + LIGHTS + self.scene.features
        self.joined = nn.Sequential(
            nn.Linear(features, joined),
            nn.ReLU(),
            nn.Linear(joined, joined),
            nn.ReLU(),
        )
        self.presence = nn.Linear(joined, len(KINDS))
        self.severity = nn.Linear(joined, len(KINDS))
        self.code = nn.Linear(joined, CODE)
        nn.init.zeros_(self.presence.weight)
        nn.init.constant_(self.presence.bias, RARE)

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
        whole = self.whole(thumbnail_BCHW)
        detail = self.detail(patches_BPCHW.flatten(0, 1)).unflatten(0, (-1, count))
        light = self.light(lights(thumbnail_BCHW))
        scene = self.scene(thumbnail_BCHW)
        together = [whole, detail.mean(dim=1), detail.amax(dim=1), light, scene]
        joined = self.joined(torch.cat(together, dim=1))
        severity = torch.sigmoid(self.severity(joined))
        return self.presence(joined), severity, torch.tanh(self.code(joined))


class Scene(nn.Module):
    """What convolutions see in the whole that waves do not: where things are.

    Haze thickens with distance, a flare is a disc, a reflection a second scene.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = (3, width // 4, width // 2, width, width)
        self.features = 2 * width
        layers = [
            nn.Conv2d(before, behind, kernel_size=3, stride=2, padding=1)
            for before, behind in pairwise(widths)
        ]
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, a=0.1)
        self.seen = nn.ModuleList(layers)
        # Most of them where one kernel reaches far; none where pixels are many.
        self.blocks = nn.ModuleList(
            nn.ModuleList(ResidualBlock(each) for _ in range(count))
            for each, count in zip(widths[1:], (0, 1, 1, 2), strict=True)
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Look at thumbnails, sRGB in [0, 1]: (B, features)."""
        features = 4.0 * (x_BCHW - 0.5)
        for layer, blocks in zip(self.seen, self.blocks, strict=True):
            features = functional.leaky_relu(layer(features), 0.1)
            for block in blocks.children():
                features = block(features)
        return torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; at first the shortcut alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.second = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        nn.init.kaiming_normal_(self.first.weight, a=0.1)
        for parameter in self.second.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Add what the convolutions find: the same shape."""
        found = functional.leaky_relu(self.first(x_BCHW), 0.1)
        return x_BCHW + self.second(found)


class Sight(nn.Module):
    """Waves, and what convolutions find among them: (B, features)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.features = 2 * width + 2 * WAVES
        self.standard = Standard(WAVES)
        self.found = nn.Sequential(
            nn.Conv2d(WAVES, width, kernel_size=1),
            nn.ReLU(),
            nn.Conv2d(width, width, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Look at pictures or patches: sRGB in [0, 1], 16 px and larger."""
        with torch.no_grad():  # nothing in it is learned
            energy = self.standard(waves(x_BCHW))
        both = mean_and_spread(self.found(energy)), mean_and_spread(energy)
        return torch.cat(both, dim=1)


def condition_of(presence_BK: Tensor, severity_BK: Tensor, code_BN: Tensor) -> Tensor:
    """Put together what steers the restorer: (B, 38).

    Args:
        presence_BK: Chance of each kind, or 1 and 0 where it is known.
        severity_BK: Strength of each.
        code_BN: The code of the diagnoser.
    """
    return torch.cat([presence_BK * severity_BK, presence_BK, code_BN], dim=1)
