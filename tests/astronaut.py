"""The astronaut that published values of scores were computed with, and her JPEG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from pellucid.core.image import Image

_FOLDER = Path(__file__).parent / "metrics"


def _opened(name: str) -> Image:
    with Pillow.open(_FOLDER / name) as file:
        levels = np.asarray(file.convert("RGB"))
    return Image(np.divide(levels, 255, dtype=np.float32))


PHOTOGRAPH = _opened("astronaut.webp")
COMPRESSED = _opened("astronaut-q20.jpg")
