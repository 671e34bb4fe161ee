"""TIFF: 8, 16 and 32 bits, integers and floats, with every tag that still holds true.

Source: TIFF 6.0; BigTIFF; Adobe PageMaker 6.0 TIFF technical notes (alpha); XMP
part 3 (tag 700); IPTC in tag 33723; Photoshop resources in tag 34377.
"""

from __future__ import annotations

import io
import re
import struct
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import tifffile
from PIL import Image as PillowImage
from PIL.TiffImagePlugin import TiffImageFile

from pellucid.core import tiff_layout as layout_of
from pellucid.core.camera_raw import is_camera_raw
from pellucid.core.colour_models import cmyk_to_srgb, lab_to_srgb
from pellucid.core.errors import BadImage, CannotWrite
from pellucid.core.exif_blob import lost_parts
from pellucid.core.ifd import (
    BYTE,
    EXIF,
    GPS,
    INTEROP,
    UNDEFINED,
    Byteorder,
    Entry,
    Tree,
    parse_header,
    read_directories,
    read_directory,
    read_tree,
    serialise,
)
from pellucid.core.image import Carried, Image
from pellucid.core.iptc import split
from pellucid.core.modes import open_header, planes_of, stacked, to_pillow
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import Format
from pellucid.core.samples import from_unit, join_exact, needs_exact, to_unit
from pellucid.core.tiff_layout import CMYK, LAB, WHITE_IS_ZERO, Layout

XMP, IPTC, PHOTOSHOP, ICC, LAYERS, SUB_IFDS = 700, 33723, 34377, 34675, 37724, 330
DESCRIPTION, ORIENTATION, RESOLUTION, UNIT = 270, 274, (282, 283), 296
ARRAY = re.compile(rb'\{"shape": \[(\d{1,9}), (\d{1,9}), (\d{1,9})\]')
# Tags that say how the pixels are stored; without them they cannot be decoded.
STORAGE = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280}
    | {281, 284, 288, 289, 290, 291, 292, 293, 297, 301, 317, 318, 319, 320, 321, 322}
    | {323, 324, 325, 326, 327, 328, 332, 333, 334, 336, 337, 338, 339, 340, 341, 342}
    | {347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532}
)
# Tags that have a field of their own in `Carried`, or hold pixels of their own.
PAYLOADS = frozenset({XMP, IPTC, PHOTOSHOP, ICC, LAYERS, SUB_IFDS, *RESOLUTION, UNIT})
STRUCTURE = STORAGE | PAYLOADS | {EXIF, GPS, INTEROP}
LARGEST = (1 << 32) - (1 << 24)  # bytes a classic TIFF can address, with some room


class Tiff:
    """The format of scanners and archives: any depth, lossless."""

    title: ClassVar[str] = "TIFF"
    extensions: ClassVar[tuple[str, ...]] = (".tif", ".tiff")
    holds: ClassVar[frozenset[str]] = frozenset(
        {"alpha", "gray", "gray_alpha", "premultiplied"}
        | {"icc", "exif", "xmp", "iptc", "photoshop", "dpi"}
    )
    sample_types: ClassVar[tuple[str, ...]] = (
        *("uint8", "uint16", "uint32", "int8", "int16", "int32"),
        *("float16", "float32", "float64"),
    )

    def recognises(self, data: bytes) -> bool:
        """A TIFF or BigTIFF header, unless a camera's raw format hides behind it."""
        return data[:4] in HEADS and not is_camera_raw(data)

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode the first page."""
        try:
            byteorder, offset, is_big = parse_header(data)
            directory = read_directory(data, offset, byteorder, is_big)
        except ValueError as error:
            raise BadImage(str(error)) from error
        layout = layout_of.read_layout(directory.entries, byteorder, len(data))
        limits.check(layout.width, layout.height)
        _refuse_arrays(layout, directory.entries)
        layout_of.check_blocks(layout, data)
        carried = _carried(data, layout, directory.entries, (offset, is_big))
        if directory.next_offset:
            carried["warnings"].append("It has further pages; only the first is read.")
        carried["warnings"] += [
            f"Its TIFF tag {tag} could not be read and is left out."
            for tag in directory.lost[:8]
        ]
        found = read_directories(data, byteorder, offset, is_big)
        if lost := lost_parts(found) - len(directory.lost):
            what = f"Its EXIF has parts that cannot be read ({lost}), left out here."
            carried["warnings"].append(what)
        if layout.is_plain:
            return _plain_image(layout, data, carried)
        data = _bare(data, directory.entries, byteorder)
        return _pillow_image(data, limits, layout, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write one page, packed without loss unless the source was not packed."""
        del options
        carried = image.carried
        samples = stacked(image, carried.sample_type, gray=carried.is_gray)
        if carried.exact is not None and needs_exact(carried.sample_type):
            samples = join_exact(samples, carried.exact)
        if samples.nbytes > LARGEST:
            what = f"{samples.nbytes / 2**30:.1f} GiB of samples do not fit into TIFF."
            raise CannotWrite(what, "Write PNG, or fewer bits per sample.")
        return _written(samples, carried)


