"""Plain tables: aligned columns, wrapped at the width of the terminal.

No lines, no colours, no markup: the same in a terminal, a pipe and a log.
"""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Sequence

from pellucid.cli.escape import printable

GAP = "  "
NARROWEST = 30  # columns left for the last cell, however wide the others are


def table(rows: Sequence[Sequence[str]], *, indent: int = 0) -> str:
    """Lay rows out in columns; the last one is wrapped.

    Args:
        rows: Cells of every row, the same number in each. They may hold anything:
            control characters are shown as escapes.
        indent: Spaces before every line.

    Returns:
        Lines without a newline at the end; empty without rows.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)][:-1]
    margin = indent + sum(widths) + len(GAP) * len(widths)
    room = max(shutil.get_terminal_size().columns - margin, NARROWEST)
    lines: list[str] = []
    for *first, last in cells:
        padded = [
            cell + " " * (width - columns(cell))
            for cell, width in zip(first, widths, strict=True)
        ]
        head = " " * indent + "".join(cell + GAP for cell in padded)
        for line in _wrapped(last, room):
            lines.append((head + line).rstrip())
            head = " " * margin
    return "\n".join(lines)


def columns(text: str) -> int:
    """Count the columns that a text takes in a terminal.

    Source: Unicode Standard Annex 11, East Asian Width.
    """
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _wrapped(text: str, room: int) -> list[str]:
    """Break between words only: a path or a checksum stays in one piece."""
    broken = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    return broken or [""]
