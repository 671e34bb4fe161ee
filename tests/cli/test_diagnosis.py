import json

import pytest
import typer

from pellucid.cli import diagnosis, environment
from pellucid.cli.environment import Finding
from pellucid.cli.requirements import Requirements


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Finding]]:
    """What was found, in place of a look at the machine."""
    command = 'pip install "pellucid[heic]"'
    parts = {
        "machine": [Finding(name="memory", value="8.0 GB")],
        "core": [Finding(name="numpy", value="2.4")],
        "devices": [Finding(name="torch", value="not installed", state="absent")],
        "extras": [
            Finding(name="heic", value="missing x", state="absent", hint=command)
        ],
    }
    monkeypatch.setattr(diagnosis, "requirements", Requirements)
    monkeypatch.setattr(environment, "machine", lambda: parts["machine"])
    monkeypatch.setattr(environment, "core", lambda needed: parts["core"])
    monkeypatch.setattr(environment, "pillow_features", lambda: [])
    monkeypatch.setattr(environment, "devices", lambda: parts["devices"])
    monkeypatch.setattr(environment, "extras", lambda needed: parts["extras"])
    return parts


def test_under_what_is_absent_stands_the_command_that_adds_it(parts, capsys):
    diagnosis.diagnose(as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["  heic  missing x", '        pip install "pellucid[heic]"']


def test_a_broken_core_ends_with_3_and_a_message(parts, capsys):
    broken = Finding(name="numpy", value="missing", state="broken", hint="Install it.")
    parts["core"].append(broken)
    with pytest.raises(typer.Exit) as caught:
        diagnosis.diagnose(as_json=True)
    captured = capsys.readouterr()
    assert caught.value.exit_code == 3
    assert json.loads(captured.out)["healthy"] is False
    assert captured.err == "error: numpy: missing\n\nhint: Install it.\n"


def test_a_broken_extra_is_said_but_the_core_stands(parts, capsys):
    parts["devices"].append(Finding(name="cuda", value="broken", state="broken"))
    diagnosis.diagnose(as_json=False)
    assert "error: cuda: broken" in capsys.readouterr().err
