"""What a folder costs, and what is left of one whose run is killed again and again.

python benchmarks/folder.py [--save]

200 photographs, some of them broken, are restored by a run that is killed with signal
9 twenty times, and compared byte for byte with what a quiet run makes. Then 1,000 of
one size: memory and speed at the beginning and at the end.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from _report import ROOT, report
from PIL import Image as Pillow

FILES, KILLS, BROKEN, LONG = 200, 20, 5, 1000
SUFFIXES = ("jpg", "png", "webp", "tif")
RESTORE = [sys.executable, "-m", "pellucid", "restore"]


def main() -> None:
    """Measure, print, and save if asked."""
    folder = Path(tempfile.mkdtemp())
    make(folder / "in", FILES, SUFFIXES)
    for place in range(BROKEN):
        broken = folder / "in" / f"broken-{place}.jpg"
        broken.write_bytes(bytes(random.Random(place).randbytes(4000)))
    before = hashes(folder / "in")
    kills, runs = killed(folder / "in", folder / "killed")
    quiet = subprocess.run(
        [*RESTORE, folder / "in", "-o", folder / "quiet"], check=False
    )
    lines = [f"{FILES} photographs and {BROKEN} broken files; {kills} times killed."]
    lines += compared(hashes(folder / "killed"), hashes(folder / "quiet"))
    lines += [f"Inputs as they were: {hashes(folder / 'in') == before}."]
    lines += [f"Recorded more than once: {twice(folder / 'killed')}."]
    lines += [f"Exit codes: last of the killed {runs}, quiet {quiet.returncode}.", ""]
    make(folder / "many", LONG, ("jpg",))
    report("Folder", [*lines, *long_run(folder / "many", folder / "restored")])


def make(folder: Path, count: int, suffixes: tuple[str, ...]) -> None:
    """Cut noisy pieces out of the examples, in folders of fifty."""
    photos = sorted((ROOT / "examples" / "photos").glob("*.webp"))
    sources = [np.asarray(Pillow.open(path).convert("RGB")) for path in photos]
    rng = np.random.default_rng(1)
    for place in range(count):
        source = sources[place % len(sources)]
        top, left = (int(rng.integers(side - 160)) for side in source.shape[:2])
        piece = source[top : top + 160, left : left + 160]
        noisy = np.clip(piece + rng.normal(0, 15, piece.shape), 0, 255)
        suffix = suffixes[place % len(suffixes)]
        path = folder / f"{place // 50:02d}" / f"{place:04d}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(noisy.astype(np.uint8)).save(path)


def killed(inputs: Path, output: Path) -> tuple[int, int]:
    """Restore a folder, killed at random moments; say how often, and the exit code."""
    rng, kills = random.Random(3), 0
    while True:
        run = subprocess.Popen(
            [*RESTORE, inputs, "-o", output],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            # Until the first file is begun there is nothing that could be lost.
            wait = rng.uniform(1.0, 2.0) if kills < KILLS else None
            return kills, run.wait(timeout=wait)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1


def hashes(folder: Path) -> dict[str, str]:
    """Checksums of the files of a folder, without its journal and its lock."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("journal.jsonl", ".pellucid-lock")
    }


def compared(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Say where two folders differ, receipts aside: those have times in them."""
    pictures = {name for name in left if not name.endswith(".json")}
    wanted = {name for name in right if not name.endswith(".json")}
    wrong = sum(left[name] != right[name] for name in pictures & wanted)
    receipts = left.keys() - pictures, right.keys() - wanted
    return [
        f"Pictures: {len(wanted)}; lost {len(wanted - pictures)}, left behind"
        f" {len(pictures - wanted)}, other than those of a quiet run {wrong}.",
        f"Receipts: {len(receipts[1])}; lost {len(receipts[1] - receipts[0])}, left"
        f" behind {len(receipts[0] - receipts[1])}.",
    ]


def twice(folder: Path) -> int:
    """Count photographs that the journal has more than one result of."""
    rows = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    entries = [json.loads(row) for row in rows]
    done = Counter(each["key"] for each in entries if "output" in each["facts"])
    return sum(count > 1 for count in done.values())


def long_run(inputs: Path, output: Path) -> list[str]:
    """Watch memory of all processes while many files are restored."""
    start = time.perf_counter()
    run = subprocess.Popen(
        [*RESTORE, inputs, "-o", output, "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    lines = ["| files done | s | memory of all processes, MB |", "|---|---|---|"]
    marks = [LONG // 10 * tenth for tenth in range(1, 11)]
    while marks and run.poll() is None:
        done = sum(1 for _ in output.rglob("*.jpg")) if output.exists() else 0
        if done >= marks[0]:
            took = time.perf_counter() - start
            lines.append(f"| {done} | {took:.1f} | {memory(run.pid) / 1e6:.0f} |")
            marks = [mark for mark in marks if mark > done]
        time.sleep(0.2)
    return [*lines, "", f"{LONG} JPEG of 160 x 160: exit code {run.wait()}."]


def memory(pid: int) -> int:
    """Bytes that a process and its children hold for themselves alone."""
    total, waiting = 0, [pid]
    while waiting:
        one = Path(f"/proc/{waiting.pop()}")
        try:
            status = (one / "status").read_text(encoding="ascii")
            waiting += map(int, (one / f"task/{one.name}/children").read_text().split())
        except OSError:
            continue
        total += 1024 * sum(
            int(row.split()[1])
            for row in status.splitlines()
            if row.startswith("RssAnon")
        )
    return total


if __name__ == "__main__":
    main()
