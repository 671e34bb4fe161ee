"""One clean photograph in, one pair out: damaged, clean, and the record of it.

A pair depends on the plan, the picture and its key, and on nothing else: not on other
pictures, the number of workers or the machine's load. That is why a run that was
killed goes on to the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.core.errors import Incomplete, InputMissing
from pellucid.core.files import read
from pellucid.core.image import Image
from pellucid.core.options import Limits
from pellucid.core.protocols import Params
from pellucid.core.records import Damage, Step
from pellucid.core.seeds import stream
from pellucid.core.settings import plain
from pellucid.core.version import __version__
from pellucid.degrade.chain import Chain, Damaged, Link, apply_steps
from pellucid.degrade.recipe import Recipe, chain_of

# Packages whose version can change a pixel.
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "scipy", "av", "torch")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done to every picture of a run.

    Attributes:
        recipe: The chain.
        seed: Of the run.
        severity: For every link of the chain; None draws it.
        fields: Settings for every kind that has them: ``assets``, ``depth``.
        limits: How much may be read.
    """

    recipe: Recipe
    seed: int = 0
    severity: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def chain(self) -> Chain:
        """The chain, built once."""
        return chain_of(self.recipe, self.fields)

    def resolved(self) -> Recipe:
        """The recipe with every setting spelled out, as this version understands it."""
        return replace(
            self.recipe,
            link=tuple(map(_table, self.chain.links)),
            tail=tuple(map(_table, self.chain.tail)),
        )


def make_pair(
    plan: Plan,
    path: Path,
    key: str,
    copy: int = 0,
    *,
    window: Params | None = None,
    folder: Path | None = None,
) -> tuple[Damaged, Damage]:
    """Damage a photograph, or a stretch of a clip, as the plan says.

    Args:
        plan: What is to be done.
        path: The clean photograph.
        key: Names it within its run; with the seed, it decides what is drawn.
        copy: 0 for the first pair from this photograph, 1 for the next.
        window: If ``path`` is a clip: which of its frames, from `video.windows`. It
            takes the place of the blur that is drawn.
        folder: Where the record will lie: it names the photograph relative to it, so
            that both can be moved, and nobody reads whose machine it was.

    Raises:
        ImageError: If the photograph cannot be used.
        InputMissing: If it is not there.
    """
    steps = plan.chain.sample(stream(plan.seed, key, copy), plan.severity)
    if window is not None:
        others = (step for step in steps if step.kind != "blur")
        steps = (Step(kind="blur", params=window), *others)
    image, checksum = _source(path, window, plan.limits)
    damaged = plan.chain.apply(image, steps)
    source = _relative(path, folder)
    if window is not None:
        steps = (Step(kind="blur", params={**window, "source": source}), *steps[1:])
    record = Damage(
        key=f"{key}#{copy}" if copy else key,
        source=source,
        source_sha256=checksum,
        seed=plan.seed,
        steps=steps,
        pixels_sha256=pixels_sha256(damaged.image),
        versions=versions(),
    )
    return damaged, record


def replay(
    record: Damage,
    path: Path,
    fields: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> tuple[Damaged, list[str]]:
    """Make a damaged picture again from its record.

    Args:
        record: How it was made.
        path: The clean photograph it was made from.
        fields: Settings that a record leaves out, such as ``assets``.
        limits: How much may be read.

    Returns:
        The pair, and what is different from the first time, in whole sentences; no
        sentence means the same pixels, bit for bit.

    Raises:
        Incomplete: If the photograph is not the one of the record.
    """
    steps, window = record.steps, _window(record.steps)
    if window is not None:  # the clip may lie elsewhere now
        window["source"] = path.as_posix()
        steps = (Step(kind=steps[0].kind, params=window), *steps[1:])
    elif file_sha256(path) != record.source_sha256:
        what = f"{path}: It is not the photograph that was damaged then."
        hint = f"Look for the one with SHA-256 {record.source_sha256}."
        raise Incomplete(what, hint)
    image, _ = _source(path, window, limits or Limits())
    damaged = apply_steps(image, steps, fields)
    if pixels_sha256(damaged.image) == record.pixels_sha256:
        return damaged, []
    now = versions()
    others = [
        f"{name} {then} then, {now.get(name, 'none')} now"
        for name, then in record.versions.items()
        if now.get(name) != then
    ]
    why = "; ".join(others) or "the versions are equal, so the machine must differ"
    return damaged, [f"The pixels differ from the first time: {why}."]


def _window(steps: Sequence[Step]) -> Params | None:
    """Tell whether a picture came from a clip, and from which of its frames."""
    if steps and steps[0].params.get("shape") == "frames":
        return dict(steps[0].params)
    return None


def _source(path: Path, window: Params | None, limits: Limits) -> tuple[Image, str]:
    """Read the clean picture, and hash what it comes from."""
    if window is None:
        return read(path, limits), file_sha256(path)
    from pellucid.degrade import video  # only for clips

    return video.clean(path, window), window["sha256"]


def _relative(path: Path, folder: Path | None) -> str:
    if folder is None:
        return path.as_posix()
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.absolute().as_posix()


def file_sha256(path: Path) -> str:
    """Hash a file.

    Raises:
        InputMissing: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror}."
        raise InputMissing(what, "Name the photograph itself.") from error


def pixels_sha256(image: Image) -> str:
    """Hash pixels: float32, little-endian, row by row."""
    pixels = np.ascontiguousarray(image.pixels, dtype="<f4")
    return hashlib.sha256(pixels.data).hexdigest()


def _table(link: Link) -> dict[str, Any]:
    """Write a link as a recipe does."""
    table: dict[str, Any] = {"kind": link.name, "probability": link.probability}
    if link.severity is not None:
        table["severity"] = list(link.severity)
    return {**table, **plain(link.kind)}


def versions() -> dict[str, str]:
    """List what is installed of the packages that can change a pixel."""
    return dict(_versions())


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("pellucid", __version__)]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)
