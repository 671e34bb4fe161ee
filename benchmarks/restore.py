"""How long the compact model takes, and how much memory, beside what else there is.

python benchmarks/restore.py [--save]

Three tables: one photograph in memory (steady state), the whole command in a fresh
process, and tools that a user would pick in place of it: the same network in eager
torch, non-local means of OpenCV, and the median filter of Pillow. What is not
installed is left out. The photographs are enlarged examples of this repository with
noise, so that there is something to repair.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from _report import ROOT, report
from PIL import Image as Pillow
from PIL import ImageFilter

from pellucid.core.files import read, write
from pellucid.core.image import Image
from pellucid.core.options import WriteOptions
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.core.settings import build
from pellucid.restore.models.compact import Compact
from pellucid.restore.sessions import runtime_for

SIZES = {"1 MP": (1024, 1024), "12 MP": (3000, 4000)}
REQUEST = Request(task=("denoise",))
RUNS = 3


def main() -> None:
    """Measure and print the tables."""
    folder = Path(tempfile.mkdtemp())
    small = photograph(*SIZES["1 MP"])
    rows = [f"| {name} | {best(work):.2f} |" for name, work in networks(small)]
    head = ["| in memory, 1 MP | s per megapixel |", "|---|---|"]
    lines = [*head, *rows, ""]
    lines += ["| whole command | photograph | s | peak memory, MB |"]
    lines += ["|---|---|---|---|"]
    for name, size in SIZES.items():
        path = folder / f"{size[1]}x{size[0]}.jpg"
        write(photograph(*size), path, WriteOptions(quality=92))
        for words in commands():
            seconds, megabytes = command(path, words)
            label = " ".join(["restore", *words])
            lines.append(f"| `{label}` | {name} | {seconds:.2f} | {megabytes:.0f} |")
    lines += ["", f"8 bits of the whole command ran on {runtime_for('auto', 'int8')}."]
    lines += [*tiles(photograph(1100, 1500))]
    report("Restore", lines)


def photograph(height: int, width: int) -> Image:
    """An example of this size, with noise."""
    found = read(ROOT / "examples" / "photos" / "kitten.webp")
    levels = np.rint(found.pixels * 255).astype(np.uint8)
    large = Pillow.fromarray(levels).resize((width, height), Pillow.Resampling.BICUBIC)
    clean = Image(np.asarray(large, dtype=np.float32) / np.float32(255))
    noise = DEGRADATIONS.get("noise")()
    return noise.apply(clean, noise.sample(stream(1, "benchmark"), 0.5))


def networks(image: Image) -> list[tuple[str, Callable[[], object]]]:
    """What restores a picture that is in memory already."""
    found: list[tuple[str, Callable[[], object]]] = []
    for device in ("cpu", "openvino"):
        for dtype in ("float32", "int8"):
            if device == "openvino" and not find_spec("openvino"):
                continue
            how = build(LoadOptions, {"device": device, "dtype": dtype})
            model = Compact.load(how)
            work = partial(model.restore, image, REQUEST)
            found.append((f"pellucid, {model.device}, {dtype}", work))
    if find_spec("torch"):
        found.append(("the same network, torch eager", torch_eager(image)))
    if find_spec("cv2"):
        found.append(("OpenCV, non-local means", partial(non_local_means, image)))
    levels = Pillow.fromarray(np.rint(image.pixels * 255).astype(np.uint8))
    median = partial(levels.filter, ImageFilter.MedianFilter(3))
    found.append(("Pillow, median of 3 x 3", median))
    return found


def torch_eager(image: Image) -> Callable[[], object]:
    """The network as researchers run it; random weights take the same time."""
    import torch

    from pellucid.nets.conv_unet import ConvUNet

    net = ConvUNet().eval()
    for kernel in net.parameters():
        if kernel.ndim == 4:
            layout = torch.channels_last
            kernel.data = kernel.data.contiguous(memory_format=layout)
    picture = torch.from_numpy(image.pixels[None].copy()).permute(0, 3, 1, 2)

    def work() -> object:
        with torch.inference_mode():
            return net(picture, torch.zeros(1, 38))

    return work


def non_local_means(image: Image) -> object:
    """As the tutorials of OpenCV write it."""
    import cv2

    levels = np.rint(image.pixels * 255).astype(np.uint8)
    return cv2.fastNlMeansDenoisingColored(levels, None, 5, 5, 7, 21)


def best(work: Callable[[], object]) -> float:
    """Seconds of the quickest run; the first one warms up."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) / (1024 * 1024 / 1e6)


def commands() -> list[list[str]]:
    """Options of the command that change its speed; named, so that none is idle."""
    return [["--task", "denoise"], ["--task", "denoise", "--dtype", "int8"]]


def command(path: Path, words: list[str]) -> tuple[float, float]:
    """Time a whole command in a fresh process, and tell its peak memory in MB."""
    target = path.with_name("restored.jpg")
    line = [sys.executable, "-m", "pellucid", "restore", str(path), "-o", str(target)]
    times: list[float] = []
    for _ in range(2):
        start = time.perf_counter()
        subprocess.run([*line, "--overwrite", *words], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
        " capture_output=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    measured = [sys.executable, "-c", code, *line, "--overwrite", *words]
    found = subprocess.run(measured, check=True, capture_output=True, text=True)
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return min(times), float(found.stdout) / unit


def tiles(image: Image) -> list[str]:
    """How far tiles differ from the whole, and whether their borders are seen."""
    whole = Compact.load(build(LoadOptions, {"tile": 4096, "device": "cpu"}))
    parts = Compact.load(build(LoadOptions, {"tile": 640, "device": "cpu"}))
    one, two = (each.restore(image, REQUEST) for each in (whole, parts))
    difference = np.abs(one.pixels - two.pixels)
    return [f"Tiles of 640 px against the whole: at most {difference.max():.1e} apart."]


if __name__ == "__main__":
    main()
