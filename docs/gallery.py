"""Draw one contact sheet per kind of damage: photographs down, severities across.

python docs/gallery.py            all sheets, into docs/degradations/sheets
python docs/gallery.py haze rain  some of them
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pellucid.core.files import read
from pellucid.core.image import Image
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream

DOCS = Path(__file__).parent
PHOTOS = DOCS.parent / "examples" / "photos"
SHEETS = DOCS / "degradations" / "sheets"
ROWS = ("kitten", "lake", "city-at-night", "book")
SEVERITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
SIDE, GAP, HEAD = 256, 6, 26


def sheet(name: str) -> Pillow.Image:
    """Draw the sheet of one kind; the seed of each row differs."""
    titles = ["clean", *(f"severity {each:g}" for each in SEVERITIES)]
    wide = len(titles) * (SIDE + GAP) + GAP
    high = HEAD + len(ROWS) * (SIDE + GAP)
    page = Pillow.new("RGB", (wide, high), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    for column, title in enumerate(titles):
        pen.text((GAP + column * (SIDE + GAP), 4), title, "black", font)
    for row, photo in enumerate(ROWS):
        for column, picture in enumerate(strip(name, photo, row)):
            place = (GAP + column * (SIDE + GAP), HEAD + row * (SIDE + GAP))
            page.paste(Pillow.fromarray(picture), place)
    return page


def strip(name: str, photo: str, seed: int) -> list[np.ndarray]:
    """The clean photograph and its damaged versions, 8-bit."""
    kind = DEGRADATIONS.get(name)()
    clean = photograph(photo)
    drawn = [kind.sample(stream(seed, "gallery", name), each) for each in SEVERITIES]
    pictures = [clean, *(kind.apply(clean, params) for params in drawn)]
    return [np.rint(each.pixels * 255).astype(np.uint8) for each in pictures]


def photograph(name: str) -> Image:
    """The middle of a photograph, square, at the size of a cell."""
    pixels = read(PHOTOS / f"{name}.webp").pixels
    height, width, _ = pixels.shape
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    middle = np.ascontiguousarray(pixels[top : top + short, left : left + short])
    sized = cv2.resize(middle, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return Image(np.clip(sized, 0.0, 1.0).astype(np.float32))


def main(names: list[str]) -> None:
    """Write the sheets of some kinds."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = SHEETS / f"{name}.webp"
        sheet(name).save(path, quality=82, method=6)
        print(f"{path.relative_to(DOCS.parent)}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1:] or DEGRADATIONS.names())
