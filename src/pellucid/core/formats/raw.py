"""Camera raw: developed to 16-bit sRGB with the camera's white balance. Read only.

LibRaw does the work: demosaic by AHD, no automatic brightening, so that the same file
always gives the same picture.
Source: LibRaw 0.22, through rawpy (extra ``raw``).
"""

from __future__ import annotations

import io
import struct
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from pellucid.core.camera_raw import is_camera_raw
from pellucid.core.errors import BadImage, CannotWrite, MissingDependency
from pellucid.core.ifd import Tree, parse_header, read_tree, serialise
from pellucid.core.image import Carried, Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format
from pellucid.core.samples import to_unit

# Make, model, lens, time, author: what stays true of the developed picture.
DESCRIPTION = frozenset({270, 271, 272, 305, 306, 315, 33432})


class Raw:
    """What the sensor saw: DNG, CR2, CR3, NEF, ARW, RAF, ORF, RW2 and others."""

    title: ClassVar[str] = "camera raw"
    extensions: ClassVar[tuple[str, ...]] = (
        *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"),
        *(".pef", ".srw"),
    )
    holds: ClassVar[frozenset[str]] = frozenset({"exif"})
    sample_types: ClassVar[tuple[str, ...]] = ()

    def recognises(self, data: bytes) -> bool:
        """A raw magic number, or a TIFF that says it is raw."""
        return is_camera_raw(data)

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Develop the picture."""
        rawpy = _rawpy()
        try:
            with rawpy.imread(io.BytesIO(data)) as raw:
                limits.check(raw.sizes.raw_width, raw.sizes.raw_height)
                samples = raw.postprocess(
                    output_bps=16,
                    use_camera_wb=True,
                    no_auto_bright=True,
                    output_color=rawpy.ColorSpace.sRGB,
                    gamma=(2.4, 12.92),
                    user_flip=None,
                )
        except rawpy.LibRawError as error:
            raise BadImage(f"LibRaw cannot develop it: {error}.") from error
        carried = Carried(
            format="raw",
            sample_type="uint16",
            exif=_exif(data),
            warnings=("It was developed from raw with the camera's white balance.",),
        )
        return Image(to_unit(np.ascontiguousarray(samples)), None, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Raw is what a sensor saw; no program can write it.

        Raises:
            CannotWrite: Always.
        """
        del image, options
        what = "A developed picture cannot be written as camera raw."
        raise CannotWrite(what, "Write 16-bit TIFF or PNG: `--format tiff`.")


def _rawpy() -> Any:
    try:
        return import_module("rawpy")  # has no types
    except ImportError as error:
        what = "Camera raw files need the package rawpy, which is not installed."
        raise MissingDependency(what, 'pip install "pellucid[raw]"') from error


def _exif(data: bytes) -> bytes | None:
    """Take the camera's own words from raw formats that are TIFF."""
    try:
        byteorder, offset, is_big = parse_header(data)
        tree = read_tree(data, byteorder, offset, is_big)
    except ValueError:
        return None
    kept = {tag: entry for tag, entry in tree.ifd0.items() if tag in DESCRIPTION}
    if not (kept or tree.exif):
        return None
    tree = Tree(ifd0=kept, exif=tree.exif, gps=tree.gps)
    mark = b"II*\0" if byteorder == "<" else b"MM\0*"
    return mark + struct.pack(byteorder + "I", 8) + serialise(tree, byteorder, 8)


PLUGIN: type[Format] = Raw
