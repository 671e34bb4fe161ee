"""Several degradations in order, each with a chance, and a record of each.

A chain first draws everything and then applies it, so what it drew can be kept and
applied again. Links stand in the order in which light meets them: scene, lens, sensor,
file. The tail comes last: what web sites do to every picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Masking, Retargeting
from pellucid.core.records import Step
from pellucid.core.registry import DEGRADATIONS
from pellucid.degrade.severity import between


@dataclass(frozen=True, kw_only=True)
class Link:
    """One degradation in a chain.

    Attributes:
        name: Of the degradation, as in the registry.
        kind: The degradation with its ranges.
        probability: Chance that it happens; a weight where a number of links is
            chosen.
        severity: What it is walked through with, (mildest, strongest), in [0, 1];
            None leaves it to the degradation, whose draws may be a paper's.
    """

    name: str
    kind: Degradation
    probability: float = 1.0
    severity: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Damaged:
    """What became of a picture.

    Attributes:
        image: The damaged picture.
        clean: What a restorer should make of it: the picture that came in, or where
            a degradation has moved the target, another one.
        masks: Name of a degradation to the places it has destroyed, (height, width);
            where it happens twice, what either has destroyed.
        is_moved: The clean picture is not the one that came in.
    """

    image: Image
    clean: Image
    masks: Mapping[str, Pixels] = field(default_factory=dict[str, Pixels])
    is_moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Links that may happen to a picture, in their order.

    Attributes:
        links: What may happen.
        choose: Fewest and most links that happen to one picture, chosen by their
            weights; None decides each link by its own probability.
        tail: Links that come after the others, each by its own probability.

    Raises:
        SettingsError: If more links are to be chosen than can happen, or links of one
            name have assets in two folders: a record has only the name.
    """

    links: tuple[Link, ...]
    choose: tuple[int, int] | None = None
    tail: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        folders: dict[str, str] = {}
        for link in (*self.links, *self.tail):
            folder = str(getattr(link.kind, "assets", ""))
            if folders.setdefault(link.name, folder) != folder:
                what = f"The links called `{link.name}` differ in `assets`."
                raise SettingsError(what, "Name one folder for all of them.")
        if self.choose is None:
            return
        low, high = self.choose
        usable = sum(link.probability > 0.0 for link in self.links)
        if not 0 <= low <= high <= usable:
            what = (
                f"`choose` must rise from 0 to at most {usable}, got [{low}, {high}]."
            )
            raise SettingsError(what, "It says how many links happen to one picture.")

    def sample(
        self, rng: np.random.Generator, severity: float | None = None
    ) -> tuple[Step, ...]:
        """Draw what happens to one picture.

        Args:
            rng: Where chance comes from.
            severity: For every link in place of its own range; the tail keeps its.
        """
        steps = [_drawn(link, rng, severity) for link in self._chosen(rng)]
        happening = [link for link in self.tail if _happens(link, rng)]
        return (*steps, *(_drawn(link, rng, None) for link in happening))

    def _chosen(self, rng: np.random.Generator) -> list[Link]:
        if self.choose is None:
            return [link for link in self.links if _happens(link, rng)]
        low, high = self.choose
        count = int(rng.integers(low, high + 1))
        weights = np.array([link.probability for link in self.links])
        # The smallest of exponential waiting times: weighted, without replacement
        # (P. Efraimidis and P. Spirakis, 2006).
        waits = -np.log1p(-rng.random(len(weights))) / np.maximum(weights, 1e-12)
        first = sorted(np.argsort(waits, kind="stable")[:count])
        return [self.links[place] for place in first]

    def __call__(
        self, image: Image, rng: np.random.Generator, severity: float | None = None
    ) -> tuple[Damaged, tuple[Step, ...]]:
        """Draw and apply."""
        steps = self.sample(rng, severity)
        return self.apply(image, steps), steps

    def apply(self, image: Image, steps: Sequence[Step]) -> Damaged:
        """Do to a picture what was drawn from this chain."""
        kinds = {link.name: link.kind for link in (*self.links, *self.tail)}
        return _applied(image, [(step, kinds[step.kind]) for step in steps])


def apply_steps(
    image: Image, steps: Sequence[Step], fields: Mapping[str, Any] | None = None
) -> Damaged:
    """Do to a picture what a record says, without the chain it was drawn from.

    Args:
        image: The clean picture.
        steps: What to do.
        fields: Settings for every kind that has them, such as ``assets``.

    Raises:
        UnknownName: If there is no such degradation.
    """
    return _applied(image, [(step, made(step.kind, fields)) for step in steps])


def made(name: str, fields: Mapping[str, Any] | None = None) -> Degradation:
    """Make a degradation, with those of the settings that it knows."""
    cls = DEGRADATIONS.get(name)
    known = getattr(cls, "__dataclass_fields__", {})
    return cls(**{key: each for key, each in (fields or {}).items() if key in known})


def _applied(image: Image, steps: Iterable[tuple[Step, Degradation]]) -> Damaged:
    source, clean, masks = image, image, dict[str, Pixels]()
    for step, kind in steps:
        params = dict(step.params)
        if isinstance(kind, Masking):
            mask = kind.mask(image, params)
            masks[step.kind] = np.maximum(mask, masks.get(step.kind, mask))
        image = kind.apply(image, params)
        if isinstance(kind, Retargeting):
            clean = kind.target(clean, params)
    is_moved = clean is not source
    return Damaged(image=image, clean=clean, masks=masks, is_moved=is_moved)


def _happens(link: Link, rng: np.random.Generator) -> bool:
    return bool(rng.random() < link.probability)


def _drawn(link: Link, rng: np.random.Generator, severity: float | None) -> Step:
    place = float(rng.random())  # drawn in any case: what follows is the same
    if severity is None and link.severity is not None:
        severity = between(link.severity, place)
    return Step(kind=link.name, params=link.kind.sample(rng, severity))
