"""Which damages a picture has, how strong, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.core.records import Diagnosis, Finding
from pellucid.restore.look import look_at
from pellucid.restore.sessions import Session

# In the order of the network's outputs.
KINDS = (
    "blur",
    "compression",
    "flare",
    "haze",
    "low_light",
    "moire",
    "noise",
    "old_photo",
    "rain",
    "reflection",
    "snow",
)
CODE = 16  # numbers for the restorer
WEIGHTS = "diagnoser.onnx"


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What the network says of a picture.

    Attributes:
        presence: Chance of each kind, (kinds,).
        severity: Strength of each if it is there, (kinds,), in [0, 1].
        code: Numbers about light and colour that have no names; for the restorer.
    """

    presence: NDArray[np.float32]
    severity: NDArray[np.float32]
    code: NDArray[np.float32]

    def diagnosis(self) -> Diagnosis:
        """The same as a record."""
        return Diagnosis(
            findings=tuple(
                Finding(
                    kind=kind,
                    presence=presence,
                    severity=severity,
                    confidence=max(presence, 1.0 - presence),
                )
                for kind, presence, severity in zip(
                    KINDS, self.presence.tolist(), self.severity.tolist(), strict=True
                )
            )
        )


def diagnose(image: Image) -> Diagnosis:
    """Say what a picture suffers from.

    Raises:
        MissingModel: If the weights are not there.
    """
    return look(image).diagnosis()


def look(image: Image, threads: int | None = None) -> Look:
    """Look at a picture: its whole, and four places in native resolution."""
    thumbnail, patches = look_at(image.pixels)
    presence, severity, code = session(threads).run(
        thumbnail=thumbnail[None], patches=patches[None]
    )
    return Look(
        presence=np.clip(presence[0], 0.0, 1.0),
        severity=np.clip(severity[0], 0.0, 1.0),
        code=code[0],
    )


def weights_folder() -> Path:
    """Where the weights that come with the package are."""
    return Path(str(files("pellucid.restore.models.compact")))


@lru_cache(maxsize=2)
def session(threads: int | None = None) -> Session:
    """The network, opened once per process."""
    return Session.open(weights_folder() / WEIGHTS, threads)
