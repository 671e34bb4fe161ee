"""The published procedure, step by step, to compare with it.

Every picture is brought to about a megapixel in 8 bits and back, whatever its size; the
schedule has no bound; words are taken as they are. What is repaired here as well: steps
and latents are in float32, the autoencoder takes the mean, noise comes from the CPU.

Source: RealRestorer, 2026 (its inference code, defaults included).
"""

# pyright: standard

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow

from pellucid.core.image import Pixels
from pellucid.restore.models.realrestorer.engine import Manner, noise_for
from pellucid.restore.models.realrestorer.extent import SCALE, STEPS
from pellucid.restore.models.realrestorer.native import working_size
from pellucid.restore.models.realrestorer.residence import Residence


@dataclass(frozen=True, kw_only=True)
class Official:
    """What the published code is told; the defaults are its own.

    Attributes:
        level: Side of a square of the area that every picture is brought to.
        steps: From noise to a picture.
        scale: Of the guidance.
        seed: Of the noise.
    """

    level: int = 1024
    steps: int = STEPS
    scale: float = SCALE
    seed: int = 42

    def restore(self, residence: Residence, pixels: Pixels, instruction: str) -> Pixels:
        """Restore a picture.

        Args:
            residence: Of the parts.
            pixels: (height, width, 3).
            instruction: As it is given to the model.
        """
        height, width = pixels.shape[:2]
        wide, high = working_size(width, height, self.level)
        small = _resized(pixels, wide, high, Pillow.Resampling.LANCZOS)
        language = residence.speak()
        hidden, mask = language.read(small, [instruction, ""], residence.device)
        del language  # it may be let go
        manner = Manner(steps=self.steps, scale=self.scale, is_official=True)
        noise = noise_for(high, wide, self.seed)
        found = residence.paint().restore(small, hidden, mask, noise, manner)
        return _resized(found, width, height, Pillow.Resampling.BICUBIC)


def _resized(pixels: Pixels, width: int, height: int, how: Pillow.Resampling) -> Pixels:
    """Resize in 8 bits."""
    picture = Pillow.fromarray((pixels * 255 + 0.5).astype(np.uint8))
    levels = np.asarray(picture.resize((width, height), how), dtype=np.float32)
    return levels / np.float32(255)
