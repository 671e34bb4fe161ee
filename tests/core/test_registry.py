from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid.core.errors import (
    MissingDependency,
    PluginError,
    SettingsError,
    UnknownName,
)
from pellucid.core.registry import FORMATS, REGISTRIES, Registry

SEPIA = """
class Sepia:
    warmth = 0.8

PLUGIN = Sepia
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    importlib.invalidate_caches()


def install(root: Path, name: str, entry_points: str) -> None:
    """Write what pip would leave behind for a distribution."""
    folder = f"{name.replace('-', '_')}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    write(
        root,
        {f"{folder}/METADATA": metadata, f"{folder}/entry_points.txt": entry_points},
    )


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on ``sys.path`` that is forgotten after the test."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        module_file = getattr(sys.modules[name], "__file__", None) or ""
        if module_file.startswith(str(tmp_path)) or name.startswith("garden"):
            del sys.modules[name]


@pytest.fixture
def kinds(site):
    """A package ``garden.kinds`` with one plug-in, and the registry for it."""
    write(
        site,
        {
            "garden/__init__.py": "",
            "garden/kinds/__init__.py": "",
            "garden/kinds/rain.py": "class Rain: ...\nPLUGIN = Rain\n",
        },
    )
    return Registry("degradation", "garden.kinds", "garden.degradations")


def test_a_file_in_the_folder_is_a_plugin_and_nothing_else_is_edited(site, kinds):
    assert kinds.names() == ["rain"]
    write(site, {"garden/kinds/sepia.py": SEPIA})
    assert kinds.names() == ["rain", "sepia"]
    assert kinds.get("sepia").warmth == 0.8
    assert kinds.origin("sepia") == "built in"


def test_a_folder_with_an_init_file_is_a_plugin_too(site, kinds):
    write(site, {"garden/kinds/old_photo/__init__.py": SEPIA})
    assert kinds.get("old_photo").__name__ == "Sepia"


def test_a_file_in_a_second_folder_joins_our_own_formats(tmp_path):
    write(tmp_path, {"farbfeld.py": "class Farbfeld: ...\nPLUGIN = Farbfeld\n"})
    script = (
        "import sys, pellucid.core.formats as formats\n"
        "from pellucid.core.registry import FORMATS\n"
        "assert 'farbfeld' not in FORMATS\n"
        "formats.__path__.append(sys.argv[1])\n"
        "print(FORMATS.get('farbfeld').__name__, *FORMATS.names())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split()[0] == "Farbfeld"
    assert set(ran.stdout.split()[1:]) == {*FORMATS.names(), "farbfeld"}


def test_an_entry_point_of_an_installed_distribution_is_a_plugin(site, kinds):
    write(site, {"garden_sepia.py": SEPIA})
    install(site, "garden-sepia", "[garden.degradations]\nsepia = garden_sepia:Sepia\n")
    assert kinds.names() == ["rain", "sepia"]
    assert kinds.get("sepia").warmth == 0.8
    assert kinds.origin("sepia") == "garden-sepia, garden_sepia:Sepia"


def test_a_folder_added_to_the_path_later_brings_its_entry_points(kinds, tmp_path):
    assert kinds.names() == ["rain"]
    later = tmp_path / "later"
    install(later, "garden-hail", "[garden.degradations]\nhail = garden_hail:Hail\n")
    sys.path.append(str(later))
    try:
        assert kinds.names() == ["hail", "rain"]
    finally:
        sys.path.remove(str(later))


def test_an_entry_point_of_another_group_is_not_ours(site, kinds):
    install(site, "garden-sepia", "[garden.metrics]\nsepia = garden_sepia:Sepia\n")
    assert kinds.names() == ["rain"]


def test_a_file_and_an_entry_point_of_one_name_are_an_error_for_both(site, kinds):
    install(site, "wet-rain", "[garden.degradations]\nrain = wet_rain:Rain\n")
    with pytest.raises(PluginError, match="claimed twice") as caught:
        kinds.get("rain")
    assert str(site / "garden" / "kinds" / "rain") in str(caught.value)
    assert "wet-rain, wet_rain:Rain" in str(caught.value)
    with pytest.raises(PluginError, match="claimed twice"):
        kinds.origin("rain")


def test_two_distributions_that_claim_one_name_are_both_named(site, kinds):
    install(site, "snow-one", "[garden.degradations]\nsnow = snow_one:Snow\n")
    install(site, "snow-two", "[garden.degradations]\nsnow = snow_two:Snow\n")
    with pytest.raises(PluginError, match="claimed twice") as caught:
        kinds.get("snow")
    assert "snow-one, snow_one:Snow" in str(caught.value)
    assert "snow-two, snow_two:Snow" in str(caught.value)


def test_two_folders_that_hold_one_name_are_both_named(site, kinds, tmp_path):
    second = tmp_path / "second"
    write(second, {"rain.py": SEPIA})
    importlib.import_module("garden.kinds").__path__.append(str(second))
    with pytest.raises(PluginError, match="claimed twice") as caught:
        kinds.get("rain")
    assert str(second / "rain") in str(caught.value)


def test_a_double_claim_does_not_disturb_the_other_names(site, kinds):
    install(site, "wet-rain", "[garden.degradations]\nrain = wet_rain:Rain\n")
    write(site, {"garden/kinds/sepia.py": SEPIA})
    assert kinds.names() == ["rain", "sepia"]
    assert kinds.get("sepia").__name__ == "Sepia"


def test_listing_imports_no_plugin(site, kinds):
    write(site, {"garden/kinds/loud.py": "raise RuntimeError('imported')\n"})
    install(site, "garden-loud", "[garden.degradations]\nlouder = not_there:Louder\n")
    assert kinds.names() == ["loud", "louder", "rain"]
    assert list(kinds) == kinds.names()
    assert "loud" in kinds
    assert "louder" in kinds
    assert "quiet" not in kinds
    assert "garden.kinds.rain" not in sys.modules


def test_getting_one_plugin_imports_no_other(site, kinds):
    write(site, {"garden/kinds/loud.py": "raise RuntimeError('imported')\n"})
    assert kinds.get("rain").__name__ == "Rain"


def test_a_plugin_that_breaks_on_import_says_where_and_why(site, kinds):
    write(site, {"garden/kinds/loud.py": "raise RuntimeError('too loud')\n"})
    with pytest.raises(PluginError, match=r"loud.*RuntimeError: too loud") as caught:
        kinds.get("loud")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_error_of_ours_passes_through_a_plugin(site, kinds):
    text = "from pellucid.core.errors import SettingsError\nraise SettingsError('No.')"
    write(site, {"garden/kinds/wrong.py": text})
    with pytest.raises(SettingsError, match=r"^No\.$"):
        kinds.get("wrong")


def test_private_files_are_not_plugins(site, kinds):
    write(site, {"garden/kinds/_shared.py": "", "garden/kinds/notes.txt": ""})
    assert kinds.names() == ["rain"]


def test_a_wrong_name_is_met_with_the_nearest_one(kinds):
    with pytest.raises(UnknownName, match="no degradation called `rian`") as caught:
        kinds.get("rian")
    assert caught.value.hint == "Did you mean `rain`?"


def test_a_file_without_plugin_is_told_what_to_add(site, kinds):
    write(site, {"garden/kinds/empty.py": "\n"})
    with pytest.raises(PluginError, match=r"empty\.py has no `PLUGIN`") as caught:
        kinds.get("empty")
    assert "PLUGIN: type[Degradation]" in caught.value.hint


def test_an_entry_point_to_nothing_names_its_distribution(site, kinds):
    write(site, {"garden_blank.py": ""})
    install(site, "garden-blank", "[garden.degradations]\nblank = garden_blank:Blank\n")
    with pytest.raises(PluginError, match="has no `Blank`") as caught:
        kinds.get("blank")
    assert "garden-blank" in caught.value.hint


def test_an_instance_is_not_taken_for_a_class(site, kinds):
    write(site, {"garden/kinds/made.py": "PLUGIN = object()\n"})
    with pytest.raises(PluginError, match="not a class"):
        kinds.get("made")


def test_a_package_that_is_not_installed_is_named(site, kinds):
    write(site, {"garden/kinds/deep.py": "import torchlight.nn\n"})
    with pytest.raises(MissingDependency, match="`torchlight`") as caught:
        kinds.get("deep")
    assert "Install `torchlight`" in caught.value.hint


def test_a_package_that_lacks_a_name_is_named(site, kinds):
    write(site, {"garden/kinds/deep.py": "from numpy import torchlight\n"})
    with pytest.raises(MissingDependency, match="`numpy`"):
        kinds.get("deep")


def test_an_import_of_our_own_that_fails_is_the_plugins_fault(site, kinds):
    write(site, {"garden/kinds/lost.py": "import garden.shed\n"})
    with pytest.raises(PluginError, match=r"garden\.shed"):
        kinds.get("lost")


def test_an_entry_point_to_a_module_that_is_gone_is_the_plugins_fault(site, kinds):
    install(site, "garden-gone", "[garden.degradations]\ngone = garden_gone:Gone\n")
    with pytest.raises(PluginError, match="garden_gone"):
        kinds.get("gone")


@pytest.mark.parametrize("folder", ["nowhere", "nowhere.kinds", "garden.shed.kinds"])
def test_a_folder_that_is_not_there_has_no_names(site, kinds, folder):
    registry = Registry("degradation", folder, "garden.nothing")
    assert registry.names() == []
    with pytest.raises(UnknownName) as caught:
        registry.get("rain")
    assert caught.value.hint == "There are none yet."


def test_a_parent_that_breaks_is_not_hidden(site):
    write(
        site,
        {"garden/__init__.py": "import garden.shed", "garden/kinds/__init__.py": ""},
    )
    with pytest.raises(ModuleNotFoundError, match=r"garden\.shed"):
        Registry("degradation", "garden.kinds", "garden.nothing").names()


@pytest.mark.parametrize("plural", REGISTRIES)
def test_our_own_registries_differ_in_everything(plural):
    mine = REGISTRIES[plural]
    others = [one for name, one in REGISTRIES.items() if name != plural]
    assert plural == f"{mine.kind}s"
    assert mine.group == f"pellucid.{plural}"
    assert mine.folder not in {one.folder for one in others}


@pytest.mark.parametrize("name", FORMATS.names())
def test_our_formats_are_found_and_built_in(name):
    assert FORMATS.origin(name) == "built in"
