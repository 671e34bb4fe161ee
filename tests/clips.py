"""Clips that a test makes: folders of frames, and video files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.files import write
from pellucid.core.image import Image
from pellucid.core.seeds import stream

Frame = NDArray[np.float32]  # (height, width, 3) in [0, 1]

HEIGHT, WIDTH = 64, 96


def scene(key: str, width: int = 400, level: float = 0.5) -> Frame:
    """A long wall with soft blotches, to pan over; its mean is the level."""
    rough = stream(3, "wall", key).random((HEIGHT, width, 3), dtype=np.float32)
    soft = cv2.GaussianBlur(rough, (0, 0), 2.0)
    soft -= np.float32(soft.mean())
    return np.clip(level + soft * np.float32(0.15 / soft.std()), 0.0, 1.0)


def pan(wall: Frame, offsets_px: Iterable[int]) -> list[Frame]:
    """What a camera sees that moves along a wall."""
    return [np.ascontiguousarray(wall[:, at : at + WIDTH]) for at in offsets_px]


def folder_of(frames: Sequence[Frame], folder: Path) -> Path:
    """Write frames as PNG, numbered without zeros in front."""
    folder.mkdir(parents=True)
    for place, pixels in enumerate(frames):
        write(Image(pixels), folder / f"frame{place}.png")
    return folder


def video_of(frames: Sequence[Frame], path: Path, codec: str = "libx264") -> Path:
    """Write a video file; needs PyAV."""
    av: Any = import_module("av")
    with av.open(str(path), "w") as container:
        track = container.add_stream(codec, rate=Fraction(30))
        track.height, track.width = frames[0].shape[:2]
        track.pix_fmt = "yuv420p"
        track.options = {"g": "10", "bf": "2", "crf": "10"}
        for pixels in frames:
            levels = (pixels * 255.0 + 0.5).astype(np.uint8)
            container.mux(track.encode(av.VideoFrame.from_ndarray(levels, "rgb24")))
        container.mux(track.encode())
    return path
