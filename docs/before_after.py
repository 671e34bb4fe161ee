"""Draw the picture of the README: an example, and what `pellucid restore` makes of it.

python docs/before_after.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from pellucid import Restorer

DOCS = Path(__file__).parent
PHOTO = DOCS.parent / "examples" / "photos" / "otters-in-rain.jpg"
PAGE = DOCS / "images" / "before-after.webp"
WIDTH, GAP = 640, 6  # px, of each half and between them


def main() -> None:
    """Restore the example, and put both beside each other."""
    before = Pillow.open(PHOTO).convert("RGB")
    after = Restorer.load("compact")(before).image
    assert isinstance(after, Pillow.Image)
    size = (WIDTH, WIDTH * before.height // before.width)
    page = np.full((size[1], 2 * WIDTH + GAP, 3), 255, np.uint8)
    for left, picture in ((0, before), (WIDTH + GAP, after)):
        small = picture.resize(size, Pillow.Resampling.LANCZOS)
        page[:, left : left + WIDTH] = np.asarray(small)
    PAGE.parent.mkdir(exist_ok=True)
    Pillow.fromarray(page).save(PAGE, quality=85, method=6)


if __name__ == "__main__":
    main()
