from importlib.metadata import PackageNotFoundError

import pytest

from pellucid.cli import requirements as module
from pellucid.cli.requirements import parse, requirements

LINES = [
    "numpy<3,>=2.1",
    "colorama; platform_system == 'Windows'",
    'torch<3,>=2.6; extra == "models"',
    "pellucid[degrade,models]; extra == 'train'",
    'ray[data]>=2.40; extra == "train"',
    'scipy; extra == "degrade"',
    'odd; extra == "degrade" and python_version < "3.12"',
    'pellucid[models,train]; extra == "all"',
]


def test_requirements_are_sorted_and_extras_follow_one_another():
    found = parse(LINES)
    assert found.core == ("numpy",)
    assert found.extras["models"] == ("torch",)
    assert found.extras["train"] == ("scipy", "torch", "ray")
    assert found.extras["all"] == ("torch", "scipy", "ray")


def test_a_program_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch):
    def fail(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "requires", fail)
    assert not requirements().is_installed


def test_versions_are_those_installed():
    assert module.installed_version("pytest") == pytest.__version__
    assert module.installed_version("no-such-distribution") is None
