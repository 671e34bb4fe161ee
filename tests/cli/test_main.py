from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import typer

from pellucid import __version__
from pellucid.cli import main as module
from pellucid.cli.escape import printable
from pellucid.core.errors import Incomplete

SOURCE = Path(__file__).parents[2] / "src"

NAMES = {
    "spaces": "my holiday  photo.png",
    "quotes": 'it\'s "quoted".png',
    "brackets": "[red]x[bold].png",
    "newline": "two\nlines.png",
    "escape": "\x1b[31mred\x1b[0m.png",
    "override": "\u202egnp.png",
    "composed": unicodedata.normalize("NFC", "größe.png"),
    "decomposed": unicodedata.normalize("NFD", "größe.png"),
    "emoji": "👩\u200d👧.png",
    "long": "x" * 251 + ".png",
    "percent": "100%s.png",
    "backslash": "a\\b.png",
    "bytes": os.fsdecode(b"caf\xe9.png"),
}

# Reads that never end: the command is caught in the middle of its work.
SLOW = """
import sys, time
import pellucid.core.files as files
def read(*_):
    print("ready", file=sys.stderr, flush=True)
    time.sleep(60)
files.read = read
from pellucid.cli.main import main
sys.exit(main(["info", "photo.png"]))
"""


def test_help_names_every_command_with_its_first_line(run):
    outcome = run("--help")
    assert outcome.code == 0
    assert outcome.err == ""
    files = (Path(module.__file__).parent / "commands").glob("[!_]*.py")
    for file in files:
        assert f"\n  {file.stem} " in outcome.out
    assert "..." not in outcome.out.partition("Commands:")[2].partition("\n\n")[0]


def test_help_has_a_short_name(run):
    assert run("-h").out == run("--help").out
    assert run("info", "-h").out.startswith("Usage: pellucid info")


def test_every_command_has_help_and_at_most_twenty_five_options():
    command: Any = typer.main.get_command(module.app)
    for name, each in command.commands.items():
        assert each.help, name
        options = [p for p in each.params if p.param_type_name == "option"]
        assert len(options) <= 26, name


def test_help_loads_nothing_heavy(start):
    code = (
        "import sys; from pellucid.cli.main import main; main(['--help']);"
        "heavy = {'torch', 'onnxruntime', 'PIL', 'numpy', 'pydantic', 'rich'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    outcome = start(program=("-c", code))
    assert outcome.returncode == 0, outcome.stderr


def test_the_version_is_printed(run):
    assert run("--version").out == f"pellucid {__version__}\n"


def test_without_a_command_the_help_goes_to_stderr(run):
    outcome = run()
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: pellucid")


def test_a_command_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run):
    from pellucid.cli import commands

    text = 'def say_hello() -> None:\n    """Greet."""\n    print("hello")\n'
    (tmp_path / "say_hello.py").write_text(text)
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    monkeypatch.setattr(module, "app", module.build())
    outcome = run("say-hello")
    assert (outcome.code, outcome.out) == (0, "hello\n")
    sys.modules.pop("pellucid.cli.commands.say_hello")


def test_python_m_is_the_same_command(start):
    outcome = start("list", "formts")
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    lines = ["error: There is no group called `formts`.", "", "hint: Did you mean"]
    assert outcome.stderr.startswith("\n".join(lines))


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Incomplete("Two are not there."), 4),
        (MemoryError(), 5),
        (OSError(errno.ENOSPC, "No space left on device"), 5),
        (OSError(errno.EACCES, "Permission denied", "secret.png"), 5),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141),
        (ZeroDivisionError("division by zero"), 70),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else type(value).__name__,
)
def test_every_end_has_its_exit_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, run
):
    def fail(**_: object) -> None:
        raise raised

    monkeypatch.setattr("pellucid.cli.plugins.print_names", fail)
    outcome = run("list")
    assert outcome.code == code
    assert ("Traceback" in outcome.err) == (code == 70)
    assert outcome.out == ""


@pytest.mark.parametrize(
    "words", [["info"], ["info", "-x"], ["nothing"], ["--nothing"]]
)
def test_a_wrong_command_line_is_two_lines_and_no_traceback(words: list[str], run):
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert "\n\nhint: " in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_of_any_name_is_read_and_its_name_shown_harmlessly(
    name: str, tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    draw(Path("photo.png")).rename(name)
    outcome = run("info", name)
    assert (outcome.code, outcome.err) == (0, "")
    first, *rest = outcome.out.splitlines()
    assert first == printable(name)
    assert len(rest) > 5
    gone = run("info", f"no {name}"[-100:])
    assert gone.code == 2
    assert not set(gone.err) & set("\x1b\r\u202e")


@pytest.mark.parametrize("name", [b"caf\xe9.png", b"two\nlines [red].png"])
def test_odd_names_pass_through_a_real_terminal(
    name: bytes, tmp_path: Path, draw, start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    draw(Path("photo.png")).rename(os.fsdecode(name))
    outcome = start("info", name)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout.splitlines()[0] == printable(os.fsdecode(name))
    found = json.loads(start("info", name, "--json").stdout)
    assert os.fsencode(found["file"]) == name


@pytest.mark.parametrize("name", ["-rf.png", "--json.png", "-"])
def test_a_leading_dash_is_explained_and_has_two_ways_out(
    name: str, tmp_path: Path, draw, run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    draw(Path(name))
    assert run("info", "--", name).code == 0
    assert run("info", f"./{name}").code == 0
    outcome = run("info", name)
    if name != "-":
        assert outcome.code == 2
        assert f"`./{name}`" in outcome.err


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ],
    ids=["C", "C without help from Python", "ascii"],
)
def test_a_narrow_locale_shows_escapes_and_never_fails(
    env: dict[str, str], tmp_path: Path, draw, start
):
    path = draw(tmp_path / "größe.png")
    good = start("info", path, env=env)
    assert good.returncode == 0, good.stderr
    assert "gr" in good.stdout
    gone = start("info", tmp_path / "nüll.png", env=env)
    assert gone.returncode == 2
    assert "Traceback" not in gone.stderr


def test_a_closed_stdout_or_stderr_is_no_crash(photo: Path, broken: Path, start):
    shell = 'exec "$0" -m pellucid info "$1" {}'
    for path, code in ((photo, 0), (broken, 1)):
        for closing in (">&-", "2>&-"):
            outcome = subprocess.run(
                ["sh", "-c", shell.format(closing), sys.executable, path],
                env={**os.environ, "PYTHONPATH": str(SOURCE)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert outcome.returncode == code
            assert "Traceback" not in outcome.stderr
            assert "error" not in outcome.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_stdout_is_an_environment_failure(photo: Path, start):
    with Path("/dev/full").open("w") as full:
        outcome = start("info", photo, stdout=full)
    assert outcome.returncode == 5
    assert outcome.stderr == "error: No space left on device.\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_not_worth_a_word(photo: Path, start):
    reader, writer = os.pipe()
    os.close(reader)
    outcome = start("info", photo, stdout=writer)
    os.close(writer)
    assert (outcome.returncode, outcome.stderr) == (141, "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_signal_ends_the_command_in_one_word(number: int, code: int, word: str):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (code, "", f"{word}\n")
