"""Faster ways that make another picture, a little: none is used unless it is named.

How far each is from the exact result is measured by `pellucid gate`, and for random
weights by `benchmarks/realrestorer.py`.

Source: T. Kynkäänniemi et al., "Applying Guidance in a Limited Interval", NeurIPS 2024;
        J. Liu et al., "From Reusing to Forecasting" (TaylorSeer), ICCV 2025; Z. Ma et
        al., "MagCache", NeurIPS 2025; the cache of the first block is that of
        ParaAttention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pellucid.core.errors import SettingsError, UnknownName, did_you_mean

if TYPE_CHECKING:
    from pellucid.restore.models.realrestorer.engine import Manner

LATE = 0.5  # below this time the guidance changes little
HALF = 14  # steps of the second order, in place of 28

MEASURED = "mag-cache"  # needs numbers that are measured on the weights

# What each changes in the manner of a walk.
SPEEDUPS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "guidance-interval": {"guided_until": LATE},
        "second-order": {"order": 2, "steps": HALF},
        "first-block-cache": {"cache": "first-block"},
        MEASURED: {"cache": "magnitude"},
        "taylor-cache": {"cache": "taylor"},
        "compile": {"is_compiled": True},
    }
)


def hastened(manner: Manner, names: Iterable[str], *, keep_steps: bool) -> Manner:
    """Change the manner of a walk.

    Args:
        manner: The exact one.
        names: Of `SPEEDUPS`.
        keep_steps: The number of steps was asked for.

    Raises:
        UnknownName: If there is no such speed-up.
        SettingsError: If two of them do not go together.
    """
    changed: dict[str, Any] = {}
    for name in names:
        if name not in SPEEDUPS:
            what = f"There is no speed-up `{name}`."
            raise UnknownName(what, did_you_mean(name, SPEEDUPS))
        if shared := set(SPEEDUPS[name]) & set(changed):
            what = f"`{name}` does not go with another: both change {shared.pop()}."
            raise SettingsError(what, "Name one of them.")
        changed |= SPEEDUPS[name]
    if keep_steps:
        changed.pop("steps", None)
    return replace(manner, **changed)
