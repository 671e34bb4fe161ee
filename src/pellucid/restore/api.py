"""Restoring from Python: load once, then call with a picture of any kind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pellucid.core import protocols
from pellucid.core.files import Written, write
from pellucid.core.image import Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.records import Diagnosis, LoadOptions, Receipt, Request
from pellucid.core.registry import RESTORERS
from pellucid.restore import packet, receipt, shapes
from pellucid.restore.file import MAX_PIXELS
from pellucid.restore.run import Outcome, restore_picture
from pellucid.restore.shapes import Picture
from pellucid.restore.tiles import Tell


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """A picture that was restored.

    Attributes:
        given: What came in.
        outcome: What was done, with the pictures and all that was measured.
        request: What was wanted.
        model: What did it.
        input_sha256: Of the file that came in; None for pictures from memory.
    """

    given: Picture
    outcome: Outcome
    request: Request
    model: protocols.Restorer
    input_sha256: str | None = None

    @cached_property
    def image(self) -> Picture:
        """The picture in the kind that came in; an `Image` where that was a path."""
        return shapes.like(self.picture, self.given)

    @property
    def picture(self) -> Image:
        """The picture as an `Image`, with everything that its file carried."""
        return self.outcome.image

    @property
    def diagnosis(self) -> Diagnosis:
        """What the picture suffered from."""
        return self.outcome.before

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a careful reader should know, in whole sentences."""
        return (*self.picture.carried.warnings, *self.outcome.warnings)

    @cached_property
    def receipt(self) -> Receipt:
        """What was done; it names no output, since nothing was written yet."""
        return receipt.make(
            self.outcome,
            self.request,
            self.model,
            input_sha256=self.input_sha256,
            warnings=self.warnings,
        )

    def save(
        self,
        path: str | os.PathLike[str],
        options: WriteOptions | None = None,
        *,
        overwrite: bool = False,
        with_receipt: bool = False,
        receipt_inside: bool = False,
    ) -> Written:
        """Write the picture to a file, the whole of it or nothing.

        Args:
            path: Where to; its extension says the format.
            options: How; as it came in when None.
            overwrite: A file that is there may be replaced, but never the source.
            with_receipt: Write ``PATH.receipt.json`` as well.
            receipt_inside: Put the receipt into the XMP of the picture.

        Raises:
            OutputExists: If a file is there and may not be replaced.
            CannotWrite: If the format cannot hold the picture.
            EnvironmentFailure: If the machine does not let us write.
        """
        picture = self.picture
        if receipt_inside:
            xmp = packet.with_receipt(picture.carried.xmp, self.receipt)
            picture = picture.with_carried(xmp=xmp)
        written = write(picture, path, options, overwrite=overwrite)
        if with_receipt:
            checksum = receipt.file_sha256(written.path)
            whole = replace(
                self.receipt,
                output_sha256=checksum,
                warnings=(*self.warnings, *written.warnings),
            )
            receipt.write(whole, receipt.beside(written.path), overwrite=overwrite)
        return written


@dataclass(frozen=True)
class Restorer:
    """A model that is loaded, and ready for any number of pictures.

    Attributes:
        model: The plug-in, loaded.
        diagnose: Finds out what a picture suffers from.
        limits: How large a file may be.
    """

    model: protocols.Restorer
    diagnose: Callable[[Image], Diagnosis]
    limits: Limits = field(default_factory=lambda: Limits(max_pixels=MAX_PIXELS))

    @classmethod
    def load(cls, name: str = "compact", **options: Any) -> Self:
        """Load a model. This is the only slow step.

        Args:
            name: Of a restorer plug-in.
            options: Fields of `LoadOptions`: ``device``, ``dtype``, ``tile``,
                ``threads``; of large models also ``weights_folder``, ``memory``.

        Raises:
            UnknownName: If there is no such restorer.
            SettingsError: If there is no such option.
            MissingModel: If weights are not there.
            MissingDependency: If a package is not installed.
            EnvironmentFailure: If the device does not suffice.
        """
        from pellucid.restore.diagnose import diagnose  # late: it brings onnxruntime

        return cls(RESTORERS.get(name).load(LoadOptions(**options)), diagnose)

    def __call__(
        self,
        picture: Picture,
        task: str | tuple[str, ...] = "auto",
        strength: float = 1.0,
        *,
        fidelity: float | None = None,
        seed: int = 0,
        prompt: str = "",
        guards: bool = True,
        tell: Tell | None = None,
        **more: Any,
    ) -> Result:
        """Restore a picture.

        Args:
            picture: A path, bytes of a file, a Pillow picture, a numpy array or an
                `Image`; see `shapes.taken`.
            task: A word of `tasks.TASKS`, or several.
            strength: 0 is the input, 1 the full result.
            fidelity: 1 stays closest to the input, 0 is most free.
            seed: Same seed, same result.
            prompt: Words for a model that reads.
            guards: Look at the result before it is handed out.
            tell: Called with how much is done, of how much.
            more: Other fields of `Request`: ``steps``, ``guidance``, ``language``,
                ``speed_ups``.

        Raises:
            ImageError: If it is no picture.
            UnknownName: If a task is none.
            SettingsError: If a number lies outside its range.
        """
        request = Request(
            task=(task,) if isinstance(task, str) else task,
            strength=float(strength),
            fidelity=fidelity,
            seed=seed,
            prompt=prompt,
            **more,
        )
        outcome = restore_picture(
            shapes.taken(picture, self.limits),
            self.model,
            request,
            diagnose=self.diagnose,
            guards=guards,
            tell=tell,
        )
        return Result(
            given=picture,
            outcome=outcome,
            request=request,
            model=self.model,
            input_sha256=_checksum(picture),
        )


def _checksum(picture: Picture) -> str | None:
    match picture:
        case bytes():
            return hashlib.sha256(picture).hexdigest()
        case str() | os.PathLike():
            return receipt.file_sha256(Path(picture))
        case _:
            return None
