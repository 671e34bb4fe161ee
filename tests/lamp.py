"""A tiny restorer and diagnoser: dark pictures are made lighter.

Importable by name, as worker processes need it, and installed as an entry point into
a folder by `install`, as pip would.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import EnvironmentFailure, MissingModel
from pellucid.core.image import Image
from pellucid.core.protocols import Restorer
from pellucid.core.records import Diagnosis, Finding, LoadOptions, ModelCard, Request
from pellucid.restore import diagnose
from pellucid.restore.file import ready

DARK = 0.35  # mean below which a picture is dark
NAME = "lamp"
ENTRY_POINTS = """[pellucid.restorers]
lamp = lamp:Lamp
darkener = lamp:Darkener
weightless = lamp:Weightless
slow = lamp:Slow
hurried = lamp:Hurried
deadly = lamp:Deadly
"""


def see(image: Image) -> Diagnosis:
    """Find a picture dark or not."""
    mean = float(image.pixels.mean())
    is_dark = mean < DARK
    return Diagnosis(
        findings=(
            Finding(
                kind="low_light",
                presence=0.9 if is_dark else 0.1,
                severity=max(0.0, 1.0 - mean),
                confidence=0.9,
            ),
        )
    )


class Lamp:
    """Makes pictures lighter."""

    card: ClassVar[ModelCard] = ModelCard(
        name=NAME,
        title="Lamp",
        version="1",
        tasks=("auto", "low-light", "general"),
        licence="Apache-2.0",
        commercial_use=True,
        generative=False,
        parameters=1,
        memory_gib=0.1,
        source="tests/lamp.py",
    )

    def __init__(self, options: LoadOptions) -> None:
        self.device = "cpu"
        self.dtype = "float32"
        self.tile = options.tile
        self.weights_sha256: dict[str, str] = {}

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        return cls(options)

    def restore(self, image: Image, request: Request) -> Image:
        return image.with_pixels(np.sqrt(image.pixels))


class Darkener(Lamp):
    """Does harm, which the guards must notice."""

    def restore(self, image: Image, request: Request) -> Image:
        return image.with_pixels(image.pixels * np.float32(0.2))


class Weightless(Lamp):
    """Has no weights."""

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        raise MissingModel("The weights of `weightless` are not here.", "Fetch them.")


class Hurried(Lamp):
    """Has speed-ups, one of which does not work here, and a way with fewer bits."""

    speed_ups: ClassVar[tuple[str, ...]] = ("sloppy", "broken")

    def __init__(self, options: LoadOptions) -> None:
        super().__init__(options)
        self.memory = options.memory
        self.is_prepared = False

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        if options.memory not in ("auto", "few-bits"):
            raise MissingModel(f"There is no way `{options.memory}`.", "Choose.")
        return cls(options)

    def prepare_speed_ups(self, images: Sequence[Image], request: Request) -> None:
        self.is_prepared = True

    def restore(self, image: Image, request: Request) -> Image:
        exact = np.sqrt(image.pixels)
        if "broken" in request.speed_ups:
            raise EnvironmentFailure("It does not work here.", "Leave it out.")
        if "sloppy" in request.speed_ups:
            assert self.is_prepared
            exact = exact * np.float32(0.99)
        if self.memory == "few-bits":
            exact = exact * np.float32(0.9)
        return image.with_pixels(exact)


class Slow(Lamp):
    """Hangs on pictures that are 13 pixels wide."""

    def restore(self, image: Image, request: Request) -> Image:
        if image.width == 13:
            if path := os.environ.get("LAMP_HANGS"):
                Path(path).touch()
            time.sleep(600)
        return super().restore(image, request)


class Deadly(Lamp):
    """Kills its process on pictures that are 13 pixels wide."""

    def restore(self, image: Image, request: Request) -> Image:
        if image.width == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().restore(image, request)


def draw(path: Path, seed: int = 0, *, width: int = 9, light: int = 80) -> Path:
    """Save a picture of noise: dark, unless its lightest value is high."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, light, (8, width, 3), np.uint8)
    Pillow.fromarray(values).save(path, lossless=True)
    return path


def install(folder: Path) -> None:
    """Write what pip would leave behind; the folder belongs on ``sys.path``."""
    place = folder / "lamp-1.0.dist-info"
    place.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: lamp\nVersion: 1.0\n"
    (place / "METADATA").write_text(metadata)
    (place / "entry_points.txt").write_text(ENTRY_POINTS)


def plug_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the restorers known and this diagnoser the one of the package."""
    install(folder / "site")
    monkeypatch.syspath_prepend(folder / "site")
    monkeypatch.setattr(diagnose, "diagnose", see)
    ready.cache_clear()
    return folder / "site"


def light_up() -> int:
    """Run the command line with this diagnoser; for processes of their own."""
    from pellucid.cli.main import main

    diagnose.diagnose = see
    return main()


PLUGIN: type[Restorer] = Lamp

if __name__ == "__main__":
    # Not `light_up`: what workers get must be importable as `lamp`, not `__main__`.
    import lamp

    sys.exit(lamp.light_up())
