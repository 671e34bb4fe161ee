"""Blur kernels, and filtering with them.

Every kernel is float32, square, odd, of mass 1, and centred: blur moves nothing and
keeps the brightness.

Model:  with d = x^T S^-1 x, the squared distance in units of sigma:
        Gaussian exp(-d / 2), generalized exp(-d^beta / 2), plateau 1 / (1 + d^beta);
        circular low-pass c J1(c r) / (2 pi r).
Source: Y.-Q. Liu, X. Du, H.-L. Shen, S.-J. Chen, "Estimating Generalized Gaussian
        Blur Kernels for Out-of-Focus Image Deblurring", 2021 (generalized); the
        families and their parameters as in X. Wang et al., "Real-ESRGAN", 2021.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Kernel = NDArray[np.float32]
Sigma = tuple[float, float]

# Weights of a kernel that `filtered_nearly` may leave out, in all: half an 8-bit
# level on the worst of pictures, a thirtieth on photographs.
_TOLERANCE = 2e-3


def filtered(plane: NDArray[np.float32], kernel: Kernel) -> NDArray[np.float32]:
    """Convolve with a kernel; the picture is mirrored at its border.

    Args:
        plane: (height, width) or (height, width, channels), any size.
        kernel: Odd sides. OpenCV correlates, so it is turned around here.
    """
    turned = np.ascontiguousarray(kernel[::-1, ::-1])
    result = cv2.filter2D(plane, -1, turned, borderType=cv2.BORDER_REFLECT_101)
    return result.reshape(plane.shape).astype(np.float32, copy=False)


def filtered_nearly(plane: NDArray[np.float32], kernel: Kernel) -> NDArray[np.float32]:
    """Convolve as `filtered` does, up to half an 8-bit level, and faster.

    Margins that weigh nothing are cut away, and what is left becomes a sum of row
    and column passes (its singular vectors) where those are quicker: three for most
    round kernels, one for a Gaussian.
    """
    kept = _trimmed(kernel, _TOLERANCE / 4.0)
    columns, strengths, rows = np.linalg.svd(kept.astype(np.float64))
    weighted = columns * strengths
    # Measured: OpenCV is direct up to 11 px, and takes a Fourier transform above it.
    most = 2 if len(kept) <= 11 else 6
    for count in range(1, min(most, len(kept)) + 1):
        missing = kept - weighted[:, :count] @ rows[:count]
        if np.abs(missing).sum() <= _TOLERANCE * 0.75:
            return _passed(plane, weighted[:, :count].T, rows[:count])
    return filtered(plane, kept)


def gaussian_blurred(
    plane: NDArray[np.float32], sigma_px: float
) -> NDArray[np.float32]:
    """Blur with a Gaussian in two passes, many times faster than `filtered`."""
    if sigma_px <= 0.0:
        return plane
    result = cv2.GaussianBlur(
        plane, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT_101
    )
    return result.reshape(plane.shape).astype(np.float32, copy=False)


def gaussian(size: int, sigma: Sigma, angle: float = 0.0) -> Kernel:
    """The bell curve, longer one way than the other where the sigmas differ.

    Args:
        size: Side in px, odd.
        sigma: Along and across its axis, in px.
        angle: From the x axis to the first sigma, in radians; down is positive.
    """
    return _of_mass_one(np.exp(-0.5 * _distance(size, sigma, angle)))


def generalized_gaussian(size: int, sigma: Sigma, angle: float, beta: float) -> Kernel:
    """A Gaussian with a flat top (beta above 1) or a sharp peak (below 1)."""
    return _of_mass_one(np.exp(-0.5 * _distance(size, sigma, angle) ** beta))


def plateau(size: int, sigma: Sigma, angle: float, beta: float) -> Kernel:
    """A flat top that falls off as a power: long tails."""
    return _of_mass_one(1.0 / (1.0 + _distance(size, sigma, angle) ** beta))


def circular_lowpass(size: int, cutoff: float) -> Kernel:
    """Cut all frequencies above a radius; a small size makes it ring.

    Args:
        size: Side in px, odd.
        cutoff: In radians per px; pi keeps everything along the axes.
    """
    from scipy.special import j1  # pyright: ignore  # slow to import, and without stubs

    radius = np.sqrt(_distance(size, (1.0, 1.0), 0.0))
    center = size // 2
    radius[center, center] = 1.0  # J1(c r) / r has the limit c / 2 here
    values = cutoff * j1(cutoff * radius) / (2.0 * np.pi * radius)
    values[center, center] = cutoff**2 / (4.0 * np.pi)
    return _of_mass_one(values)


def _trimmed(kernel: Kernel, tolerance: float) -> Kernel:
    """Cut rings off a kernel, as long as their weights sum up to no more than this."""
    reach = len(kernel) // 2
    whole = np.abs(kernel).sum()
    while reach > 1:
        inner = kernel[1:-1, 1:-1]
        whole_inner = np.abs(inner).sum()
        if (tolerance := tolerance - float(whole - whole_inner)) < 0.0:
            break
        kernel, whole, reach = inner, whole_inner, reach - 1
    return kernel / kernel.sum()


def _passed(
    plane: NDArray[np.float32], columns: NDArray[np.float64], rows: NDArray[np.float64]
) -> NDArray[np.float32]:
    total: NDArray[np.float32] | None = None
    for column, row in zip(columns, rows, strict=True):
        part = cv2.sepFilter2D(
            plane,
            -1,
            row[::-1].astype(np.float32),
            column[::-1].astype(np.float32),
            borderType=cv2.BORDER_REFLECT_101,
        ).reshape(plane.shape)
        part = part.astype(np.float32, copy=False)
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    return total


def _distance(size: int, sigma: Sigma, angle: float) -> NDArray[np.float64]:
    """Squared distance from the middle in units of sigma: x^T S^-1 x."""
    axis = np.arange(size, dtype=np.float64) - size // 2
    x, y = axis[None, :], axis[:, None]
    along = (x * np.cos(angle) + y * np.sin(angle)) / sigma[0]
    across = (y * np.cos(angle) - x * np.sin(angle)) / sigma[1]
    return along**2 + across**2


def _of_mass_one(values: NDArray[np.float64]) -> Kernel:
    return (values / values.sum()).astype(np.float32)
