"""Two small bags: how much may be read, and how a picture is to be written."""

from __future__ import annotations

from dataclasses import dataclass

from pellucid.core.errors import TooLarge

MAX_PARTS = 500_000  # chunks, segments or blocks in a file: seconds of reading
MAX_PIXELS = 64_000_000  # 61-megapixel cameras pass; peak memory stays near 1 GB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a header may announce before pixels are allocated.

    Attributes:
        max_pixels: Largest width times height that is decoded.
    """

    max_pixels: int = MAX_PIXELS

    @property
    def max_bytes(self) -> int:
        """Largest file that is read at all: room for four float channels."""
        return 16 * self.max_pixels + (1 << 20)

    def check(self, width: int, height: int) -> None:
        """Refuse a size that the header announces.

        Raises:
            TooLarge: If width times height is above the limit.
        """
        if width * height > self.max_pixels:
            what = (
                f"The header announces {width} x {height} pixels"
                f" ({width * height / 1e6:.0f} megapixels);"
                f" the limit is {self.max_pixels / 1e6:g} megapixels."
            )
            need = -(-width * height // 1_000_000)
            raise TooLarge(
                what, f"If you trust the file, allow more: {need} megapixels."
            )


def check_parts(count: int) -> None:
    """Refuse a file of countless tiny parts, which would take minutes to walk over.

    Raises:
        TooLarge: If there are more than `MAX_PARTS`.
    """
    if count > MAX_PARTS:
        what = f"It consists of more than {MAX_PARTS} parts."
        raise TooLarge(what, "Save it anew in the program that it is from.")


@dataclass(frozen=True, kw_only=True)
class WriteOptions:
    """What the caller asks for; None means as it came in.

    Attributes:
        format: Name of a format, as in ``core/formats``.
        quality: 1 to 100, for formats that lose something.
        bit_depth: 8, 16 or 32 bits per sample.
        metadata: ``keep`` everything, ``safe`` without place, serial numbers and
            thumbnail, or ``none``.
        quick: Pack lossless files less tightly, several times sooner (PNG).
    """

    format: str | None = None
    quality: int | None = None
    bit_depth: int | None = None
    metadata: str = "keep"
    quick: bool = False
