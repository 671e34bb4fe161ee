"""A chain in a file: TOML with one table for each link.

    choose = [1, 2]          # how many links happen to a picture

    [[link]]
    kind = "haze"            # a degradation
    probability = 0.8        # its chance, or its weight under `choose`
    severity = [0.2, 0.9]    # mildest and strongest
    density = [0.8, 2.0]     # any setting of the degradation

    [[tail]]                 # links that come after the others
    kind = "web"
    probability = 0.3

Without ``choose`` every link happens by its own probability, without ``severity`` the
degradation draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from annotated_types import MinLen

from pellucid.core.errors import SettingsError
from pellucid.core.records import Count, Name, Share
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.settings import (
    JsonValue,
    build,
    override,
    read_toml,
    settings,
)
from pellucid.degrade.chain import Chain, Link

Table = dict[str, JsonValue]


@settings
class Recipe:
    """A chain as a file writes it.

    Attributes:
        link: What may happen, in order. Each table has ``kind``, and may have
            ``probability``, ``severity`` and settings of that kind.
        tail: What comes after, each by its own probability.
        choose: Fewest and most links that happen to one picture.
    """

    link: Annotated[tuple[Table, ...], MinLen(1)]
    tail: tuple[Table, ...] = ()
    choose: tuple[Count, Count] | None = None


@settings
class _Head:
    """What a link has beside the settings of its kind.

    Attributes:
        kind: Name of the degradation.
        probability: Its chance, or its weight under ``choose``.
        severity: Mildest and strongest; None leaves it to the degradation.
    """

    kind: Name
    probability: Share = 1.0
    severity: tuple[Share, Share] | None = None

    def __post_init__(self) -> None:
        mild, strong = self.severity or (0.0, 1.0)
        if mild > strong:
            raise ValueError(f"The severity must rise, got [{mild}, {strong}].")


def load_recipe(path: Path | str, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe and the assignments of ``--set``, such as ``link.0.density=...``.

    Raises:
        InputMissing: If there is no such file.
        SettingsError: If it is no recipe.
    """
    return build(Recipe, override(read_toml(path), overrides), str(path))


def of_kinds(names: Sequence[str], overrides: Iterable[str] = ()) -> Recipe:
    """Make the recipe of some degradations, one after the other.

    Args:
        names: Of the degradations, in order.
        overrides: Assignments to their settings: ``density=[1, 2]`` where there is
            one degradation, ``haze.density=[1, 2]`` where there are several.

    Raises:
        SettingsError: If an assignment does not say which degradation it is for.
    """
    tables: dict[str, Table] = {name: {"kind": name} for name in names}
    for key, value in override({}, overrides).items():
        if key in tables and isinstance(value, dict):
            tables[key].update(cast("Table", value))
        elif len(tables) == 1:
            tables[names[0]][key] = value
        else:
            what = f"`{key}` could be a setting of {' or '.join(tables)}."
            raise SettingsError(what, f"Write `{names[0]}.{key}=...`.")
    return Recipe(link=tuple(tables[name] for name in names))


def chain_of(
    recipe: Recipe, fields: Mapping[str, Any] | None = None, where: str = ""
) -> Chain:
    """Build the chain that a recipe describes.

    Args:
        recipe: What a file says.
        fields: Settings for every kind that has them and does not set them itself,
            such as ``assets``.
        where: The file, to begin messages with.

    Raises:
        UnknownName: If there is no such degradation.
        SettingsError: If a setting is unknown or wrong.
    """
    given = fields or {}
    links = tuple(_link(each, given, where) for each in recipe.link)
    tail = tuple(_link(each, given, where) for each in recipe.tail)
    try:
        return Chain(links=links, choose=recipe.choose, tail=tail)
    except SettingsError as error:  # a chain does not know its file
        begin = f"{where}: " if where else ""
        raise SettingsError(f"{begin}{error}", error.hint) from None


def _link(table: Table, given: Mapping[str, Any], where: str) -> Link:
    own = {
        key: table[key] for key in ("kind", "probability", "severity") if key in table
    }
    head = build(_Head, own, where)
    cls = DEGRADATIONS.get(head.kind)
    known = getattr(cls, "__dataclass_fields__", {})
    defaults = {key: each for key, each in given.items() if key in known}
    ranges = {key: each for key, each in table.items() if key not in own}
    kind = build(cls, {**defaults, **ranges}, f"{where}: {head.kind}" if where else "")
    return Link(
        name=head.kind,
        kind=kind,
        probability=head.probability,
        severity=head.severity,
    )
