import json
import os

import pytest

from pellucid.cli.escape import json_text, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe 写真 [red]x", "größe 写真 [red]x"),
        ("\x1b]0;title\x07", r"\e]0;title\x07"),
        ("two\r\nlines\tand", r"two\r\nlines\tand"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u200db\u200c", "a\u200db\u200c"),
    ],
)
def test_only_what_steers_or_hides_is_escaped(text: str, shown: str):
    assert printable(text) == shown


def test_json_is_ascii_and_keeps_every_name():
    names = [os.fsdecode(b"caf\xe9"), "größe", "\x1b[31m"]
    text = json_text(names)
    assert text.isascii()
    assert json.loads(text) == names
