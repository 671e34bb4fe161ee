"""How many pictures per second and core each kind of damage makes.

512 x 512 photographs, severities and everything else drawn anew for each; one thread,
CPU seconds of the process, without reading and writing. Beside it the same step as a
textbook writes it (numpy, float64), and albumentations and imagecorruptions where they
are installed and have the kind; they take 8-bit pictures and draw less.
"""

import io
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from _report import report
from PIL import Image as Pillow

from pellucid.core.files import read
from pellucid.core.image import Image
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.degrade.batch import prepare_worker

PHOTOS = sorted((Path(__file__).parents[1] / "examples" / "photos").glob("*.webp"))
SIDE = 512
DRAWS = 96
SPREAD = 240  # pictures for the two workers

Work = Callable[[int], object]


def main() -> None:
    """Measure every kind and print the table."""
    prepare_worker()  # as the command does
    words = [word for word in sys.argv[1:] if word in DEGRADATIONS]
    names = words or DEGRADATIONS.names()
    rows, rates = [], []
    for name in names:
        ours = rate(partial(_apply, name))
        rates.append(ours)
        cells = [name, f"{ours:.0f}", _cell(TEXTBOOK.get(name))]
        cells += [_cell(_albumentations(name)), _cell(_imagecorruptions(name))]
        rows.append(f"| {' | '.join(cells)} |")
    mean = float(np.exp(np.mean(np.log(rates))))
    one, two = wall(1), wall(2)
    head = "| kind | pellucid | textbook | albumentations | imagecorruptions |"
    notes = [
        f"\nPictures per second and core, {SIDE} x {SIDE}, mean of {DRAWS} draws.",
        f"Geometric mean of pellucid: {mean:.0f}; slowest: {min(rates):.0f}.",
        f"All kinds in turn: one worker {one:.1f}/s, two workers {two:.1f}/s:"
        f" {two / one:.2f} times.",
    ]
    report("Degrade", [head, "|---|---|---|---|---|", *rows, *notes])


def photograph(number: int) -> Image:
    """One of the example photographs, 512 x 512."""
    if number not in _photographs:
        pixels = read(PHOTOS[number]).pixels
        sized = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        _photographs[number] = Image(np.clip(sized, 0.0, 1.0).astype(np.float32))
    return _photographs[number]


_photographs: dict[int, Image] = {}


def rate(work: Work) -> float:
    """Pictures per CPU second, after a few to warm up."""
    for number in range(6):
        work(number)
    start = time.process_time()
    for number in range(DRAWS):
        work(number)
    return DRAWS / (time.process_time() - start)


def wall(processes: int) -> float:
    """Pictures per second on the clock, all kinds in turn."""
    numbers = range(SPREAD)
    with ProcessPoolExecutor(processes, get_context("spawn"), prepare_worker) as pool:
        list(pool.map(_any, range(processes * 26), chunksize=13))  # imports, tables
        start = time.perf_counter()
        list(pool.map(_any, numbers, chunksize=2))
        return len(numbers) / (time.perf_counter() - start)


def _any(number: int) -> None:
    names = DEGRADATIONS.names()
    _apply(names[number % len(names)], number)


def _apply(name: str, number: int) -> object:
    kind = DEGRADATIONS.get(name)()
    image = photograph(number % len(PHOTOS))
    return kind.apply(image, kind.sample(stream(number, name)))


def _cell(work: Work | None) -> str:
    if work is None:
        return ""
    try:
        return f"{rate(work):.0f}"
    except AttributeError as error:  # imagecorruptions was written for numpy 1
        return f"fails: {str(error).partition(' in ')[0]}"


# What a textbook writes: numpy in float64, one full-size pass after another.


def _floats(number: int) -> tuple[np.ndarray, np.random.Generator]:
    pixels = photograph(number % len(PHOTOS)).pixels.astype(np.float64)
    return pixels, np.random.default_rng(number)


