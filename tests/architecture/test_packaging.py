"""What is installed: light by default, free for everybody, ranges and not pins."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: Mapping[str, Any] = tomllib.loads(
    (ROOT / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

CORE = {"numpy", "pillow", "tifffile", "onnxruntime", "pydantic", "typer", "rich"}
CORE |= {"annotated-types"}  # decision 2

# GPL or AGPL, for non-commercial use only, or needing one that is.
RESTRICTED = {"pillow-heif", "pyexiv2", "exiv2", "pymupdf", "albumentationsx"}
RESTRICTED |= {"pyiqa", "spandrel-extra-arches", "ultralytics"}
RESTRICTED |= {"av"}  # its wheels hold x264 and x265: decision 16
# For the people who work on pellucid, not for those who use it.
OURS = {"test", "dev", "all"}


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return re.sub(r"[._-]+", "-", match[0]).lower()


def packages(project: Mapping[str, Any], extra: str) -> set[str]:
    """All packages an extra names, also by way of other extras."""
    found: set[str] = set()
    for requirement in project["optional-dependencies"][extra]:
        if name_of(requirement) != project["name"]:
            found.add(name_of(requirement))
            continue
        for other in requirement.partition("[")[2].rstrip("]").split(","):
            found |= packages(project, other.strip())
    return found


def every_requirement(project: Mapping[str, Any]) -> list[str]:
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(each for extra in extras for each in extra)]
    return [each for each in listed if name_of(each) != project["name"]]


def not_ranges(project: Mapping[str, Any]) -> list[str]:
    """A range has a lower bound, and neither ``==`` nor an address."""
    return [
        each
        for each in every_requirement(project)
        if ">=" not in each or "==" in each or "@" in each
    ]


def unwanted(project: Mapping[str, Any], names: set[str]) -> list[str]:
    extras = project["optional-dependencies"]
    found = [f"core: {each}" for each in map(name_of, project["dependencies"])]
    for extra in extras:
        found += [f"{extra}: {each}" for each in packages(project, extra)]
    return sorted(each for each in found if each.partition(": ")[2] in names)


def test_a_plain_installation_is_light():
    assert {name_of(each) for each in PROJECT["dependencies"]} == CORE


def test_torchvision_is_needed_by_nothing():
    assert unwanted(PROJECT, {"torchvision"}) == []


def test_nothing_is_restricted():
    assert unwanted(PROJECT, RESTRICTED) == []


def test_all_is_everything_for_users():
    extras = set(PROJECT["optional-dependencies"]) - OURS
    everything = set[str]().union(*(packages(PROJECT, extra) for extra in extras))
    assert packages(PROJECT, "all") == everything


def test_requirements_are_ranges():
    assert not_ranges(PROJECT) == []


def test_the_version_is_written_once():
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path):
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("pellucid-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name.partition("/")[0] for name in names}
    info = {name for name in inside if name.endswith(".dist-info")}
    assert inside - info == {"pellucid"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert wheel.stat().st_size < 20_000_000  # the weights of the compact model


# The rules bite.


def project(**extras: list[str]) -> Mapping[str, Any]:
    core = ["numpy>=2", "Pillow >=12"]
    return {"name": "x", "dependencies": core, "optional-dependencies": extras}


def test_an_unwanted_package_is_found_by_way_of_another_extra():
    bad = project(inner=["pyiqa>=0.1"], outer=["x[inner]"], good=["scipy>=1"])
    assert unwanted(bad, {"pyiqa"}) == ["inner: pyiqa", "outer: pyiqa"]


@pytest.mark.parametrize("pin", ["scipy==1.2", "scipy", "scipy<2", "s @ https://a.b/c"])
def test_a_pin_is_found(pin: str):
    assert not_ranges(project(one=[pin, "torch>=2,<3"])) == [pin]


def test_spelling_does_not_hide_a_package():
    assert unwanted(project(one=["Pillow_HEIF>=1"]), {"pillow-heif"})
