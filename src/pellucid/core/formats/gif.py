"""GIF: the first frame; written only when its 256 colours are enough.

Source: CompuServe, GIF89a specification.
"""

from __future__ import annotations

import io
from typing import ClassVar

import numpy as np
from PIL import Image as Pillow
from PIL.GifImagePlugin import GifImageFile

from pellucid.core.errors import ASK_AGAIN, BadImage, CannotWrite
from pellucid.core.image import Carried, Image, Text
from pellucid.core.modes import open_header, planes_of, stacked
from pellucid.core.options import Limits, WriteOptions, check_parts
from pellucid.core.protocols import Format

COLOURS = 256
IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
COMMENT = 0xFE
PAYLOADS = {  # application extensions, with the length of their names in front
    b"\x0bXMP DataXMP": "Its XMP is left out: GIF keeps it in a form of its own.",
    b"\x0bICCRGBG1012": "Its ICC profile is left out: few programs look at it in GIF.",
}


class Gif:
    """The old format of the web: 256 colours, one of them transparent."""

    title: ClassVar[str] = "GIF"
    extensions: ClassVar[tuple[str, ...]] = (".gif",)
    holds: ClassVar[frozenset[str]] = frozenset({"alpha", "texts"})
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        """The signature of either version."""
        return data[:6] in {b"GIF87a", b"GIF89a"}

    def decode(self, data: bytes, limits: Limits) -> Image:
        """Decode the first frame; all frames must keep to the limit."""
        frames, texts, warnings = _blocks(data, limits)
        if frames > 1:
            warnings.append(f"It is an animation; only frame 1 of {frames} is read.")
        planes = planes_of(open_header(GifImageFile, data, limits))
        carried = Carried(
            format="gif",
            texts=tuple(texts),
            encoding={"lossless": True},
            warnings=tuple(warnings),
        )
        return Image(planes.pixels, planes.alpha, carried)

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        """Write the exact colours.

        Raises:
            CannotWrite: If there are more than 256, or alpha is neither 0 nor 1.
        """
        del options
        samples = stacked(image, "uint8", gray=False)
        height, width, channels = samples.shape
        if channels == 4:
            if not np.isin(samples[:, :, 3], (0, 255)).all():
                what = "It is partly transparent, which GIF cannot hold."
                raise CannotWrite(what, "Write PNG or WebP: `--format png`.")
            samples[samples[:, :, 3] == 0] = 0
        flat = samples.reshape(-1, channels)
        colours, places = np.unique(flat, axis=0, return_inverse=True)
        if len(colours) > COLOURS:
            what = f"It has {len(colours)} colours, and GIF holds {COLOURS}."
            raise CannotWrite(what, "Write PNG or WebP: `--format png`.")
        picture = Pillow.fromarray(places.reshape(height, width).astype(np.uint8), "P")
        picture.putpalette(np.ascontiguousarray(colours[:, :3]).tobytes())
        how: dict[str, int] = {}
        if channels == 4 and colours[0, 3] == 0:  # sorted, so the clear one is first
            how["transparency"] = 0
        out = io.BytesIO()
        picture.save(out, "GIF", optimize=False, **how)
        return _with_comments(out.getvalue(), image.carried.texts)


def _with_comments(data: bytes, texts: tuple[Text, ...]) -> bytes:
    """Put each text into a comment of its own, behind the colours."""
    if not texts:
        return data
    at = 13 + _table(data, 10)
    parts = [b"GIF89a", data[6:at]]  # the older version has no comments
    for text in texts:
        words = text.as_comment()
        parts.append(bytes([EXTENSION, COMMENT]))
        for start in range(0, len(words), 255):
            piece = words[start : start + 255]
            parts.append(bytes([len(piece)]) + piece)
        parts.append(b"\0")
    return b"".join([*parts, data[at:]])


def _blocks(data: bytes, limits: Limits) -> tuple[int, list[Text], list[str]]:
    """Walk over all blocks without unpacking a pixel.

    Returns:
        The number of frames, the comments, and what was left out.
    """
    limits.check(_word(data, 6), _word(data, 8))
    at = 13 + _table(data, 10)
    frames, texts, warnings = 0, list[Text](), list[str]()
    walked = 0
    while True:
        check_parts(walked)
        kind = data[at] if at < len(data) else None
        if kind == TRAILER:
            return frames, texts, warnings
        if kind == IMAGE:
            limits.check(
                _word(data, at + 1) + _word(data, at + 5),
                _word(data, at + 3) + _word(data, at + 7),
            )
            frames += 1
            at, parts = _sub_blocks(data, at + 11 + _table(data, at + 9))
        elif kind == EXTENSION:
            label, at_label = data[at + 1 : at + 2], at + 2
            at, parts = _sub_blocks(data, at + 2)
            if label == bytes([COMMENT]):
                words = b"".join(data[part] for part in parts)
                text = words.decode("utf-8", "surrogateescape")
                texts.append(Text(keyword="Comment", text=text))
            elif data[at_label : at_label + 12] in PAYLOADS:
                warnings.append(PAYLOADS[data[at_label : at_label + 12]])
        elif kind is None:
            raise BadImage("The GIF file ends before its end mark.", ASK_AGAIN)
        else:
            raise BadImage(f"There is no GIF block at byte {at}, where one must be.")
        walked += 1 + len(parts)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _table(data: bytes, at: int) -> int:
    """Bytes of the colour table that the flags at ``at`` announce."""
    flags = data[at] if at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(data: bytes, at: int) -> tuple[int, list[slice]]:
    """Step over sub-blocks up to the empty one; tell where each stands."""
    parts: list[slice] = []
    while at < len(data):
        length = data[at]
        at += 1 + length
        if not length:
            return at, parts
        parts.append(slice(at - length, at))
        check_parts(len(parts))
    raise BadImage("The GIF file ends inside a block.", ASK_AGAIN)


PLUGIN: type[Format] = Gif
