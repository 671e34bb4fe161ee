"""What every benchmark prints: a table, with date, hardware and commit above it."""

import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def report(title: str, lines: list[str]) -> None:
    """Print a table; with `--save` write it to `benchmarks/results` too.

    Args:
        title: What was measured; the name of the file ends with it.
        lines: Markdown, without the head.
    """
    facts = {"date": date(), "hardware": hardware(), "commit": commit()}
    head = [f"# {title}\n", *(f"* {name}: {value}" for name, value in facts.items())]
    text = "\n".join([*head, f"* python: {platform.python_version()}\n", *lines])
    print(text)
    if "--save" in sys.argv[1:]:
        words = [*facts.values(), title.lower()]
        name = "-".join(re.sub(r"\W+", "_", word) for word in words)
        path = ROOT / "benchmarks" / "results" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        print(f"saved: {path}", file=sys.stderr)


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
