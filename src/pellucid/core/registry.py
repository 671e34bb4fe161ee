"""Plug-ins found by name: a file in our folder, or an entry point in yours.

A module or package in a plug-in folder is a plug-in. Its name is the file name, and
it ends with ``PLUGIN: type[...] = TheClass``. From outside, an entry point of the
same kind does the same. Listing imports no plug-in; getting one imports one.
"""

from __future__ import annotations

import pkgutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from inspect import isclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pellucid.core.errors import (
    MissingDependency,
    PellucidError,
    PluginError,
    UnknownName,
    did_you_mean,
)

if TYPE_CHECKING:
    from pellucid.core.protocols import (
        Degradation,
        Format,
        Judge,
        Metric,
        Restorer,
        Suite,
    )

T = TypeVar("T")


@dataclass(frozen=True)
class _Claim:
    """One place that offers a plug-in, ours written as an entry point too."""

    point: EntryPoint
    place: str
    is_ours: bool


@dataclass(frozen=True)
class Registry(Generic[T]):
    """All plug-ins of one kind.

    Attributes:
        kind: One word for messages: ``degradation``.
        folder: Package whose modules are plug-ins: ``pellucid.degrade.kinds``. A
            package that is not there has no plug-ins.
        group: Entry points that are plug-ins too: ``pellucid.degradations``.
    """

    kind: str
    folder: str
    group: str

    def names(self) -> list[str]:
        """List what there is, sorted, without importing a plug-in."""
        return sorted(self._claims())

    def get(self, name: str) -> T:
        """Import one plug-in.

        Raises:
            UnknownName: If there is none of this name.
            PluginError: If two claim the name, or the plug-in is broken.
            MissingDependency: If it needs a package that cannot be imported.
        """
        claim = self._claim(name)
        file = self._import(claim)
        try:
            plugin: Any = claim.point.load()
        except AttributeError:
            hint = f"Its last line should be `PLUGIN: type[{self.kind.title()}] = ...`."
            if not claim.is_ours:
                hint = f"{claim.place} announces it: correct the entry point."
            raise PluginError(f"{file} has no `{claim.point.attr}`.", hint) from None
        if not isclass(plugin):
            what = f"The {self.kind} `{name}` in {file} is not a class."
            raise PluginError(what, "Assign the class itself, not an instance of it.")
        return plugin  # pyright: ignore[reportReturnType]  # the plug-in's own
        # annotation, `PLUGIN: type[...]`, is where the promise is proved

    def origin(self, name: str) -> str:
        """Say where a plug-in comes from: ``built in``, or its distribution."""
        claim = self._claim(name)
        return "built in" if claim.is_ours else claim.place

    def __contains__(self, name: object) -> bool:
        return name in self._claims()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _claim(self, name: str) -> _Claim:
        claims = self._claims()
        match claims.get(name, []):
            case []:
                what = f"There is no {self.kind} called `{name}`."
                raise UnknownName(what, did_you_mean(name, claims))
            case [claim]:
                return claim
            case several:
                places = " and ".join(claim.place for claim in several)
                what = f"The {self.kind} `{name}` is claimed twice: by {places}."
                raise PluginError(what, "Uninstall or rename all but one of them.")

    def _claims(self) -> Mapping[str, list[_Claim]]:
        claims: defaultdict[str, list[_Claim]] = defaultdict(list)
        places = tuple((each, _changed_ns(each)) for each in _locations(self.folder))
        ours = _ours(places, self.folder, self.group)
        for claim in (*ours, *_installed(self.group, tuple(sys.path))):
            claims[claim.point.name].append(claim)
        return dict(claims)

    def _import(self, claim: _Claim) -> str:
        """Import the module of a plug-in, and say which file it is."""
        what = f"The {self.kind} `{claim.point.name}` ({claim.place})"
        try:
            module = import_module(claim.point.module)
        except PellucidError:
            raise
        except ImportError as error:
            package = (error.name or "").partition(".")[0]
            own = {self.folder.partition(".")[0], claim.point.module.partition(".")[0]}
            if package in own:
                raise PluginError(f"{what} cannot be imported: {error}.") from error
            needs = f"the package `{package}`" if package else "a package"
            what = f"{what} needs {needs} that cannot be imported: {error}."
            hint = f"Install {f'`{package}`' if package else 'it'}, then try again."
            raise MissingDependency(what, hint) from error
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(f"{what} cannot be imported: {reason}.") from error
        return module.__file__ or claim.point.module


@lru_cache(maxsize=32)
def _ours(
    places: tuple[tuple[str, int], ...], folder: str, group: str
) -> tuple[_Claim, ...]:
    """List the modules of a folder; once, since runs over many files ask often.

    Args:
        places: Where the folder lies, and when it was changed: then it is listed anew.
        folder: As in `Registry`.
        group: As in `Registry`.
    """
    found: list[_Claim] = []
    for place, _ in places:  # one by one, so that two folders
        for module in pkgutil.iter_modules([place]):  # cannot hide a double
            name = module.name
            if name.isidentifier() and not name.startswith("_"):
                point = EntryPoint(name, f"{folder}.{name}:PLUGIN", group)
                found.append(_Claim(point, str(Path(place, name)), is_ours=True))
    return tuple(found)


def _changed_ns(place: str) -> int:
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:  # in a zip, or not there
        return 0


def _locations(folder: str) -> Iterable[str]:
    """Find where a package lies without importing it.

    Looks at one parent after the other, because only a parent that is absent means
    that there are no plug-ins; one that breaks must be heard.
    """
    parts = folder.split(".")
    for end in range(1, len(parts)):
        if find_spec(".".join(parts[:end])) is None:
            return ()
    spec = find_spec(folder)
    return (spec.submodule_search_locations if spec else None) or ()


@lru_cache(maxsize=32)
def _installed(group: str, path: tuple[str, ...]) -> tuple[_Claim, ...]:
    """Read the entry points of a group; once, since it opens every distribution.

    ``path`` is not used: it is ``sys.path``, and another one is another answer.
    """
    points = entry_points(group=group)
    return tuple(_Claim(point, _announcer(point), is_ours=False) for point in points)


def _announcer(point: EntryPoint) -> str:
    name = point.dist.name if point.dist else "an unknown distribution"
    return f"{name}, {point.value}"


FORMATS: Registry[type[Format]] = Registry(
    "format", "pellucid.core.formats", "pellucid.formats"
)
DEGRADATIONS: Registry[type[Degradation]] = Registry(
    "degradation", "pellucid.degrade.kinds", "pellucid.degradations"
)
RESTORERS: Registry[type[Restorer]] = Registry(
    "restorer", "pellucid.restore.models", "pellucid.restorers"
)
METRICS: Registry[type[Metric]] = Registry(
    "metric", "pellucid.metrics.scores", "pellucid.metrics"
)
JUDGES: Registry[type[Judge]] = Registry(
    "judge", "pellucid.metrics.judges", "pellucid.judges"
)
SUITES: Registry[type[Suite]] = Registry(
    "suite", "pellucid.bench.suites", "pellucid.suites"
)

REGISTRIES: Mapping[str, Registry[Any]] = MappingProxyType(
    {
        "formats": FORMATS,
        "degradations": DEGRADATIONS,
        "restorers": RESTORERS,
        "metrics": METRICS,
        "judges": JUDGES,
        "suites": SUITES,
    }
)
