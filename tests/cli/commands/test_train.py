from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_runs import make_run


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("home"))


def test_a_run_stops_goes_on_and_becomes_files(tmp_path: Path, recipe: Path, run):
    words = ["train", recipe, "-o", tmp_path / "run", "--json"]
    outcome = run(*words, "--minutes", "0")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out) == {"steps": 1, "of": 6}
    found = json.loads(run(*words, "--export", tmp_path / "nets").out)
    assert found["steps"] == 6
    for name in ("restorer", "diagnoser"):
        assert Path(found["networks"][name]).stat().st_size > 100_000
    lines = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert "seed = 3" in (tmp_path / "run" / "run.toml").read_text()


def test_a_wrong_recipe_is_told_before_any_work(tmp_path: Path, recipe: Path, run):
    words = ["train", recipe, "-o", tmp_path / "run", "--set"]
    outcome = run(*words, "sed=1")
    assert outcome.code == 2
    assert "Did you mean `seed`?" in outcome.err
    assert run("train", tmp_path / "gone.toml", "-o", tmp_path / "run").code == 2
    assert not (tmp_path / "run").exists()