HEADS = frozenset({b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"})


def _refuse_arrays(layout: Layout, entries: dict[int, Entry]) -> None:
    """Refuse pictures of five and more channels that tifffile cut into pages.

    Each page is then one row of the picture, which looks like a tiny gray picture.
    """
    entry = entries.get(DESCRIPTION)
    match = ARRAY.match(entry.value) if entry else None
    if match is None:
        return
    height, width, channels = (int(number) for number in match.groups())
    if (width, channels) == (layout.height, layout.width) and channels <= 16:
        shape = f"{height} x {width} x {channels}"
        what = f"It is an array of {shape}, cut into {height} pages."
        raise BadImage(what, "Write gray, RGB or RGBA, with 1 to 4 channels.")


def _plain_image(layout: Layout, data: bytes, fields: dict[str, Any]) -> Image:
    """Fill planes of float32 from samples of any type."""
    colours, extras = layout.colours, layout.channels - layout.colours
    if extras < 0 or extras > 1:
        what = (
            f"It has {layout.channels} channels where {colours} or one more are known."
        )
        raise BadImage(what, "Save it as gray, RGB or RGBA.")
    has_alpha = extras == 1 and layout.extras[:1] in {(1,), (2,)}
    if extras and not has_alpha:
        fields["warnings"].append(
            "A channel that is neither colour nor alpha is left out."
        )
    shape = (layout.height, layout.width)
    values = np.empty((*shape, colours), np.float32)
    alpha = np.empty(shape, np.float32) if has_alpha else None
    sample_type = layout.dtype.newbyteorder("=").name
    exact = None
    if needs_exact(sample_type) and colours in {1, 3}:
        exact = np.empty((*shape, colours + has_alpha), sample_type)
    for rows, channels, samples in layout_of.pieces(layout, data):
        for number, channel in enumerate(range(channels.start, channels.stop)):
            plane = samples[:, :, number]
            if layout.photometric == WHITE_IS_ZERO and channel < colours:
                plane = _inverted(plane)
            if exact is not None and channel < exact.shape[2]:
                exact[rows, :, channel] = plane
            if channel < colours:
                values[rows, :, channel] = _unit(plane, layout, channel)
            elif alpha is not None:
                alpha[rows] = to_unit(plane)
    fields |= {"sample_type": sample_type, "is_gray": colours == 1, "exact": exact}
    fields["is_premultiplied"] = has_alpha and layout.extras[0] == 1
    return Image(_as_rgb(values, layout, fields), alpha, _as_carried(fields))


def _as_rgb(values: Any, layout: Layout, fields: dict[str, Any]) -> Any:
    """Bring one, three or four colour channels to RGB."""
    if layout.photometric == LAB:
        fields |= {"icc": None, "is_gray": False}
        fields["warnings"].append("CIE Lab was converted to sRGB.")
        return lab_to_srgb(values)
    if layout.photometric == CMYK:
        inks = to_pillow(from_unit(values, "uint8")) if fields["icc"] else None
        if inks is None:
            how = "CMYK was converted to RGB as (1-C)(1-K)."
            values = (1.0 - values[:, :, :3]) * (1.0 - values[:, :, 3:])
        else:
            cmyk = PillowImage.frombytes("CMYK", inks.size, inks.tobytes())
            values, how = cmyk_to_srgb(cmyk, fields["icc"])
            if layout.bits > 8:
                how += f" Its {layout.bits} bits became 8 on the way."
        fields["warnings"].append(how)
        fields |= {"icc": None, "is_gray": False}
        return values
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values


def _inverted(samples: Any) -> Any:
    """Black and white change places; floats run from 0 to 1."""
    highest = 1 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max
    return (highest - samples).astype(samples.dtype)


def _unit(plane: Any, layout: Layout, channel: int) -> Any:
    """Bring a channel to [0, 1], or to the units of Lab."""
    if layout.photometric == LAB:
        return _lab_unit(plane, is_lightness=channel == 0)
    return to_unit(plane)


def _lab_unit(samples: Any, *, is_lightness: bool) -> Any:
    """L* in [0, 100] from unsigned integers, a* and b* in [-128, 128) from signed.

    Floats hold the values themselves.
    """
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    size = samples.dtype.itemsize
    if is_lightness:
        highest = np.iinfo(f"u{size}").max
        return samples.view(f"u{size}").astype(np.float32) / np.float32(highest) * 100
    return samples.view(f"i{size}").astype(np.float32) / (1 << (8 * size - 8))


def _bare(data: bytes, entries: dict[int, Entry], byteorder: Byteorder) -> bytes:
    """Point to a directory of storage tags alone, so that Pillow reads no other.

    The result is classic TIFF; offsets count from the start, so pixels stay in place.
    """
    data += bytes(len(data) % 2)
    tags = {tag: entry for tag, entry in entries.items() if tag in STORAGE}
    mark = b"II*\0" if byteorder == "<" else b"MM\0*"
    head = mark + struct.pack(byteorder + "I", len(data))
    return b"".join([head, data[8:], serialise(Tree(ifd0=tags), byteorder, len(data))])


def _pillow_image(
    data: bytes, limits: Limits, layout: Layout, fields: dict[str, Any]
) -> Image:
    """Let Pillow decode what is not plain bytes: JPEG, fax, palettes, few bits."""
    if layout.bits > 8:
        packing = f"packing {layout.compression}, colours {layout.photometric}"
        what = f"It is a TIFF of {layout.bits} bits that cannot be read ({packing})."
        raise BadImage(what, "Save it as RGB with 16 bits, packed with LZW or Deflate.")
    picture = open_header(TiffImageFile, data, limits)
    if picture.mode == "CMYK":
        pixels, how = cmyk_to_srgb(picture, fields["icc"])
        fields["warnings"].append(how)
        fields |= {"icc": None, "is_gray": False}
        return Image(pixels, None, _as_carried(fields))
    planes = planes_of(picture)
    fields["is_gray"] = planes.is_gray
    return Image(planes.pixels, planes.alpha, _as_carried(fields))


def _as_carried(fields: dict[str, Any]) -> Carried:
    named: dict[str, Any] = fields | {"warnings": tuple(fields["warnings"])}
    return Carried(**named)


def _carried(
    data: bytes, layout: Layout, entries: dict[int, Entry], place: tuple[int, bool]
) -> dict[str, Any]:
    """Collect what the tags beside the structure hold, as fields of `Carried`."""
    warnings: list[str] = []

    def value(tag: int) -> bytes | None:
        return entries[tag].value or None if tag in entries else None

    iptc, photoshop = split(value(PHOTOSHOP) or b"")
    if LAYERS in entries:
        warnings.append("Its Photoshop layers are left out; the flat picture is read.")
    if SUB_IFDS in entries:
        warnings.append("Its smaller copies (SubIFDs) are left out.")
    packing = layout_of.BYTE_PACKINGS.get(layout.compression, "other")
    return {
        "format": "tiff",
        "icc": value(ICC),
        "exif": _exif(data, layout.byteorder, place),
        "xmp": value(XMP),
        "iptc": value(IPTC) or iptc,
        "photoshop": photoshop,
        "encoding": {
            "lossless": layout.compression not in {6, 7, 34892, 50001, 50002},
            "compression": packing,
            "byteorder": layout.byteorder,
        },
        "warnings": warnings,
        **_resolution(entries, layout.byteorder),
    }


def _exif(data: bytes, byteorder: Byteorder, place: tuple[int, bool]) -> bytes | None:
    """Make an EXIF block of every tag that is not about storage."""
    offset, is_big = place
    tree = read_tree(data, byteorder, offset, is_big)
    kept = {tag: e for tag, e in tree.ifd0.items() if tag not in STRUCTURE}
    if not (kept or tree.exif or tree.gps):
        return None
    tree = Tree(ifd0=kept, exif=tree.exif, gps=tree.gps, interop=tree.interop)
    mark = b"II*\0" if byteorder == "<" else b"MM\0*"
    return mark + struct.pack(byteorder + "I", 8) + serialise(tree, byteorder, 8)


def _resolution(entries: dict[int, Entry], byteorder: Byteorder) -> dict[str, Any]:
    pair = [entries[t].rationals(byteorder) for t in RESOLUTION if t in entries]
    unit = entries[UNIT].ints(byteorder) if UNIT in entries else (2,)
    if len(pair) != 2 or unit[:1] not in {(2,), (3,)}:
        return {}
    if not all(p and p[0][0] and p[0][1] for p in pair):
        return {}
    scale = 1.0 if unit[0] == 2 else 2.54
    dpi = tuple(p[0][0] / p[0][1] * scale for p in pair)
    if not all(0.01 < value < 1_000_000 for value in dpi):
        return {}  # nobody scans like that
    return {"dpi": dpi, "dpi_unit": "inch" if unit[0] == 2 else "cm"}


def _written(samples: Any, carried: Carried) -> bytes:
    """Write the picture with tifffile, then the directory with everything carried."""
    tree, byteorder = _tree(carried)
    channels = samples.shape[2]
    how: dict[str, Any] = {}
    if carried.encoding.get("compression") != "none":
        how = {"compression": "zlib", "predictor": samples.dtype.kind in "ui"}
    if channels in {2, 4}:
        how["extrasamples"] = [
            "assocalpha" if carried.is_premultiplied else "unassalpha"
        ]
    if carried.dpi:
        scale = 2.54 if carried.dpi_unit == "cm" else 1.0
        pair = [Fraction(v / scale).limit_denominator(10_000) for v in carried.dpi]
        how["resolution"] = tuple((f.numerator, f.denominator) for f in pair)
        how["resolutionunit"] = "CENTIMETER" if carried.dpi_unit == "cm" else "INCH"
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        samples[:, :, 0] if channels == 1 else samples,
        byteorder=byteorder,
        photometric="minisblack" if channels < 3 else "rgb",
        planarconfig="contig" if channels > 1 else None,
        iccprofile=carried.icc,
        metadata=None,
        software=False,
        **how,
    )
    return _with_directory(out.getvalue(), carried, tree, byteorder)


def _tree(carried: Carried) -> tuple[Tree, Byteorder]:
    """Open the EXIF block; its byte order becomes that of the file."""
    if carried.exif:  # readable, since the format does not hold `any_exif`
        byteorder, offset, _ = parse_header(carried.exif)
        return read_tree(carried.exif, byteorder, offset), byteorder
    order: Byteorder = ">" if carried.encoding.get("byteorder") == ">" else "<"
    return Tree(), order


def _with_directory(
    data: bytes, carried: Carried, tree: Tree, byteorder: Byteorder
) -> bytes:
    """Append a directory that has all tags, and point the header to it.

    tifffile writes no EXIF and GPS directories, so its own is replaced.
    """
    tags = {tag: entry for tag, entry in tree.ifd0.items() if tag not in STRUCTURE}
    for tag, kind, block in (
        (XMP, BYTE, carried.xmp),
        (IPTC, UNDEFINED, carried.iptc),
        (PHOTOSHOP, BYTE, carried.photoshop),
    ):
        if block:
            tags[tag] = Entry(tag, kind, len(block), block)
    if not (tags or tree.exif or tree.gps):
        return data
    _, offset, _ = parse_header(data)
    tags |= read_directory(data, offset, byteorder).entries
    whole = Tree(ifd0=tags, exif=tree.exif, gps=tree.gps, interop=tree.interop)
    data += bytes(len(data) % 2)
    head = data[:4] + struct.pack(byteorder + "I", len(data))
    return b"".join([head, data[8:], serialise(whole, byteorder, len(data))])


PLUGIN: type[Format] = Tiff
