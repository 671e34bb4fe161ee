"""How far a long run is."""

import io
import sys

import pytest

from pellucid.cli.progress import Meter, duration, meter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")],
)
def test_a_time_has_the_two_units_that_matter(seconds: float, text: str):
    assert duration(seconds) == text


def test_the_rate_counts_what_was_made_now_and_not_what_was_there():
    shown = Meter("pairs")
    shown.show(100, 300)
    line = shown.line(120, 300, shown._start + 10.0)
    assert line == "120 of 300 pairs, 2/s, 1 min 30 s left"
    assert shown.line(100, 300, shown._start + 10.0) == "100 of 300 pairs"


def test_a_terminal_shows_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with meter("pairs") as shown:
        shown.show(0, 2)
        shown.show(2, 2)
    assert "2 of 2 pairs" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_log_file_stays_short(capsys: pytest.CaptureFixture[str]):
    with meter("pairs") as shown:
        for done in range(100):
            shown.show(done, 100)
    assert capsys.readouterr().err == ""
