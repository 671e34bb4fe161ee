"""How soon bombs are refused, and what 20,000 broken files do, read and written again.

Goals: a bomb in under 1 s and 300 MiB; mutants without a crash, none longer than 5 s,
all within 1 GiB. Each bomb is read in a process of its own, by the whole command.
"""

import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from _report import ROOT, report

TESTS = ROOT / "tests"
MUTANTS = 20_000
READ = """
import sys, pellucid
try:
    pellucid.read(sys.argv[1])
except pellucid.TooLarge:
    print(open("/proc/self/status").read())
"""


def main() -> None:
    """Measure, print, and save if asked."""
    with (TESTS / "hostile" / "MANIFEST.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    bombs = [row["file"] for row in rows if row["expect"] == "reject-size"]
    lines = ["| bomb | command, s | memory, MiB |", "|---|---|---|"]
    lines += [bomb(TESTS / "hostile" / name) for name in bombs]
    words = [sys.executable, str(TESTS / "mutants.py"), "7", str(MUTANTS)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    outcomes = ", ".join(f"{n} {name}" for name, n in found["outcomes"].items())
    lines += ["", f"{MUTANTS} mutants: {outcomes};"]
    lines += [f"slowest {found['slowest_s']:.2f} s, {found['memory_mib']:.0f} MiB."]
    report("Hostile files", lines)


def bomb(path: Path) -> str:
    """One row: time of `pellucid info`, and memory of reading."""
    start = time.perf_counter()
    words = [sys.executable, "-m", "pellucid", "info", str(path)]
    subprocess.run(words, capture_output=True, check=False)
    took = time.perf_counter() - start
    run = [sys.executable, "-c", READ, str(path)]
    status = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    match = re.search(r"VmHWM:\s+(\d+)", status)
    memory = f"{int(match[1]) / 1024:.0f}" if match else "not refused"
    return f"| {path.name} | {took:.2f} | {memory} |"


if __name__ == "__main__":
    main()
