import pytest

from pellucid.cli.table import columns, table


def test_columns_are_aligned_and_the_end_of_a_line_is_bare():
    assert table([("a", "one"), ("long", "")], indent=2) == "  a     one\n  long"


def test_wide_and_combining_characters_keep_columns_aligned():
    first, second = table([("写真", "x"), ("u\u0308ber", "x")]).splitlines()
    assert columns("写真") == columns("u\u0308ber") == 4
    assert columns(first) == columns(second) == 7


def test_a_long_cell_is_wrapped_under_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = table([("name", "word " * 20)]).splitlines()
    assert len(lines) > 2
    assert all(len(line) <= 40 for line in lines)
    assert all(line.startswith("      word") for line in lines[1:])


def test_a_path_is_never_broken():
    path = "/a-b/" + "x" * 200
    assert path in table([("file", path)])


def test_strangers_cannot_draw_in_the_table():
    assert table([("a", "\x1b[2J\n[bold]")]) == r"a  \e[2J\n[bold]"


def test_no_rows_are_no_lines():
    assert table([]) == ""
