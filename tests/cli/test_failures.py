import errno

import pytest
import typer

from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.failures import report


def test_a_bug_shows_its_traceback_and_says_whose_fault_it_is(
    capsys: pytest.CaptureFixture[str],
):
    try:
        raise ValueError("\x1b[2J")
    except ValueError as error:
        code = report(error, [])
    err = capsys.readouterr().err
    assert code == ExitCode.BUG
    assert err.startswith("Traceback")
    assert "error: This is a bug in pellucid" in err
    assert "\x1b" not in err


def test_the_machine_is_quoted_with_the_path(capsys: pytest.CaptureFixture[str]):
    error = PermissionError(errno.EACCES, "Permission denied", "a\nb.png")
    assert report(error, []) == ExitCode.ENVIRONMENT
    assert capsys.readouterr().err == "error: `a\\nb.png`: Permission denied.\n"


def test_what_a_command_chose_itself_is_kept(capsys: pytest.CaptureFixture[str]):
    assert report(typer.Exit(1), []) == 1
    assert capsys.readouterr().err == ""
