"""What ``import pellucid`` promises stands in a list, and nothing vanishes from it."""

import inspect
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pellucid

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "reference" / "public-names.txt"


def differences(package: Any, listed: list[str]) -> list[str]:
    names = set(package.__all__)
    gone = [f"{name} has vanished" for name in sorted(set(listed) - names)]
    new = [f"{name} is not listed" for name in sorted(names - set(listed))]
    return gone + new


def unusable(package: Any) -> list[str]:
    """Names that cannot be imported, or say nothing about themselves."""
    missing = object()
    found: list[str] = []
    for name in package.__all__:
        value = getattr(package, name, missing)
        if value is missing:
            found.append(f"{name} cannot be imported")
        elif (inspect.isclass(value) or callable(value)) and not _own_words(value):
            found.append(f"{name} has no docstring")
    return found


def _own_words(value: Any) -> str:
    """A docstring, but not the signature that dataclass writes when there is none."""
    text = value.__doc__ or ""
    return "" if text.startswith(f"{value.__name__}(") else text


def test_the_public_names_are_those_of_the_list():
    listed = LIST.read_text(encoding="utf-8").split()
    assert differences(pellucid, listed) == []


def test_every_public_name_can_be_used_and_is_documented():
    assert unusable(pellucid) == []


def test_completion_shows_the_public_names():
    assert set(pellucid.__all__) <= set(dir(pellucid))


# The rules bite.


def test_a_name_that_vanished_and_one_that_appeared_are_found():
    package = SimpleNamespace(__all__=["new", "old"])
    assert differences(package, ["old", "lost"]) == [
        "lost has vanished",
        "new is not listed",
    ]


def test_a_name_that_cannot_be_used_is_found():
    package = ModuleType("package")

    def mute() -> None: ...

    package.__dict__.update(__all__=["mute", "nowhere"], mute=mute)
    assert unusable(package) == ["mute has no docstring", "nowhere cannot be imported"]
