"""A recipe of training."""

from pathlib import Path

import pytest
import torch

from pellucid.core.errors import SettingsError
from pellucid.core.settings import dump_toml, load
from pellucid.degrade.recipe import chain_of, load_recipe
from pellucid.train.compact import Learner
from pellucid.train.settings import Run, Stage

RECIPES = Path(__file__).parents[2] / "recipes" / "train"


@pytest.mark.parametrize("name", ["compact.toml", "compact-longer.toml"])
def test_our_recipes_name_what_is_there(name: str):
    run = load(Run, RECIPES / name)
    if run.start:
        learner = Learner(run, torch.device("cpu"))
        learner.begin(RECIPES / run.start)
    for stage in run.stage:
        chain_of(load_recipe(RECIPES / stage.recipe))
    assert run.data.kept_out == ("0", "1")


def test_a_run_survives_a_file(tmp_path: Path, run: Run):
    (tmp_path / "again.toml").write_text(dump_toml(run))
    assert load(Run, tmp_path / "again.toml") == run


@pytest.mark.parametrize("crop", [40, 400])
def test_crops_fit_the_net_and_the_region(crop: int):
    with pytest.raises(SettingsError, match="multiple of 16"):
        Stage(steps=1, recipe="a.toml", crop=crop)


def test_regions_rise():
    with pytest.raises(SettingsError, match="must rise"):
        Stage(steps=1, recipe="a.toml", region=(300, 200))
