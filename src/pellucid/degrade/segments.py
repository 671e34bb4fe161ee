"""What belongs together in a picture: superpixels, or what a network says.

Superpixels are clusters of pixels by colour and place, found on a thumbnail. They keep
to strong edges and cost a few milliseconds. All sums are of whole numbers that float32
holds exactly, so the labels are the same on every machine.

Source: R. Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel
        Methods", 2012; here every pixel looks at every centre, on a thumbnail.
"""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.image import Image
from pellucid.degrade.grain import Field, opened
from pellucid.degrade.resample import resize

SUPERPIXELS = "superpixels"

Labels = NDArray[np.int32]

_THUMBNAIL = 64  # longer side: an edge is found to 1.5 % of the picture
_FEWEST, _MOST = 12.0, 60.0
_ROUNDS = 3  # later ones move hardly a pixel
_SPREAD = 160.0  # weight of places: one diagonal weighs as much as 160 8-bit levels


def segments(image: Image, source: str, seed: int) -> Labels:
    """Divide a picture into parts.

    Args:
        image: The picture, of any size.
        source: ``superpixels``; else the folder of a segmentation network of
            transformers.
        seed: Chance in the superpixels: how many, and where they start. A network
            has none.

    Returns:
        (height, width), numbered 0, 1, 2 and so on; every number occurs.

    Raises:
        MissingModel: If the folder holds no segmentation network.
        MissingDependency: If a network is asked for, and torch is not installed.
    """
    if source == SUPERPIXELS:
        return _superpixels(image, seed)
    from pellucid.degrade.networks import predict_segments  # only who asks needs torch

    return _numbered(predict_segments(source, image.pixels))


def painted(labels: Labels, values: Field, softness: float) -> Field:
    """Give every part its value, and let the values run into each other.

    Args:
        labels: What `segments` returns.
        values: One for each label.
        softness: Width of a border, as a share of the shorter side.

    Returns:
        (height, width).
    """
    side = 2 * round(0.5 * softness * min(labels.shape)) + 1
    step = max(1, side // 4)  # what is smooth needs few samples
    plane = np.take(values, labels[::step, ::step])
    side = 2 * (side // step // 2) + 1
    for _ in range(2 if side > 1 else 0):  # two boxes are a tent, and quick at any size
        plane = cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT)
    few = -(-labels.shape[0] // step), -(-labels.shape[1] // step)
    plane = plane.reshape(few).astype(np.float32, copy=False)
    return resize(plane, labels.shape[0], labels.shape[1], "bilinear")


def _superpixels(image: Image, seed: int) -> Labels:
    height, width = image.height, image.width
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    points = _points(resize(image.pixels, rows, columns, "area"))
    centres = points[_starts(rows, columns, opened(seed, "superpixels"))]
    labels = _nearest(points, centres)
    for _ in range(_ROUNDS):
        centres = _means(points, labels, centres)
        labels = _nearest(points, centres)
    # A median of numbers is one of them: it removes specks, and makes no new part.
    plane = cv2.medianBlur(labels.reshape(rows, columns).astype(np.uint8), 3)
    few = _numbered(plane.reshape(rows, columns).astype(np.int32)).astype(np.uint8)
    full = cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST)
    return full.reshape(height, width).astype(np.int32)


def _points(thumbnail: Field) -> Field:
    """Write pixels as Lab and place, whole numbers: (pixels, 5)."""
    rows, columns, _ = thumbnail.shape
    eight_bits = (thumbnail * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)
    lab = cv2.cvtColor(eight_bits, cv2.COLOR_RGB2Lab).reshape(rows, columns, 3)
    step = _SPREAD / hypot(rows, columns)
    points = np.empty((rows, columns, 5), dtype=np.float32)
    points[:, :, :3] = lab
    points[:, :, 3] = np.rint(step * np.arange(rows, dtype=np.float32))[:, None]
    points[:, :, 4] = np.rint(step * np.arange(columns, dtype=np.float32))
    return points.reshape(-1, 5)


def _starts(rows: int, columns: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Choose pixels on a jittered grid, as many as there shall be parts."""
    wanted = _FEWEST + (_MOST - _FEWEST) * float(rng.random())
    cell = np.sqrt(rows * columns / wanted)
    down = min(rows, max(1, round(rows / cell)))
    across = min(columns, max(1, round(columns / cell)))
    jitter = rng.random((2, down, across))
    y = ((np.arange(down)[:, None] + jitter[0]) * rows / down).astype(np.intp)
    x = ((np.arange(across)[None, :] + jitter[1]) * columns / across).astype(np.intp)
    return (y * columns + x).ravel()


def _nearest(points: Field, centres: Field) -> NDArray[np.intp]:
    """Number every point after the nearest centre.

    The square of the point itself is the same for all centres and left out; what stays
    is a whole number below 2**24, so no order of summing changes it.
    """
    squares = np.square(centres).sum(axis=1, keepdims=True)
    # Not a matrix product: the threads of BLAS would go on spinning after it.
    distances = cv2.transform(points[:, None], np.hstack([-2.0 * centres, squares]))
    return np.argmin(distances.reshape(len(points), -1), axis=1)


def _means(points: Field, labels: NDArray[np.intp], centres: Field) -> Field:
    """Move centres to the middle of their points, to whole numbers."""
    counts = np.bincount(labels, minlength=len(centres))
    moved = centres.copy()
    is_used = counts > 0
    for axis in range(points.shape[1]):
        sums = np.bincount(labels, points[:, axis], minlength=len(centres))
        moved[is_used, axis] = np.round(sums[is_used] / counts[is_used])
    return moved


def _numbered(labels: NDArray[np.integer]) -> Labels:
    """Number parts without gaps."""
    present = np.bincount(labels.ravel()) > 0
    return (np.cumsum(present) - 1).astype(np.int32)[labels]