def _jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    data = io.BytesIO()
    levels = (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    Pillow.fromarray(levels).save(data, "jpeg", quality=quality)
    return np.asarray(Pillow.open(data)) / 255.0


def _kernel(rng: np.random.Generator, size: int = 21) -> np.ndarray:
    axis = np.arange(size) - size // 2
    x, y = np.meshgrid(axis, axis)
    angle = rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    one, two = rng.uniform(0.5, 4, 2)
    kernel = np.exp(-(along**2) / (2 * one**2) - across**2 / (2 * two**2))
    return kernel / kernel.sum()


def _blur(number: int) -> object:
    pixels, rng = _floats(number)
    linear = np.clip(pixels, 0, 1) ** 2.2
    blurred = cv2.filter2D(linear, -1, _kernel(rng))
    return np.clip(blurred, 0, 1) ** (1 / 2.2)


def _noise(number: int) -> object:
    pixels, rng = _floats(number)
    linear = pixels**2.2
    shot = rng.poisson(linear * 200) / 200
    return np.clip(shot + rng.normal(0, 0.02, pixels.shape), 0, 1) ** (1 / 2.2)


def _low_light(number: int) -> object:
    pixels, rng = _floats(number)
    dark = pixels**2.2 * 2.0 ** -rng.uniform(1, 5)
    shot = rng.poisson(dark * 500) / 500
    return np.clip(shot + rng.normal(0, 0.01, pixels.shape), 0, 1) ** (1 / 2.2)


def _haze(number: int) -> object:
    pixels, rng = _floats(number)
    rows = np.linspace(1, 0, SIDE)[:, None, None] ** rng.uniform(1, 2)
    clear = np.exp(-rng.uniform(0.6, 1.8) * rows * np.ones((SIDE, SIDE, 1)))
    return pixels * clear + rng.uniform(0.78, 0.95) * (1 - clear)


def _rain(number: int) -> object:
    pixels, rng = _floats(number)
    layer = (rng.random((SIDE, SIDE)) > 0.995).astype(np.float64)
    streaks = cv2.filter2D(layer, -1, np.eye(31) / 8)
    return np.clip(pixels + streaks[:, :, None], 0, 1)


def _compression(number: int) -> object:
    pixels, rng = _floats(number)
    for _ in range(rng.integers(1, 5)):
        pixels = _jpeg(pixels, int(rng.integers(5, 90)))
    return pixels


def _second_order(number: int) -> object:
    pixels, rng = _floats(number)
    for scale in (0.5, 0.5):
        pixels = cv2.filter2D(pixels, -1, _kernel(rng))
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale)
        pixels = np.clip(pixels, 0, 1)
        if rng.random() < 0.5:
            pixels = pixels + rng.normal(0, rng.uniform(1, 30) / 255, pixels.shape)
        else:
            pixels = rng.poisson(pixels * 255) / 255
        pixels = _jpeg(pixels, int(rng.integers(30, 95)))
    return cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


TEXTBOOK: dict[str, Work] = {
    "blur": _blur,
    "compression": _compression,
    "haze": _haze,
    "low_light": _low_light,
    "noise": _noise,
    "rain": _rain,
    "real_esrgan": _second_order,
}


# Other packages, where they are installed.


def _levels(number: int) -> np.ndarray:
    return (photograph(number % len(PHOTOS)).pixels * 255 + 0.5).astype(np.uint8)


def _albumentations(name: str) -> Work | None:
    if find_spec("albumentations") is None:
        return None
    import albumentations as other  # pyright: ignore[reportMissingImports]

    classes = {
        "blur": ("MotionBlur", {"blur_limit": (3, 31)}),
        "compression": ("ImageCompression", {"quality_range": (5, 90)}),
        "flare": ("RandomSunFlare", {}),
        "haze": ("RandomFog", {}),
        "low_light": ("RandomBrightnessContrast", {"brightness_limit": (-0.8, -0.4)}),
        "noise": ("ISONoise", {}),
        "rain": ("RandomRain", {}),
        "snow": ("RandomSnow", {}),
    }
    if name not in classes:
        return None
    word, settings = classes[name]
    transform = getattr(other, word)(p=1.0, **settings)
    return lambda number: transform(image=_levels(number))


def _imagecorruptions(name: str) -> Work | None:
    if find_spec("imagecorruptions") is None:
        return None
    from imagecorruptions import corrupt  # pyright: ignore[reportMissingImports]

    words = {
        "blur": "motion_blur",
        "compression": "jpeg_compression",
        "haze": "fog",
        "low_light": "contrast",
        "noise": "shot_noise",
        "snow": "snow",
    }
    if name not in words:
        return None
    return lambda number: corrupt(
        _levels(number), corruption_name=words[name], severity=number % 5 + 1
    )


if __name__ == "__main__":
    main()
