"""The frames of a clip, one after the other: a folder of pictures, or a video file.

Nothing is kept, so a clip may last for hours. Video files are read with PyAV, which is
no dependency of ours: its wheels hold encoders under the GPL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import (
    BadImage,
    ImageError,
    InputMissing,
    MissingDependency,
)
from pellucid.core.files import format_of, read
from pellucid.core.image import Carried, Image

VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg"})

_THUMBNAIL = 192  # longer side: movements of a tenth of its pixels can be measured


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A frame made small, to see what moves.

    Attributes:
        gray: (rows, columns).
        shrink: Its size as a share of the size of the frame.
        time: When it is shown, in the units of its file; None in a folder.
    """

    gray: NDArray[np.uint8]
    shrink: float
    time: int | None = None


def is_clip(source: Path) -> bool:
    """Tell by the name whether this is a video file."""
    return source.suffix.lower() in VIDEOS


def thumbnails(source: Path) -> Iterator[Thumbnail]:
    """Go through a whole clip.

    Raises:
        InputMissing: If there is no such clip.
        ImageError: If a frame has another size than the first.
        BadImage: If a frame, or the file, cannot be decoded.
        MissingDependency: If it is a video file and PyAV is not installed.
    """
    sizes = _OneSize(source)
    if source.is_dir():
        for path in _pictures(source):
            pixels = read(path).pixels
            sizes.check(pixels.shape[:2], path.name)
            rows, columns, shrink = _small(*pixels.shape[:2])
            gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
            small = cv2.resize(gray, (columns, rows), interpolation=cv2.INTER_AREA)
            levels = (small.reshape(rows, columns) * 255.0 + 0.5).astype(np.uint8)
            yield Thumbnail(gray=levels, shrink=shrink)
        return
    with _opened(source) as (container, stream):
        for place, frame in enumerate(container.decode(stream)):
            sizes.check((frame.height, frame.width), f"frame {place}")
            rows, columns, shrink = _small(frame.height, frame.width)
            gray = frame.to_ndarray(
                width=columns, height=rows, format="gray", interpolation="AREA"
            )
            yield Thumbnail(gray=gray, shrink=shrink, time=frame.pts)


def frames(
    source: Path, first: int, count: int, time: int | None = None
) -> Iterator[Image]:
    """Go through a few frames in a row.

    Args:
        source: The clip.
        first: Place of the first, from 0.
        count: How many.
        time: When the first one is shown, which spares decoding all before it.

    Raises:
        InputMissing: If there is no such clip, or it ends before.
        ImageError: If the frames are not of one size.
        BadImage: If one of them cannot be decoded.
        MissingDependency: If it is a video file and PyAV is not installed.
    """
    sizes = _OneSize(source)
    found = 0
    if source.is_dir():
        paths = _pictures(source)[first : first + count]
        found = len(paths)
        for path in paths:
            image = read(path)
            sizes.check((image.height, image.width), path.name)
            yield image
    else:
        with _opened(source) as (container, stream):
            for found, frame in enumerate(_from(container, stream, first, time), 1):
                sizes.check((frame.height, frame.width), f"frame {first + found - 1}")
                yield _upright(frame, source)
                if found == count:
                    break
    if found < count:
        what = f"{source}: There are no {count} frames from number {first} on."
        raise InputMissing(what, "It is shorter than the clip that was used before.")


def checksum(source: Path, first: int, count: int) -> str:
    """Hash a video file, or the names and contents of a few frames of a folder.

    Raises:
        InputMissing: If there is no such clip.
    """
    if source.is_dir():
        paths = _pictures(source)[first : first + count]
        whole = "\n".join(f"{path.name} {_file_sha256(path)}" for path in paths)
        return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()
    return _file_sha256(source)


class _OneSize:
    """Sees to it that all frames have the size of the first."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.size: tuple[int, ...] | None = None

    def check(self, size: tuple[int, ...], name: str) -> None:
        """Compare the size of the next frame."""
        self.size = self.size or size
        if size != self.size:
            height, width = self.size
            what = (
                f"{self.source}: {name} has {size[1]} x {size[0]} pixels, but the "
                f"frames before it have {width} x {height}."
            )
            raise ImageError(what, "All frames of a clip must have one size.")


def _small(height: int, width: int) -> tuple[int, int, float]:
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink)), shrink


def _pictures(folder: Path) -> list[Path]:
    """List pictures as people count: frame 2 before frame 10."""
    files = [each for each in folder.iterdir() if each.is_file()]
    # Asking takes milliseconds, so it is done once for each extension.
    known = {each.suffix: each for each in files}
    readable = {suffix for suffix, each in known.items() if format_of(each)}
    paths = (each for each in files if each.suffix in readable)
    return sorted(paths, key=lambda path: (_natural(path.name), path.name))


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]+)", name.casefold())
    return [
        (int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)
    ]


@contextmanager
def _opened(source: Path) -> Generator[tuple[Any, Any]]:
    """Open a video file; what PyAV raises in the meantime becomes ours."""
    if not source.exists():
        what = f"There is no clip {source}."
        raise InputMissing(what, "Name a folder of frames or a video file.")
    try:
        av: Any = import_module("av")  # no dependency; see docs/decisions/0016
    except ImportError as error:
        what = f"{source}: Video files need the package `av`."
        hint = "pip install av, or unpack the frames into a folder and name that."
        raise MissingDependency(what, hint) from error
    try:
        with av.open(str(source)) as container:
            if not container.streams.video:
                raise BadImage(f"{source}: There are no pictures in this file.")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            yield container, stream
    except av.FFmpegError as error:
        what = f"{source}: It cannot be decoded: {error.strerror}."
        raise BadImage(what, "The file is broken, or no video.") from error


def _from(container: Any, stream: Any, first: int, time: int | None) -> Iterator[Any]:
    """Decode from a frame on: from the key frame before it, if its time is known."""
    if time is not None:
        container.seek(time, stream=stream)
        later = (each for each in container.decode(stream) if (each.pts or 0) >= time)
        start = next(later, None)
        if start is not None and start.pts == time:
            yield start
            yield from later
            return
        container.seek(0, stream=stream)  # the index of the file is wrong
    for place, frame in enumerate(container.decode(stream)):
        if place >= first:
            yield frame


def _upright(frame: Any, source: Path) -> Image:
    """Turn a frame of a telephone that was held upright, as players do."""
    pixels = frame.to_ndarray(format="rgb24")
    turned = np.rot90(pixels, round(frame.rotation / 90) % 4)
    scaled = np.ascontiguousarray(turned, dtype=np.float32) * np.float32(1 / 255)
    return Image(np.minimum(scaled, 1.0), carried=Carried(source=str(source)))


def _file_sha256(path: Path) -> str:
    try:
        state = path.stat()
        return _remembered(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror}."
        raise InputMissing(what, "Name a folder of frames or a video file.") from error


@lru_cache(maxsize=256)
def _remembered(path: Path, size: int, time_ns: int) -> str:
    """Hash a file once, as long as it does not change: videos are large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
