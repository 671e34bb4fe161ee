"""What the command line says becomes a plan, before any photograph is read."""

from pathlib import Path

import pytest

from pellucid.cli.degrading import Order, plan
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import SettingsError

ORDER = Order(inputs=["a.png"], output="b.png")


def test_kinds_follow_one_another_and_keep_their_settings():
    made = plan(ORDER, ["haze", "noise"], None, ["haze.density=[1, 2]"], 0.5, 3)
    assert [link.name for link in made.chain.links] == ["haze", "noise"]
    assert made.chain.links[0].kind.density == (1.0, 2.0)
    assert (made.severity, made.seed) == (0.5, 3)


def test_a_setting_without_its_kind_is_refused_where_there_are_two():
    with pytest.raises(SettingsError, match="haze or noise"):
        plan(ORDER, ["haze", "noise"], None, ["density=[1, 2]"], None, 0)


def test_a_recipe_takes_settings_by_their_place(tmp_path: Path):
    path = tmp_path / "r.toml"
    path.write_text('[[link]]\nkind = "haze"\n')
    made = plan(ORDER, [], path, ["link.0.probability=0.25"], None, 0)
    assert made.chain.links[0].probability == 0.25


def test_what_is_done_is_said_once(tmp_path: Path):
    for kinds, recipe in (([], None), (["haze"], tmp_path)):
        with pytest.raises(UsageMistake):
            plan(ORDER, kinds, recipe, [], None, 0)


def test_a_folder_of_assets_reaches_the_kinds_that_want_it(tmp_path: Path):
    order = Order(inputs=["a.png"], output="b.png", fields={"assets": str(tmp_path)})
    made = plan(order, ["rain", "noise"], None, [], None, 0)
    assert made.chain.links[0].kind.assets == str(tmp_path)


def test_one_picture_has_the_name_of_a_picture():
    assert ORDER.is_single
    assert not Order(inputs=["a.png", "c.png"], output="b.png").is_single
    assert not Order(inputs=["a.png"], output="folder").is_single
    assert not Order(inputs=["a.png"], output="pairs.tar").is_single
