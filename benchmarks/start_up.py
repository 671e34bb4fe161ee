"""How long `pellucid --help` takes in a fresh interpreter, files in the cache.

Goal: a median under 0.5 s, without numpy, Pillow, pydantic, onnxruntime or torch.
Prints a table; with `--save` it goes to `benchmarks/results` too.
"""

import statistics
import subprocess
import sys
import time

from _report import report

RUNS = 5
COMMANDS = {
    "pellucid --help": ["-m", "pellucid", "--help"],
    "pellucid list": ["-m", "pellucid", "list"],
    "import pellucid": ["-c", "import pellucid"],
    "nothing": ["-c", "pass"],
}


def main() -> None:
    """Measure, print, and save if asked."""
    rows = [f"| {name} | {median(words):.3f} |" for name, words in COMMANDS.items()]
    report(
        "Start-up", [f"| command | median of {RUNS} warm runs, s |\n|---|---|", *rows]
    )


def median(words: list[str]) -> float:
    """Time fresh interpreters, in seconds; the first run only warms the cache."""
    times = [seconds(words) for _ in range(1 + RUNS)]
    return statistics.median(times[1:])


def seconds(words: list[str]) -> float:
    """Time one fresh interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
