"""Samples as files store them, and as we compute with them: float32 in [0, 1].

Integers are divided by the largest value of their type; writing multiplies and
rounds to nearest. For 8 and 16 bits that round trip is exact. float32 cannot hold
32-bit integers and float64, so `join_exact` takes unchanged pixels from the samples
that were read (decision 0004).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import BadImage

Samples = NDArray[Any]
ROWS_BYTES = 1 << 24  # rows are worked on in pieces of about this size


def to_unit(samples: Samples) -> NDArray[np.float32]:
    """Bring samples of any type into [0, 1].

    Args:
        samples: (height, width) or (height, width, channels); unsigned or signed
            integers, or floats that already lie in [0, 1].

    Raises:
        BadImage: If a value is negative, above 1 (floats), NaN or infinite.
    """
    if samples.dtype == np.float32:
        unit = samples
    elif samples.dtype.kind == "f":
        with np.errstate(over="ignore"):
            unit = samples.astype(np.float32)
    else:
        unit = np.empty(samples.shape, np.float32)
        scale = np.float64(np.iinfo(samples.dtype).max)
        if samples.dtype.itemsize <= 2:
            scale = np.float32(scale)
        for rows in _row_slices(samples):
            np.divide(samples[rows], scale, out=unit[rows], casting="unsafe")
    _refuse_outside(samples, unit)
    return unit


def from_unit(values: NDArray[np.float32], sample_type: str) -> Samples:
    """Round values in [0, 1] to samples of a type.

    Args:
        values: Any shape.
        sample_type: numpy name, as in `Carried.sample_type`.
    """
    kind = np.dtype(sample_type)
    if kind.kind == "f":
        return values.astype(kind)
    samples = np.empty(values.shape, kind)
    highest = np.iinfo(kind).max
    work = np.float32 if kind.itemsize <= 2 else np.float64
    for rows in _row_slices(values):
        scaled = values[rows].astype(work)
        scaled *= highest
        samples[rows] = np.rint(scaled, out=scaled).astype(kind)
    return samples


def join_exact(rounded: Samples, exact: Samples) -> Samples:
    """Take each sample that nobody changed from the file it was read from.

    Args:
        rounded: Samples made from float32, (height, width, channels).
        exact: Samples as read, of the same shape and type.
    """
    if rounded.shape != exact.shape or rounded.dtype != exact.dtype:
        return rounded
    unchanged = from_unit(to_unit(exact), exact.dtype.name) == rounded
    return np.where(unchanged, exact, rounded)


def needs_exact(sample_type: str) -> bool:
    """Whether float32 loses digits of this type."""
    return sample_type in {"uint32", "int32", "float64"}


def _row_slices(values: Samples) -> list[slice]:
    """Cut the rows into pieces, so that temporaries stay small."""
    row_bytes = max(1, values[:1].size * 8)
    step = max(1, ROWS_BYTES // row_bytes)
    return [slice(y, y + step) for y in range(0, values.shape[0], step)]


def _refuse_outside(samples: Samples, unit: NDArray[np.float32]) -> None:
    if samples.dtype.kind == "u":
        return
    low, high = float(unit.min()), float(unit.max())
    if np.isnan(low) or np.isinf(low) or np.isinf(high):
        what = "It holds samples that are not numbers (NaN or infinity)."
        raise BadImage(what, "Replace them in the program that wrote the file.")
    if low < 0.0 or high > 1.0:
        what = f"Its samples reach from {samples.min():g} to {samples.max():g}."
        hint = "Bring them into 0 to 1 (floats) or to positive integers first."
        raise BadImage(what, hint)
