"""Pictures as people have them in Python, to `Image` and back to what came in.

Paths and bytes are files. Pillow pictures and numpy arrays are taken as they lie: what
EXIF says about orientation is not applied, so that the size stays.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from pellucid.core.errors import ImageError
from pellucid.core.files import decode, encode, read
from pellucid.core.image import Carried, Image, Pixels
from pellucid.core.modes import planes_of, to_pillow
from pellucid.core.options import Limits
from pellucid.core.samples import from_unit, to_unit

Picture = Image | Pillow.Image | NDArray[Any] | bytes | str | os.PathLike[str]

KINDS = "a path, bytes, a Pillow picture, an array of numpy or an `Image`"
DEEP = ("I;16", "I;16L", "I;16B", "I;16N")  # gray of 16 bits, as Pillow calls it


def taken(picture: Picture, limits: Limits | None = None) -> Image:
    """Bring a picture of any kind into ours.

    Args:
        picture: A path or bytes of a file in a format that we read; a Pillow picture;
            an array (height, width), (height, width, 1), 3 or 4 of unsigned integers
            or of floats in [0, 1]; an `Image`.
        limits: How large a file may be.

    Raises:
        ImageError: If it is no picture, or an array of another shape or range.
        InputMissing: If there is nothing at a path.
    """
    match picture:
        case Image():
            return picture
        case Pillow.Image():
            return _from_pillow(picture)
        case np.ndarray():
            return _from_array(picture)
        case bytes():
            return decode(picture, limits)
        case str() | os.PathLike():
            return read(Path(picture), limits)
        case _:
            what = f"A picture cannot be {type(picture).__name__}."
            raise ImageError(what, f"Give {KINDS}.")


def like(image: Image, picture: Picture) -> Picture:
    """Bring a result to the kind of what came in.

    Args:
        image: The result.
        picture: What was restored.

    Returns:
        Bytes for bytes, in the same format if we write it, else as PNG; Pillow for
        Pillow; an array of the same type and channels for an array; else the `Image`
        itself, also for a path, since nothing is written unasked.
    """
    match picture:
        case Pillow.Image():
            return to_pillow_picture(image)
        case np.ndarray():
            return to_array(image, picture.dtype.name, picture.shape)
        case bytes():
            return encode(image).data
        case _:
            return image


def to_pillow_picture(image: Image) -> Pillow.Image:
    """Make a Pillow picture: L, LA, RGB or RGBA of 8 bits; gray of 16 bits is I;16."""
    gray = image.carried.is_gray
    if gray and image.alpha is None and image.carried.bit_depth == 16:
        return Pillow.fromarray(from_unit(image.pixels[:, :, 0].copy(), "uint16"))
    planes = [image.pixels[:, :, :1] if gray else image.pixels]
    if image.alpha is not None:
        planes.append(image.alpha[:, :, None])
    result = to_pillow(from_unit(np.dstack(planes), "uint8"))
    if image.carried.icc:
        result.info["icc_profile"] = image.carried.icc
    return result


def to_array(
    image: Image, sample_type: str = "float32", shape: tuple[int, ...] = (0, 0, 3)
) -> NDArray[Any]:
    """Make an array of samples.

    Args:
        image: The picture.
        sample_type: numpy name of a sample: ``uint8``, ``uint16``, ``float32``.
        shape: Of an array with the channels that are wanted: (h, w), (h, w, 1), 3
            or 4; height and width do not matter.
    """
    channels = shape[2] if len(shape) == 3 else 1
    plane = image.pixels if channels >= 3 else image.pixels[:, :, :1]
    if channels == 4:
        opaque = np.ones(plane.shape[:2], np.float32)
        alpha = opaque if image.alpha is None else image.alpha
        plane = np.dstack([plane, alpha])
    samples = from_unit(np.ascontiguousarray(plane), sample_type)
    return samples if len(shape) == 3 else samples[:, :, 0]


def _from_pillow(picture: Pillow.Image) -> Image:
    icc = picture.info.get("icc_profile")
    if picture.mode in DEEP:
        deep = _from_array(np.asarray(picture).astype(np.uint16))
        return deep.with_carried(icc=icc)
    planes = planes_of(picture.copy())
    carried = Carried(is_gray=planes.is_gray, icc=icc)
    return Image(planes.pixels, planes.alpha, carried)


def _from_array(array: NDArray[Any]) -> Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    kind = array.dtype.kind
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or not array.size:
        what = f"An array of {array.shape} is no picture."
        raise ImageError(what, "Give (height, width), or 1, 3 or 4 channels last.")
    if kind not in "uf" or array.dtype.itemsize > 4:
        what = f"An array of {array.dtype} is no picture."
        raise ImageError(what, "Give uint8, uint16, or float32 in [0, 1].")
    unit = to_unit(np.ascontiguousarray(array)).reshape(*array.shape[:2], channels)
    alpha: Pixels | None = unit[:, :, 3].copy() if channels == 4 else None
    gray = channels == 1
    pixels = unit.repeat(3, axis=2) if gray else unit[:, :, :3]
    if pixels.base is array or np.shares_memory(pixels, array):
        pixels = pixels.copy()  # whoever gave it may change it later
    return Image(pixels, alpha, Carried(sample_type=array.dtype.name, is_gray=gray))
