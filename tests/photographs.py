"""The photographs of `examples/photos`, at the size a test wants."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from pellucid.core.files import read
from pellucid.core.image import Image

FOLDER = Path(__file__).parents[1] / "examples" / "photos"
PHOTOGRAPHS = tuple(sorted(each.stem for each in FOLDER.glob("*.webp")))


@lru_cache(maxsize=64)
def photograph(name: str, side: int) -> Image:
    """The middle of a photograph, square, `side` pixels wide."""
    pixels = read(FOLDER / f"{name}.webp").pixels
    height, width, _ = pixels.shape
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    middle = np.ascontiguousarray(pixels[top : top + short, left : left + short])
    sized = cv2.resize(middle, (side, side), interpolation=cv2.INTER_AREA)
    return Image(np.clip(sized, 0.0, 1.0).astype(np.float32))
