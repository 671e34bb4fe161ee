"""Whether a model fits a machine: what each way of running it takes, and which is best.

Everything is estimated before anything is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

from pellucid.core.errors import EnvironmentFailure, UnknownName, did_you_mean

GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What there is to run on.

    Attributes:
        card: Name of the graphics card; empty without one.
        card_gib: Its free memory.
        cards: How many there are.
        host_gib: Free memory of the machine; None where it cannot be told.
        cores: That may be used.
    """

    card: str = ""
    card_gib: float = 0.0
    cards: int = 0
    host_gib: float | None = None
    cores: int = 1

    @classmethod
    def here(cls) -> Self:
        """Look at this machine."""
        machine = cls(host_gib=_free_gib(), cores=os.cpu_count() or 1)
        try:
            import torch
        except ImportError:
            return machine
        if not torch.cuda.is_available():
            return machine
        return replace(
            machine,
            card=torch.cuda.get_device_name(),
            card_gib=torch.cuda.mem_get_info()[0] / GIB,
            cards=torch.cuda.device_count(),
        )


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of running a model on one picture.

    Attributes:
        name: As ``--memory`` calls it.
        about: What it does, in words.
        card_gib: Peak on a graphics card; 0 where none is used.
        cards: How many of them it takes.
        host_gib: Peak in the memory of the machine.
        seconds: How long it takes; None where nobody has measured such a card.
        is_exact: The same picture as with all the memory in the world.
    """

    name: str
    about: str
    card_gib: float
    host_gib: float
    seconds: float | None
    is_exact: bool = True
    cards: int = 1

    def lacks(self, machine: Machine) -> str:
        """Say what a machine has too little of; empty if it fits."""
        if self.card_gib and not machine.card:
            return "no graphics card"
        if self.card_gib and self.cards > machine.cards > 0:
            return f"takes {self.cards} graphics cards"
        if self.card_gib > machine.card_gib and self.card_gib:
            return f"the card has {machine.card_gib:.1f} GiB free"
        if machine.host_gib is not None and self.host_gib > machine.host_gib:
            return f"the machine has {machine.host_gib:.1f} GiB free"
        return ""


@runtime_checkable
class Planned(Protocol):
    """A restorer that can be run in several ways."""

    @classmethod
    def ways(cls, width: int, height: int, machine: Machine) -> Sequence[Way]:
        """List them for a picture, the quickest first, by estimate."""
        ...


def choose(ways: Sequence[Way], machine: Machine, name: str = "auto") -> Way:
    """Choose the first way that fits and is exact, or the one that is named.

    Args:
        ways: The quickest first.
        machine: What there is.
        name: Of a way; ``auto`` leaves it to us.

    Raises:
        UnknownName: If there is no way of this name.
        EnvironmentFailure: If none fits; it says what the smallest would take. Or if
            the one that is named takes more cards.
    """
    if name != "auto":
        named = [way for way in ways if way.name == name]
        if not named:
            known = [way.name for way in ways]
            raise UnknownName(f"There is no way `{name}`.", did_you_mean(name, known))
        if named[0].cards > max(1, machine.cards):
            what = f"`{name}` takes {named[0].cards} graphics cards"
            raise EnvironmentFailure(
                f"{what}, and there is {machine.cards or 'none'}.",
                "Choose another way.",
            )
        return named[0]
    fitting = [way for way in ways if not way.lacks(machine)]
    exact = [way for way in fitting if way.is_exact]
    if exact:
        return exact[0]
    least = min(ways, key=lambda way: (way.card_gib, way.host_gib))
    what = f"The model does not fit this machine: `{least.name}`, which takes least,"
    lacks = least.lacks(machine) or "is not exact, and was not asked for"
    hint = "Close what else uses memory"
    if fitting:
        hint += f", or accept another picture: `--memory {fitting[0].name}`"
    raise EnvironmentFailure(
        f"{what} needs {least.card_gib:.1f} GiB on the card and {least.host_gib:.1f}"
        f" GiB beside it: {lacks}.",
        f"{hint}.",
    )


def smaller(ways: Sequence[Way], than: Way) -> Way | None:
    """The next exact way that takes less of the card; None if there is none."""
    less = [way for way in ways if way.is_exact and 0 < way.card_gib < than.card_gib]
    return less[0] if less else None


def _free_gib() -> float | None:
    try:
        import psutil
    except ImportError:
        return None
    return psutil.virtual_memory().available / GIB
