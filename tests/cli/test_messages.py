import pytest

from pellucid.cli import messages
from pellucid.core.errors import PellucidError, TooLarge


def test_an_error_is_a_line_and_a_hint_on_stderr(capsys: pytest.CaptureFixture[str]):
    messages.failed(PellucidError("It is broken.", "Mend it."))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        "",
        "error: It is broken.\n\nhint: Mend it.\n",
    )


def test_without_a_hint_there_is_only_the_error(capsys: pytest.CaptureFixture[str]):
    messages.error("It is broken.")
    assert capsys.readouterr().err == "error: It is broken.\n"


def test_what_is_too_large_names_the_option():
    assert "`--max-pixels`" in messages.hint_of(TooLarge("Huge.", "Allow more."))


def test_names_in_messages_are_harmless(capsys: pytest.CaptureFixture[str]):
    messages.warning("[red]\x1b[2J.png: Odd.")
    assert capsys.readouterr().err == "warning: [red]\\e[2J.png: Odd.\n"


@pytest.mark.parametrize(
    ("env", "is_terminal", "is_coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    env: dict[str, str],
    is_terminal: bool,
    is_coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    messages.warning("Odd.")
    assert ("\x1b[" in capsys.readouterr().err) == is_coloured
