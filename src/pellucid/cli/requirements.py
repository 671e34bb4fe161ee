"""What pellucid needs, and what its extras add, as its own metadata says it.

The metadata are those of the installed package, so a new extra in `pyproject.toml`
appears here by itself. Versions are not compared: pip has done that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version

PACKAGE = "pellucid"
REQUIREMENT = re.compile(r"\s*(?P<name>[\w.-]+)\s*(\[(?P<extras>[^]]*)\])?")
EXTRA = re.compile(r"extra\s*==\s*['\"](?P<name>[\w.-]+)['\"]")

_Direct = dict[str, list[tuple[str, list[str]]]]  # extra: distributions, their extras


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """Names of distributions.

    Attributes:
        core: What a plain installation pulls.
        extras: Name of an extra to what it adds, other extras resolved.
        is_installed: False when pellucid runs from its source without installation,
            so that nothing is known.
    """

    core: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str]])
    is_installed: bool = True


def requirements() -> Requirements:
    """Read what the installed package requires."""
    try:
        lines = requires(PACKAGE) or []
    except PackageNotFoundError:
        return Requirements(is_installed=False)
    return parse(lines)


def parse(lines: list[str]) -> Requirements:
    """Sort requirements into the core and the extras.

    Args:
        lines: As in ``Requires-Dist``: ``torch<3,>=2.6; extra == "models"``. Those
            for some systems only are left to pip.
    """
    core: list[str] = []
    direct: _Direct = {}
    for line in lines:
        wanted, _, marker = line.partition(";")
        match = REQUIREMENT.match(wanted)
        assert match is not None
        inner = [each.strip() for each in (match["extras"] or "").split(",")]
        if extra := EXTRA.fullmatch(marker.strip()):
            direct.setdefault(extra["name"], []).append((match["name"], inner))
        elif not marker:
            core.append(match["name"])
    extras = {name: tuple(dict.fromkeys(_resolved(name, direct))) for name in direct}
    return Requirements(core=tuple(core), extras=extras)


def installed_version(distribution: str) -> str | None:
    """Find the version of a distribution; None when it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _resolved(extra: str, direct: _Direct) -> list[str]:
    """Follow extras that name other extras of ours; pip has refused circles."""
    names: list[str] = []
    for name, inner in direct.get(extra, []):
        if name == PACKAGE:
            for other in inner:
                names += _resolved(other, direct)
        else:
            names.append(name)
    return names
