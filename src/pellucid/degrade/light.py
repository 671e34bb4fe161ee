"""Between the numbers in a file and the light they stand for.

Light adds and scatters in linear values; files store a curve of them. Damage that
light does (haze, flare, motion blur, sensor noise) is computed in linear values.

Source: IEC 61966-2-1 (the sRGB curve); ITU-R BT.709 (luminance weights).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Pixels

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)

_STEPS = 65535
_PIECE = 1 << 16


def to_linear(pixels: Pixels) -> Pixels:
    """Undo the sRGB curve.

    A table of 65536 entries: several times as fast as the power function, and wrong by
    little more than one 16-bit level at the bright end.

    Args:
        pixels: Any shape, float32 in [0, 1].
    """
    return look_up(_table_to_linear(), pixels)


def to_srgb(linear: NDArray[np.float32]) -> Pixels:
    """Apply the sRGB curve; values outside [0, 1] are cut, as sensors saturate.

    The table is entered by the square root, which spreads the dark end where the
    curve is steep: the error stays below one 16-bit level.
    """
    kept = np.clip(linear, 0.0, 1.0)
    return look_up(_table_to_srgb(), np.sqrt(kept, out=kept))


def luminance(pixels: Pixels) -> NDArray[np.float32]:
    """Weigh red, green and blue as the eye does: (height, width)."""
    return pixels @ LUMINANCE


def clipped(values: NDArray[np.float32]) -> Pixels:
    """Cut to [0, 1] in place: only for arrays that nobody else holds."""
    return np.clip(values, 0.0, 1.0, out=values)


def look_up(table: NDArray[np.float32], values: NDArray[np.float32]) -> Pixels:
    """Apply a curve given as 65536 values, the nearest one, to values in [0, 1]."""
    flat = values.reshape(-1)
    result = np.empty(flat.shape, dtype=np.float32)
    # Piece by piece: numpy turns places into 8-byte ones, which then stay in the cache.
    for start in range(0, flat.size, _PIECE):
        piece = flat[start : start + _PIECE] * np.float32(_STEPS)
        piece += np.float32(0.5)
        out = result[start : start + _PIECE]
        # "clip" is twice as fast as "raise".
        np.take(table, piece.astype(np.int64), mode="clip", out=out)
    return result.reshape(values.shape)


@lru_cache(maxsize=1)
def _table_to_linear() -> NDArray[np.float32]:
    curve = np.linspace(0.0, 1.0, _STEPS + 1)
    linear = np.where(curve <= 0.04045, curve / 12.92, ((curve + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


@lru_cache(maxsize=1)
def _table_to_srgb() -> NDArray[np.float32]:
    linear = np.linspace(0.0, 1.0, _STEPS + 1) ** 2
    low = linear <= 0.0031308
    curve = np.where(low, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(curve, 0.0, 1.0).astype(np.float32)
