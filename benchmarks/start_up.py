"""How long `pellucid --help` takes in a fresh interpreter, files in the cache.

Goal: a median under 0.5 s, without numpy, Pillow, pydantic, onnxruntime or torch.
Prints a table; with `--save` it goes to `benchmarks/results` too.
"""

import platform
import re
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

RUNS = 5
ROOT = Path(__file__).parents[1]
COMMANDS = {
    "pellucid --help": ["-m", "pellucid", "--help"],
    "pellucid list": ["-m", "pellucid", "list"],
    "import pellucid": ["-c", "import pellucid"],
    "nothing": ["-c", "pass"],
}


def main() -> None:
    """Measure, print, and save if asked."""
    facts = {"date": date(), "hardware": hardware(), "commit": commit()}
    rows = [f"| {name} | {median(words):.3f} |" for name, words in COMMANDS.items()]
    text = "\n".join(
        [
            "# Start-up\n",
            *(f"* {name}: {value}" for name, value in facts.items()),
            f"* python: {platform.python_version()}\n",
            f"| command | median of {RUNS} warm runs, s |\n|---|---|",
            *rows,
        ]
    )
    print(text)
    if "--save" in sys.argv[1:]:
        name = "-".join(re.sub(r"\W+", "_", value) for value in facts.values())
        path = ROOT / "benchmarks" / "results" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        print(f"saved: {path}", file=sys.stderr)


def median(words: list[str]) -> float:
    """Time fresh interpreters, in seconds; the first run only warms the cache."""
    times = [seconds(words) for _ in range(1 + RUNS)]
    return statistics.median(times[1:])


def seconds(words: list[str]) -> float:
    """Time one fresh interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - start


def date() -> str:
    """Today in UTC, without dashes, which divide the parts of the file name."""
    return datetime.now(UTC).strftime("%Y%m%d")


def hardware() -> str:
    """Name of the processor; of its family where the system does not tell."""
    known = Path("/proc/cpuinfo")
    text = known.read_text(encoding="utf-8") if known.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def commit() -> str:
    """Short name of the commit; ``+`` when files differ from it."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+"]
    found = subprocess.run(git, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "none"


if __name__ == "__main__":
    main()
