"""AVIF: read and written with 8 bits; deeper pictures are read with a warning.

Source: AV1 Image File Format 1.1, AV1 codec ISO media file format binding 1.2.
"""

from __future__ import annotations

import io
from typing import ClassVar

from PIL.AvifImagePlugin import AvifImageFile
from PIL.Image import Exif

from pellucid.core.errors import CannotWrite
from pellucid.core.exif import without_orientation
from pellucid.core.image import Carried, Image
from pellucid.core.modes import open_header, planes_of, quiet, stacked, to_pillow
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format

DEFAULT_QUALITY = 90
LARGEST_SIDE = 32_768  # what libavif reads
BRANDS = (b"avif", b"avis")
HDR = {16: "PQ", 18: "HLG"}  # transfer characteristics of ITU-T H.273


class Avif:
    """The small successor of JPEG: lossy here, 8 bits, alpha."""

    title: ClassVar[str] = "AVIF"
    extensions: ClassVar[tuple[str, ...]] = (".avif",)
    holds: ClassVar[frozenset[str]] = frozenset(
        {"alpha", "gray", "quality", "icc", "exif", "xmp"}
    )
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        """An ISO media file with the brand avif."""
        return data[4:8] == b"ftyp" and any(
            data[at : at + 4] in BRANDS for at in range(8, 64, 4)
        )

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode an AVIF, or the first frame of a sequence."""
        picture = open_header(AvifImageFile, data, limits)
        warnings = _warnings(data)
        if picture.n_frames > 1:
            warnings.append("It is an animation; only its first frame is read.")
        planes = planes_of(picture)
        exif = picture.info.get("exif")
        carried = Carried(
            format="avif",
            is_gray=planes.is_gray,
            icc=picture.info.get("icc_profile"),
            exif=exif.removeprefix(b"Exif\0\0") if exif else None,
            xmp=picture.info.get("xmp"),
            encoding={"lossless": False},
            warnings=tuple(warnings),
        )
        return Image(planes.pixels, planes.alpha, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write with full colour resolution."""
        carried = image.carried
        _check(image)
        out = io.BytesIO()
        # With an orientation tag Pillow would write EXIF anew; its absence means 1.
        samples = stacked(image, "uint8", gray=carried.is_gray)
        to_pillow(samples).save(
            out,
            "AVIF",
            quality=options.quality or DEFAULT_QUALITY,
            subsampling="4:0:0" if carried.is_gray else "4:4:4",
            icc_profile=carried.icc or b"",
            exif=without_orientation(carried.exif) if carried.exif else b"",
            xmp=carried.xmp or b"",
        )
        return out.getvalue()


def _check(image: Image) -> None:
    """Refuse what libavif would write but not read, and EXIF that Pillow cannot.

    Raises:
        CannotWrite: If it is one of these.
    """
    if max(image.width, image.height) > LARGEST_SIDE:
        what = f"AVIF holds {LARGEST_SIDE} pixels across; this is larger."
        raise CannotWrite(what, "Write PNG or TIFF: `--format png`.")
    try:
        with quiet():
            Exif().load(image.carried.exif or b"")
    except Exception as error:  # Pillow reads EXIF before it writes it
        what = "Its EXIF block is broken, and AVIF cannot hold it."
        raise CannotWrite(what, "Leave it out: `--metadata safe`.") from error


def _warnings(data: bytes) -> list[str]:
    """Say what 8 bits of plain colour cannot show."""
    warnings: list[str] = []
    at = data.find(b"av1C")
    flags = data[at + 6 : at + 7] if at >= 0 else b""
    if flags and flags[0] & 0x40:
        bits = 12 if flags[0] & 0x20 else 10
        warnings.append(f"Its {bits} bits per sample are read as 8.")
    at = data.find(b"colrnclx")
    transfer = int.from_bytes(data[at + 10 : at + 12], "big") if at >= 0 else 1
    if transfer in HDR:
        what = (
            f"It is an HDR picture ({HDR[transfer]}); brightness will look different."
        )
        warnings.append(what)
    return warnings


PLUGIN: type[Format] = Avif
