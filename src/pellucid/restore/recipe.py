"""How photographs are restored, as a file says it.

    model = "realrestorer"

    [request]                # fields of `Request`
    steps = 20

    [load]                   # fields of `LoadOptions`
    memory = "streamed"

What the command line says counts more, unless it says what would be so anyway.
"""

from __future__ import annotations

from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from pellucid.core.records import LoadOptions, Name, Request
from pellucid.core.settings import load, settings

T = TypeVar("T", Request, LoadOptions)


@settings
class Recipe:
    """A model, what is wanted of it, and how it runs.

    Attributes:
        model: Name of the restorer.
        request: What is wanted.
        load: Where and how it runs.
    """

    model: Name = "compact"
    request: Request = field(default_factory=Request)
    load: LoadOptions = field(default_factory=LoadOptions)

    def with_said(self, said: Recipe) -> Recipe:
        """Change what another one says that it need not have said.

        Args:
            said: What the command line says.
        """
        return Recipe(
            model=self.model if said.model == Recipe.model else said.model,
            request=_changed(self.request, said.request),
            load=_changed(self.load, said.load),
        )


def load_recipe(path: Path | str) -> Recipe:
    """Read a recipe.

    Raises:
        InputMissing: If there is no such file.
        SettingsError: If it is not TOML, or a name or a value is wrong.
    """
    return load(Recipe, path)


def _changed(told: T, said: T) -> T:
    usual = type(said)()
    changes: dict[str, Any] = {
        each.name: getattr(said, each.name)
        for each in fields(said)
        if getattr(said, each.name) != getattr(usual, each.name)
    }
    return replace(told, **changes)
