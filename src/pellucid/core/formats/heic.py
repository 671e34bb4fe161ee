"""HEIC and HEIF, the format of phones: read with all their bits. Read only.

The package that encodes HEIC comes with x265 under the GPL, so it is not used here.
Source: ISO/IEC 23008-12, through libheif (extra ``heic``, pi-heif).
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from pellucid.core.errors import BadImage, CannotWrite, MissingDependency
from pellucid.core.exif import orientation, with_orientation
from pellucid.core.image import Carried, Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format
from pellucid.core.samples import to_unit

BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})


class Heic:
    """The format of phones: 8 to 12 bits, lossy, alpha."""

    title: ClassVar[str] = "HEIC"
    extensions: ClassVar[tuple[str, ...]] = (".heic", ".heif", ".hif")
    holds: ClassVar[frozenset[str]] = frozenset({"alpha", "icc", "exif", "xmp"})
    sample_types: ClassVar[tuple[str, ...]] = ()

    def recognises(self, data: bytes) -> bool:
        """An ISO media file of a HEIF brand, and not of the brand avif."""
        brands = {data[at : at + 4] for at in range(8, 64, 4)}
        return data[4:8] == b"ftyp" and data[8:12] in BRANDS and b"avif" not in brands

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode the primary picture; libheif turns it upright."""
        pi_heif = _pi_heif()
        file = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
        limits.check(*file.size)
        mode = file.mode.split(";")[0]
        if mode not in {"L", "RGB", "RGBA"}:
            raise BadImage(
                f"Its HEIC mode `{file.mode}` has no conversion to RGB here."
            )
        samples = np.asarray(file).reshape(file.size[1], file.size[0], -1)
        exif = (file.info.get("exif") or b"").removeprefix(b"Exif\0\0")
        carried = Carried(
            format="heic",
            sample_type=samples.dtype.name,
            is_gray=mode == "L",
            icc=file.info.get("icc_profile"),
            # libheif turned the picture by its own box; the tag means nothing here
            # (ISO/IEC 23008-12, A.2).
            exif=with_orientation(exif, 1) or None,
            orientation=orientation(exif),
            xmp=file.info.get("xmp"),
            encoding={"lossless": False, "bits": file.info.get("bit_depth", 8)},
            warnings=("Further pictures are left out.",) if len(file) > 1 else (),
        )
        alpha = to_unit(samples[:, :, 3]) if mode == "RGBA" else None
        pixels = to_unit(np.ascontiguousarray(samples[:, :, :3]))
        if mode == "L":
            pixels = np.repeat(pixels, 3, axis=2)
        return Image(pixels, alpha, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """No free encoder has a licence that fits here.

        Raises:
            CannotWrite: Always.
        """
        del image, options
        what = "HEIC is read, but not written."
        raise CannotWrite(what, "Write PNG, AVIF or JPEG: `--format avif`.")


def _pi_heif() -> Any:
    try:
        return import_module("pi_heif")  # has no types
    except ImportError as error:
        what = "HEIC files need the package pi-heif, which is not installed."
        raise MissingDependency(what, 'pip install "pellucid[heic]"') from error


PLUGIN: type[Format] = Heic
