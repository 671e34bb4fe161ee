"""What tensors are called in one layout and in another, as data.

A layout is a list of `Rule`: one tensor there is one tensor here, or several that stand
one below the other in it, or its halves swapped. Every rule can be turned round, so a
file can be written in the layout it was read from.

``{i}`` in a name stands for any number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

NUMBER = "{i}"


@dataclass(frozen=True)
class Rule:
    """One tensor of a layout, and what it is here.

    Attributes:
        theirs: Its name there.
        ours: Names of the parts here, first rows first.
        shares: Rows of each part, in proportion.
        is_swapped: Whether both halves of the rows have changed places.
    """

    theirs: str
    ours: tuple[str, ...]
    shares: tuple[int, ...] = (1,)
    is_swapped: bool = False

    def apart(self, tensor: Tensor) -> list[Tensor]:
        """Turn their tensor into ours.

        Raises:
            ValueError: If its rows cannot be shared out.
        """
        if self.is_swapped:
            return [swapped(tensor)]
        if len(self.ours) == 1:
            return [tensor]
        unit, rest = divmod(len(tensor), sum(self.shares))
        if rest:
            raise ValueError(f"{len(tensor)} rows cannot be shared out.")
        return list(tensor.split([unit * share for share in self.shares]))

    def together(self, parts: Sequence[Tensor]) -> Tensor:
        """Turn our tensors into theirs."""
        whole = parts[0] if len(parts) == 1 else torch.cat(list(parts))
        return swapped(whole) if self.is_swapped else whole


@dataclass(frozen=True)
class Layout:
    """All rules of a layout.

    Attributes:
        rules: The first that fits a name counts.
    """

    rules: tuple[Rule, ...]

    def find(self, name: str) -> Rule | None:
        """The rule for one of their names, with its numbers; None if there is none."""
        for rule in self.rules:
            found = _pattern(rule.theirs).fullmatch(name)
            if found:
                numbers = found.groups()
                ours = tuple(_filled(each, numbers) for each in rule.ours)
                return Rule(name, ours, rule.shares, rule.is_swapped)
        return None

    def theirs(self, names: Iterable[str]) -> dict[str, Rule]:
        """Find the rules that make up some of our names, by their names.

        Raises:
            KeyError: If one of ours is in no rule.
        """
        found: dict[str, Rule] = {}
        for name in names:
            rule = self._making(name)
            found[rule.theirs] = rule
        return found

    def _making(self, name: str) -> Rule:
        for rule in self.rules:
            for part in rule.ours:
                fits = _pattern(part).fullmatch(name)
                if fits:
                    numbers = fits.groups()
                    ours = tuple(_filled(each, numbers) for each in rule.ours)
                    theirs = _filled(rule.theirs, numbers)
                    return Rule(theirs, ours, rule.shares, rule.is_swapped)
        raise KeyError(name)


def swapped(tensor: Tensor) -> Tensor:
    """Let both halves of the rows change places."""
    first, second = tensor.chunk(2)
    return torch.cat([second, first])


def with_weight_and_bias(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Turn rules for layers into rules for their weights and biases."""
    return tuple(
        Rule(
            f"{rule.theirs}.{kind}",
            tuple(f"{each}.{kind}" for each in rule.ours),
            rule.shares,
            rule.is_swapped,
        )
        for rule in rules
        for kind in ("weight", "bias")
    )


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(r"(\d+)".join(map(re.escape, name.split(NUMBER))))


def _filled(name: str, numbers: Sequence[str]) -> str:
    for number in numbers:
        name = name.replace(NUMBER, number, 1)
    return name
