"""Recipes for restoring: what they say, and what counts more."""

from pathlib import Path

import pytest

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import RESTORERS
from pellucid.restore.recipe import Recipe, load_recipe

FOLDER = Path(__file__).parents[2] / "recipes" / "restore"
OURS = sorted(path.name for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("name", OURS)
def test_our_recipes_name_what_is_there(name: str):
    recipe = load_recipe(FOLDER / name)
    kind = RESTORERS.get(recipe.model)
    assert set(recipe.request.speed_ups) <= set(getattr(kind, "speed_ups", ()))
    head = (FOLDER / name).read_text(encoding="utf-8").split("\n\n")[0]
    assert f"--recipe recipes/restore/{name}" in head
    ways = getattr(kind, "ways", None)
    if ways is not None and recipe.load.memory != "auto":
        from pellucid.restore.plan import Machine

        assert recipe.load.memory in [w.name for w in ways(1024, 1024, Machine())]


def test_what_is_said_counts_more_than_what_is_written():
    written = Recipe(
        model="realrestorer",
        request=Request(steps=20, seed=3),
        load=LoadOptions(memory="streamed", tile=512),
    )
    assert written.with_said(Recipe()) == written
    said = Recipe(
        request=Request(task=("dehaze",), steps=28), load=LoadOptions(tile=768)
    )
    found = written.with_said(said)
    assert found.model == "realrestorer"
    assert found.request == Request(task=("dehaze",), steps=28, seed=3)
    assert found.load == LoadOptions(memory="streamed", tile=768)
    assert written.with_said(Recipe(model="compct")).model == "compct"


def test_a_name_that_is_none(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text("[request]\nstpes = 3\n")
    with pytest.raises(SettingsError, match=r"`request\.stpes` is not a setting"):
        load_recipe(path)
    with pytest.raises(InputMissing):
        load_recipe(tmp_path / "gone.toml")
