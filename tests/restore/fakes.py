"""A restorer and a diagnosis that do what a test says, and nothing that is learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.core.image import Image, Pixels
from pellucid.core.records import Diagnosis, Finding, LoadOptions, ModelCard, Request

ALL = ("auto", "general", "denoise", "dehaze", "derain", "low-light", "deblur")


def card(*tasks: str) -> ModelCard:
    return ModelCard(
        name="fake",
        title="A fake",
        version="1",
        tasks=tasks or ALL,
        licence="CC0-1.0",
        commercial_use=True,
        generative=False,
        parameters=0,
        memory_gib=0.0,
        source="tests",
    )


@dataclass
class Fake:
    """A restorer made of one function on pixels; it remembers what it was asked."""

    card: ClassVar[ModelCard] = card()
    repair: Callable[[Pixels], Pixels] = lambda pixels: pixels
    asked: list[Request] = field(default_factory=list[Request])

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        return cls()

    def restore(self, image: Image, request: Request) -> Image:
        self.asked.append(request)
        return image.with_pixels(self.repair(image.pixels))


def diagnosis(**damages: float) -> Diagnosis:
    """Damages that are surely there, with their severity."""
    return Diagnosis(
        findings=tuple(
            Finding(kind=kind, presence=1.0, severity=severity, confidence=1.0)
            for kind, severity in damages.items()
        )
    )


def roughness(kind: str = "noise", worst: float = 0.1) -> Callable[[Image], Diagnosis]:
    """A diagnosis that takes steps between neighbours for damage of one kind."""

    def diagnose(image: Image) -> Diagnosis:
        steps = np.abs(np.diff(image.pixels, axis=1))
        severity = min(1.0, float(steps.mean()) / worst) if steps.size else 0.0
        presence = 1.0 if severity > 0.1 else 0.0
        found: Any = {"kind": kind, "severity": severity, "confidence": 1.0}
        return Diagnosis(findings=(Finding(presence=presence, **found),))

    return diagnose


def smoothed(pixels: Pixels) -> Pixels:
    """Mean of three columns: the one repair that our fake knows."""
    wide = np.pad(pixels, ((0, 0), (1, 1), (0, 0)), mode="edge")
    mean = (wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]) / np.float32(3)
    return np.clip(mean, 0.0, 1.0)
