"""Through a codec and back: the damage of files, done by the codecs themselves.

JPEG is libjpeg-turbo by way of OpenCV, which is a third faster than by way of Pillow
and gives the same bits; WebP and AVIF are Pillow's libwebp and libavif. H.264 and
H.265 are single intra frames of x264 and x265 through PyAV, where it is installed
(decision 16). All run in one thread: more may change bits.

Source: ITU-T T.81 (JPEG), RFC 9649 (WebP), AV1 Image File Format 1.1 (AVIF), ITU-T
        H.264 and H.265; ITU-R BT.709 (luma and chroma of video).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import MissingDependency
from pellucid.core.image import Pixels

Subsampling = Literal["4:2:0", "4:2:2", "4:4:4"]
Levels = NDArray[np.uint8]  # (height, width, 3)

_SAMPLING = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}

# Longest sides that the libraries code, rounded down to whole blocks.
_LONGEST_JPEG = 65_408
_LONGEST_WEBP = 16_320
_LONGEST_AVIF = 32_768
_LONGEST_VIDEO = 8_192

_SMALLEST_VIDEO = 64  # x265 takes no frame that is smaller than a coding block
_ENCODERS = {"h264": "libx264", "h265": "libx265"}
_DECODERS = {"h264": "h264", "h265": "hevc"}


def jpeg(
    pixels: Pixels,
    quality: int,
    subsampling: Subsampling = "4:2:0",
    offset: tuple[int, int] = (0, 0),
) -> Pixels:
    """Code as baseline JPEG.

    Args:
        pixels: (height, width, 3) in [0, 1], any size.
        quality: 1 to 100, as libjpeg counts.
        subsampling: Of the two colour channels.
        offset: How far the grid of blocks is moved up and to the left, (rows,
            columns) in px: a picture that was cropped after it had been coded.
    """
    flags = [
        cv2.IMWRITE_JPEG_QUALITY,
        int(quality),
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        _SAMPLING[subsampling],
    ]

    def code(levels: Levels) -> Levels:
        _, data = cv2.imencode(".jpg", cv2.cvtColor(levels, cv2.COLOR_RGB2BGR), flags)
        decoded = _levels(cv2.imdecode(data, cv2.IMREAD_COLOR))
        return _levels(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB))

    return _through(code, pixels, offset, _LONGEST_JPEG)


def webp(pixels: Pixels, quality: int, offset: tuple[int, int] = (0, 0)) -> Pixels:
    """Code as lossy WebP, a key frame of VP8: always 4:2:0, blocks of 4 to 16 px.

    The encoder searches little (``method`` 1): two and a half times as fast as with
    Pillow's default.

    Args:
        pixels: (height, width, 3) in [0, 1], any size.
        quality: 0 to 100, as libwebp counts.
        offset: As of `jpeg`.
    """

    def code(levels: Levels) -> Levels:
        return _by_pillow(levels, "WEBP", quality=int(quality), method=1)

    return _through(code, pixels, offset, _LONGEST_WEBP)


def avif(pixels: Pixels, quality: int, offset: tuple[int, int] = (0, 0)) -> Pixels:
    """Code as AVIF, 4:2:0, with the fastest search.

    Args:
        pixels: (height, width, 3) in [0, 1], any size.
        quality: 0 to 100, as libavif counts.
        offset: As of `jpeg`.
    """

    def code(levels: Levels) -> Levels:
        return _by_pillow(
            levels,
            "AVIF",
            quality=int(quality),
            subsampling="4:2:0",
            speed=10,
            max_threads=1,
        )

    return _through(code, pixels, offset, _LONGEST_AVIF)


def h264(pixels: Pixels, crf: int, offset: tuple[int, int] = (0, 0)) -> Pixels:
    """Code as a single frame of H.264, as in a still from a video.

    Args:
        pixels: (height, width, 3) in [0, 1], any size.
        crf: Constant rate factor of x264, 0 to 51; higher is worse.
        offset: As of `jpeg`.

    Raises:
        MissingDependency: If PyAV is not installed.
    """
    return _through(_video("h264", crf), pixels, offset, _LONGEST_VIDEO)


def h265(pixels: Pixels, crf: int, offset: tuple[int, int] = (0, 0)) -> Pixels:
    """Code as a single frame of H.265: about 0.1 s for 512 x 512.

    Args:
        pixels: (height, width, 3) in [0, 1], any size.
        crf: Constant rate factor of x265, 0 to 51; higher is worse.
        offset: As of `jpeg`.

    Raises:
        MissingDependency: If PyAV is not installed.
    """
    return _through(_video("h265", crf), pixels, offset, _LONGEST_VIDEO)


def video_codecs() -> tuple[str, ...]:
    """Name the video codecs that can be used here: none without PyAV."""
    if find_spec("av") is None:
        return ()
    av: Any = import_module("av")  # no dependency: see decision 16
    known = av.codecs_available
    return tuple(name for name, encoder in _ENCODERS.items() if encoder in known)


def to_levels(pixels: Pixels) -> Levels:
    """Round to 8 bits; what lies above 1 is cut, and nothing may lie below 0."""
    return _levels(cv2.convertScaleAbs(pixels, alpha=255.0)).reshape(pixels.shape)


def from_levels(levels: Levels) -> Pixels:
    """Divide by 255."""
    pixels = levels.astype(np.float32)
    pixels *= np.float32(1.0 / 255.0)
    return pixels


def _through(
    code: Callable[[Levels], Levels],
    pixels: Pixels,
    offset: tuple[int, int],
    longest: int,
) -> Pixels:
    """Round to 8 bits, move the grid, code, and undo both.

    What is too long for a codec is coded in parts, which end where blocks end.
    """
    top, left = offset
    levels = to_levels(pixels)
    if top or left:
        levels = _levels(
            cv2.copyMakeBorder(levels, top, 0, left, 0, cv2.BORDER_REFLECT_101)
        )
    height, width = levels.shape[:2]
    if max(height, width) <= longest:
        coded = code(levels)
    else:
        coded = np.empty_like(levels)
        for y in range(0, height, longest):
            for x in range(0, width, longest):
                part = np.s_[y : y + longest, x : x + longest]
                coded[part] = code(np.ascontiguousarray(levels[part]))
    return from_levels(coded[top:, left:])


def _by_pillow(levels: Levels, name: str, **how: Any) -> Levels:
    from PIL import Image as PillowImage

    out = io.BytesIO()
    PillowImage.fromarray(levels).save(out, name, **how)
    with PillowImage.open(out) as picture:
        return np.asarray(picture.convert("RGB"))


def _video(name: str, crf: int) -> Callable[[Levels], Levels]:
    def code(levels: Levels) -> Levels:
        height, width = levels.shape[:2]
        # Frames are even and not tiny; the rest is mirrored.
        below = max(_SMALLEST_VIDEO - height, height % 2)
        right = max(_SMALLEST_VIDEO - width, width % 2)
        padded = cv2.copyMakeBorder(levels, 0, below, 0, right, cv2.BORDER_REFLECT_101)
        frame = _coded_frame(_to_yuv(_levels(padded)), name, int(crf))
        return _to_rgb(frame)[:height, :width]

    return code


def _coded_frame(planes: Levels, name: str, crf: int) -> Levels:
    """Code and decode one frame.

    Args:
        planes: Luma and below it both chromas at half the size: (1.5 height, width).
        name: The codec.
        crf: Its constant rate factor.
    """
    try:
        av: Any = import_module("av")  # no dependency: see decision 16
    except ImportError as error:
        what = f"The codec {name} needs the package av."
        raise MissingDependency(what, "pip install av") from error

    encoder = av.CodecContext.create(_ENCODERS[name], "w")
    encoder.width, encoder.height = planes.shape[1], planes.shape[0] * 2 // 3
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"crf": str(crf), "preset": "veryfast"}
    if name == "h265":
        quiet = "log-level=none:pools=none:frame-threads=1"
        encoder.options = {**encoder.options, "x265-params": quiet}
    decoder = av.CodecContext.create(_DECODERS[name], "r")
    decoder.thread_count = 1
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    frames = [each for packet in packets for each in decoder.decode(packet)]
    frames += decoder.decode(None)
    return frames[0].to_ndarray(format="yuv420p")


# BT.709 in the limited range that video uses: luma 16 to 235, chroma 16 to 240.
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_BLUE = (np.array([0.0, 0.0, 1.0]) - _LUMA) / 1.8556
_RED = (np.array([1.0, 0.0, 0.0]) - _LUMA) / 1.5748
_FORWARD = np.stack([_LUMA * 219 / 255, _BLUE * 224 / 255, _RED * 224 / 255])
_BACK = np.linalg.inv(_FORWARD)
_ZERO = np.array([16.0, 128.0, 128.0])


def _to_yuv(levels: Levels) -> Levels:
    """Mix to luma and chroma; OpenCV's own conversion takes one chroma in four."""
    shifted = np.column_stack([_FORWARD, _ZERO]).astype(np.float32)
    mixed = cv2.transform(levels, shifted)  # rounds, and saturates
    height, width = mixed.shape[:2]
    half = (width // 2, height // 2)
    chroma = cv2.resize(mixed[..., 1:], half, interpolation=cv2.INTER_AREA)
    planes = [mixed[..., 0], chroma[..., 0], chroma[..., 1]]
    flat = np.concatenate([plane.reshape(-1) for plane in planes])
    return _levels(flat.reshape(height * 3 // 2, width))


def _to_rgb(planes: Levels) -> Levels:
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    large = [
        cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR)
        for each in chroma
    ]
    shifted = np.column_stack([_BACK, -_BACK @ _ZERO]).astype(np.float32)
    mixed = cv2.merge([np.ascontiguousarray(planes[:height]), *large])
    return _levels(cv2.transform(mixed, shifted))


def _levels(array: Any) -> Levels:
    """Tell the type checker what OpenCV returns."""
    return array
