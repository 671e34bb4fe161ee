"""The one picture type at every border, and what its file carried.

Pixels are float32 in [0, 1] exactly as the file encodes them: nothing is converted
to another colour space on the way in, so nothing has to be converted back. The ICC
profile that says what the numbers mean travels beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import ImageError

Pixels = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Text:
    """One piece of text in a file: a PNG text chunk, a JPEG or GIF comment."""

    keyword: str
    text: str

    def as_comment(self) -> bytes:
        """The text for a format that has no keywords; they are written in front."""
        whole = (
            self.text if self.keyword == "Comment" else f"{self.keyword}: {self.text}"
        )
        return whole.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A block that only its own format can hold, kept as bytes.

    Attributes:
        name: A PNG chunk type (``gAMA``) or a JPEG marker (``APP12``).
        payload: What stood in it, without length and checksum.
    """

    name: str
    payload: bytes


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Everything a file holds beside its pixels.

    Attributes:
        format: Name of the format the file is in, as in ``core/formats``.
        sample_type: numpy name of one sample in the file: ``uint8``, ``uint16``,
            ``uint32``, ``int32``, ``float16``, ``float32``, ``float64``.
        is_gray: The file has one channel; the three of ``pixels`` are equal.
        is_premultiplied: Colours are already multiplied by alpha.
        icc: ICC profile.
        exif: EXIF as a TIFF structure, without the prefix ``Exif`` of JPEG. Its
            orientation is already reset to 1, since the pixels are upright.
        xmp: XMP packet, UTF-8, as it stood.
        iptc: IPTC-IIM records.
        photoshop: Photoshop image resources (``8BIM``) other than IPTC.
        dpi: Horizontal and vertical resolution in dots per inch.
        dpi_unit: ``inch``, ``cm`` or ``metre``: what the file counts in.
        texts: Text chunks and comments.
        extras: Blocks that only this format knows.
        encoding: How the file was coded: ``quantization``, ``subsampling``,
            ``progressive``, ``quality``, ``lossless``, ``compression``,
            ``byteorder``.
        orientation: EXIF orientation the file had, 1 to 8; already applied.
        exact: Samples, (height, width, channels), that float32 cannot hold:
            32-bit integers and float64. Pixels that nobody changed are written
            from here.
        coded: The pixels as the file codes them, where that loses something. They
            are written again while nobody changes the picture: no second loss.
        original: Pixels and alpha as they were read, the very same arrays; they say
            whether a picture is untouched.
        source: Where it came from.
        warnings: What a careful reader should know, in whole sentences.
    """

    format: str = ""
    sample_type: str = "uint8"
    is_gray: bool = False
    is_premultiplied: bool = False
    icc: bytes | None = field(default=None, repr=False)
    exif: bytes | None = field(default=None, repr=False)
    xmp: bytes | None = field(default=None, repr=False)
    iptc: bytes | None = field(default=None, repr=False)
    photoshop: bytes | None = field(default=None, repr=False)
    dpi: tuple[float, float] | None = None
    dpi_unit: str = "inch"
    texts: tuple[Text, ...] = ()
    extras: tuple[Extra, ...] = ()
    encoding: Mapping[str, Any] = field(default_factory=dict[str, Any])
    orientation: int = 1
    exact: NDArray[Any] | None = field(default=None, repr=False, compare=False)
    coded: bytes | None = field(default=None, repr=False)
    original: tuple[Pixels, Pixels | None] | None = field(
        default=None, repr=False, compare=False
    )
    source: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def bit_depth(self) -> int:
        """Bits per sample in the file: 8, 16, 32 or 64."""
        return np.dtype(self.sample_type).itemsize * 8

    @property
    def is_lossless(self) -> bool:
        """The file lost nothing when it was coded, so writing should not either."""
        return bool(self.encoding.get("lossless", not self.format))

    def __getstate__(self) -> dict[str, Any]:
        """Leave the second reference to the pixels behind when pickled."""
        return {**self.__dict__, "original": None}


@dataclass(frozen=True, eq=False)
class Image:
    """A picture: upright, float32, in [0, 1]. Built means valid.

    Attributes:
        pixels: (height, width, 3), float32, in [0, 1], read-only.
        alpha: (height, width), float32, in [0, 1], 1 is opaque; None is opaque too.
        carried: What the file held beside the pixels.

    Raises:
        ImageError: If shape, type or range is another.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    carried: Carried = field(default_factory=Carried)

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if len(shape) != 3 or shape[2] != 3 or not (shape[0] and shape[1]):
            what = f"Pixels must be (height, width, 3), got {shape}."
            raise ImageError(what, "Gray pictures repeat their channel three times.")
        if self.alpha is not None and self.alpha.shape != shape[:2]:
            what = f"Alpha must be {shape[:2]} like the pixels, got {self.alpha.shape}."
            raise ImageError(what)
        object.__setattr__(self, "pixels", _checked("Pixels", self.pixels))
        if self.alpha is not None:
            object.__setattr__(self, "alpha", _checked("Alpha", self.alpha))

    @property
    def height(self) -> int:
        """Rows."""
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        """Columns."""
        return self.pixels.shape[1]

    @property
    def is_untouched(self) -> bool:
        """The pixels are the ones that were read: the same memory, not equal ones."""
        if self.carried.original is None:
            return False
        pixels, alpha = self.carried.original
        return _is_same(self.pixels, pixels) and _is_same(self.alpha, alpha)

    def with_pixels(self, pixels: Pixels, alpha: Pixels | None = None) -> Image:
        """Put other pixels in place of these; what the file carried stays.

        Args:
            pixels: (height, width, 3), float32, in [0, 1]; any height and width.
            alpha: (height, width); the alpha of this picture when None.
        """
        alpha = self.alpha if alpha is None else alpha
        same_size = pixels.shape[:2] == self.pixels.shape[:2]
        exact = self.carried.exact if same_size else None
        carried = replace(self.carried, exact=exact, coded=None, original=None)
        return Image(pixels, alpha, carried)

    def with_carried(self, **changes: Any) -> Image:
        """Change what travels beside the pixels, field by field."""
        return Image(self.pixels, self.alpha, replace(self.carried, **changes))


def _is_same(plane: Pixels | None, other: Pixels | None) -> bool:
    """Whether two planes are one, which their views do not show."""
    if plane is None or other is None:
        return plane is other
    one, two = plane.__array_interface__, other.__array_interface__
    if one["data"][0] != two["data"][0]:
        return False
    return plane.shape == other.shape and plane.strides == other.strides


def _checked(what: str, values: Pixels) -> Pixels:
    """Look at a plane once, and hand out a view that cannot be written to."""
    if values.dtype != np.float32:
        message = f"{what} must be float32, got {values.dtype}."
        raise ImageError(message, "Divide by the largest value of the type first.")
    low, high = float(values.min()), float(values.max())
    if not (low >= 0.0 and high <= 1.0):  # written so that NaN fails too
        message = f"{what} must lie in [0, 1], got {low:.3g} to {high:.3g}."
        raise ImageError(message)
    view = values.view()
    view.flags.writeable = False
    return view
