"""Text from outside, made harmless for a terminal.

File names and metadata are written by strangers. Printed as they are, they can move
the cursor, colour the screen, or show ``exe.png`` as ``gnp.exe`` (bidirectional
overrides: N. Boucher and R. Anderson, "Trojan Source", 2021).
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

# Characters that change how their neighbours are shown, or that cannot be seen.
# The two joiners U+200C and U+200D stay: Persian words and emoji need them.
INVISIBLE = frozenset(
    "\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\x1b": r"\e"}


def printable(text: str) -> str:
    """Show control characters as escapes; leave all other text as it is."""
    if text.isprintable():
        return text
    return "".join(map(_printable, text))


def json_text(data: Any) -> str:
    r"""Write JSON in pure ASCII.

    A file name that is not UTF-8 appears with ``\udcXX`` for its odd bytes, as Python
    holds it: ``os.fsencode`` turns it back into the true name.
    """
    return json.dumps(data, indent=2, allow_nan=False)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character in SHORT:
        return SHORT[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    category = unicodedata.category(character)
    if category in {"Cc", "Cs"} or character in INVISIBLE or code >= 0xE0000:
        width = 2 if code < 0x100 else 4 if code < 0x10000 else 8
        return f"\\{'xuU'[width // 4]}{code:0{width}x}"
    return character
