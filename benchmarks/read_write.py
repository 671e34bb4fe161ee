"""How long reading and writing take, and how much memory, next to plain libraries.

The picture has 12 megapixels (4000 x 3000), detail and grain like a photo. The other
column is what people write by hand: Pillow or tifffile to a float32 array, and back,
without profile, EXIF or a check. Each number is the median of three fresh processes.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from _report import report
from PIL import Image as Pillow

import pellucid

HEIGHT, WIDTH, RUNS = 3000, 4000, 3
KINDS = {
    "jpeg": ("jpg", "uint8"),
    "jpeg progressive": ("jpg", "uint8"),
    "png 8 bits": ("png", "uint8"),
    "png 16 bits": ("png", "uint16"),
    "tiff 8 bits, deflate": ("tif", "uint8"),
    "tiff 16 bits, deflate": ("tif", "uint16"),
    "webp lossless": ("webp", "uint8"),
    "bmp": ("bmp", "uint8"),
}


def main() -> None:
    """Measure every kind in processes of their own."""
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (suffix, depth) in KINDS.items():
            path = Path(folder) / f"photo{len(rows)}.{suffix}"
            make(name, path, depth)
            ours = [measure("pellucid", path) for _ in range(RUNS)]
            other = "tifffile" if suffix == "tif" else "Pillow"
            plain = [measure(other, path) for _ in range(RUNS)]
            note = " (flattens to 8 bits)" if name == "png 16 bits" else ""
            cells = [f"{name}, {path.stat().st_size / 1e6:.1f} MB"]
            cells += [numbers(ours), f"{other}{note}", numbers(plain)]
            rows.append(f"| {' | '.join(cells)} |")
    head = "| file | pellucid: read s, write s, peak MB | other | the same |"
    note = (
        "\nWhat was read is written unchanged: pellucid then copies the coded pixels of"
        " JPEG and\nWebP, and the other columns code them once more."
    )
    report("Read and write", [head, "|---|---|---|---|", *rows, note])


def numbers(runs: list[dict[str, float]]) -> str:
    """Medians of one column."""
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return f"{middle['read']:.2f}, {middle['write']:.2f}, {middle['memory']:.0f}"


def make(name: str, path: Path, depth: str) -> None:
    """Draw the picture and write it with another program's hands."""
    rng = np.random.default_rng(0)
    small = rng.random((HEIGHT // 16, WIDTH // 16, 3)).astype(np.float32)
    planes = [
        Pillow.fromarray(small[:, :, channel]).resize(
            (WIDTH, HEIGHT), Pillow.Resampling.BICUBIC
        )
        for channel in range(3)
    ]
    grain = rng.normal(0, 0.01, (HEIGHT, WIDTH, 1)).astype(np.float32)
    pixels = np.clip(np.dstack([np.asarray(p) for p in planes]) + grain, 0, 1)
    samples = np.rint(pixels * np.iinfo(depth).max).astype(depth)
    if depth == "uint16" and path.suffix == ".png":
        pellucid.write(  # no other library here writes this
            pellucid.Image(pixels, None, pellucid.Carried(sample_type="uint16")), path
        )
    elif path.suffix == ".tif":
        tifffile.imwrite(path, samples, photometric="rgb", compression="zlib")
    else:
        how = {"quality": 92, "progressive": "progressive" in name}
        how |= {"lossless": True} if path.suffix == ".webp" else {}
        Pillow.fromarray(samples).save(path, **how)


def measure(who: str, path: Path) -> dict[str, float]:
    """Read and write in a fresh process."""
    words = [sys.executable, __file__, who, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def work(who: str, path: Path) -> dict[str, float]:
    """Read a file, write it under another name, and tell what it took."""
    target = path.with_stem("out")
    start = time.perf_counter()
    if who == "pellucid":
        image = pellucid.read(path)
        middle = time.perf_counter()
        pellucid.write(image, target, overwrite=True)
    elif who == "tifffile":
        samples = tifffile.imread(path)
        highest = np.iinfo(samples.dtype).max
        floats = samples.astype(np.float32) / highest
        middle = time.perf_counter()
        samples = np.rint(floats * highest).astype(samples.dtype)
        tifffile.imwrite(target, samples, photometric="rgb", compression="zlib")
    else:
        with Pillow.open(path) as picture:
            floats = np.asarray(picture).astype(np.float32) / 255
            progressive = bool(picture.info.get("progressive"))
        middle = time.perf_counter()
        picture = Pillow.fromarray(np.rint(floats * 255).astype(np.uint8))
        how = {"quality": 92, "progressive": progressive}
        how |= {"lossless": True} if path.suffix == ".webp" else {}
        picture.save(target, **how)
    end = time.perf_counter()
    memory = peak_mib()
    return {"read": middle - start, "write": end - middle, "memory": memory}


def peak_mib() -> float:
    """Peak memory of this process alone; getrusage would count its parent too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(work(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
