"""The restorer that comes with the package: a small U-Net of convolutions.

It repairs what the diagnoser finds, or what the user names. Every operator is local
and none looks farther than `REACH`, so tiles and the whole picture agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Restorer
from pellucid.core.records import PRESENT, SURELY, LoadOptions, ModelCard, Request
from pellucid.restore.diagnose import KINDS, Look, look, weights_folder
from pellucid.restore.diagnose import WEIGHTS as DIAGNOSER
from pellucid.restore.diagnose import session as diagnoser
from pellucid.restore.sessions import Array, Session, runtime_for
from pellucid.restore.tasks import TASKS
from pellucid.restore.tiles import Tell, tiled

WEIGHTS = {"float32": "restorer.onnx", "int8": "restorer-int8.onnx"}
REACH = 144  # px, how far the network looks
TILE, BLEND, MULTIPLE = 1536, 16, 16  # px
OVERLAP = 2 * REACH + BLEND
SMALLEST = OVERLAP + 2 * MULTIPLE  # smaller tiles would hold nothing of their own


@dataclass(frozen=True)
class Compact:
    """Repairs pictures of any size on any CPU."""

    card: ClassVar[ModelCard] = ModelCard(
        name="compact",
        title="Compact",
        version="0.1",
        tasks=tuple(TASKS),
        licence="Apache-2.0",
        commercial_use=True,
        generative=False,
        parameters=6_531_274,
        memory_gib=0.5,
        min_multiple=MULTIPLE,
        source="docs/cards/compact.md",
    )

    session: Session
    tile: int | None = TILE
    threads: int | None = None
    dtype: str = "float32"

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        """Read the weights that come with the package.

        Raises:
            SettingsError: If it does not compute in that type, or on that device.
            MissingModel: If weights are not there.
        """
        dtype = "float32" if options.dtype == "auto" else options.dtype
        if dtype not in WEIGHTS:
            what = f"The compact model does not compute in {dtype}."
            raise SettingsError(what, "Choose float32, or int8, which is faster.")
        runtime = runtime_for(options.device, dtype)
        path = weights_folder() / WEIGHTS[dtype]
        session = Session.open(path, options.threads, runtime)
        tile = max(options.tile or TILE, SMALLEST)
        return cls(session, tile, options.threads, dtype)

    @property
    def device(self) -> str:
        """What computes, in words."""
        return f"cpu, {self.session.runtime}"

    @property
    def weights_sha256(self) -> Mapping[str, str]:
        """Checksums of both networks, by name of the file."""
        return {
            WEIGHTS[self.dtype]: self.session.sha256,
            DIAGNOSER: diagnoser(self.threads).sha256,
        }

    def restore(self, image: Image, request: Request) -> Image:
        """Repair a picture: what the request names, or what is found in it."""
        return self.restore_telling(image, request, lambda done, total: None)

    def restore_telling(self, image: Image, request: Request, tell: Tell) -> Image:
        """Do what `restore` does, and tell of every tile."""
        condition = condition_for(look(image, self.threads), request)

        def repair(pixels: Pixels) -> Pixels:
            planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
            (repaired,) = self.session.run(picture=planes, condition=condition)
            return np.clip(repaired[0].transpose(1, 2, 0), 0.0, 1.0)

        tile = self.tile or TILE
        pixels = tiled(repair, image.pixels, tile, OVERLAP, MULTIPLE, tell, BLEND)
        return image.with_pixels(pixels)


def condition_for(seen: Look, request: Request) -> Array:
    """Put together what steers the network, (1, 38), as in training.

    Named tasks are taken for certain and all others for absent; ``auto`` and
    ``general`` leave it to the look.
    """
    presence = decided(seen.presence)
    named = [TASKS[task] for task in request.task]
    if None not in named:
        presence = np.array([kind in named for kind in KINDS], dtype=np.float32)
    parts = [presence * seen.severity, presence, seen.code]
    return np.concatenate(parts)[None].astype(np.float32)


def decided(presence: Array) -> Array:
    """Bring chances nearer to yes or no: p^2 / (p^2 + (1 - p)^2).

    Told that rain is there by half, the network takes half of it away, and touches a
    clean picture by half: the mean of both answers is its best guess, and worse than
    the likelier one for the eye.

    Where no kind is likelier there than not and yet something surely is, the mean of
    all is the best there is: each keeps its chance, given that anything is there.
    """
    anything = 1 - np.prod(1 - presence)
    if presence.max() <= PRESENT and anything > SURELY:
        return np.divide(presence, anything, dtype=np.float32)
    yes, no = presence * presence, (1 - presence) * (1 - presence)
    return np.divide(yes, yes + no, dtype=np.float32)


PLUGIN: type[Restorer] = Compact
