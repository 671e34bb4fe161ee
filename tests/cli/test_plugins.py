import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from pellucid.cli import plugins
from pellucid.core.registry import Registry


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plug-in folder of our own in place of the metrics."""
    folder = tmp_path / "shop" / "kinds"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry[object]("metric", "shop.kinds", "shop.metrics")
    monkeypatch.setattr(plugins, "REGISTRIES", {"metrics": registry})
    yield folder
    for name in [name for name in sys.modules if name.startswith("shop")]:
        del sys.modules[name]


def test_an_empty_group_says_so(kinds: Path, capsys: pytest.CaptureFixture[str]):
    plugins.print_group("metrics", as_json=False)
    plugins.print_names(as_json=False)
    assert capsys.readouterr().out == "There are no metrics yet.\nmetrics  none yet\n"


def test_a_broken_plug_in_does_not_hide_the_others(
    kinds: Path, capsys: pytest.CaptureFixture[str]
):
    good = 'class Good:\n    """Sees [everything].\n\n    More.\n    """\nPLUGIN = Good'
    (kinds / "good.py").write_text(good)
    (kinds / "broken.py").write_text("raise ValueError('oh')")
    for as_json in (False, True):
        with pytest.raises(typer.Exit) as caught:
            plugins.print_group("metrics", as_json=as_json)
        assert caught.value.exit_code == 1
        captured = capsys.readouterr()
        assert "cannot be imported: ValueError: oh" in captured.err
        if as_json:
            broken, fine = json.loads(captured.out)
            assert set(broken) == {"name", "error", "hint"}
            assert fine["description"] == "Sees [everything]."
        else:
            assert "good    built in  Sees [everything]." in captured.out
            assert "broken  -         cannot be used" in captured.out
