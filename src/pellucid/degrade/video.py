"""Blur that really happened: the mean of consecutive frames of a sharp clip.

A longer exposure collects the light of several short ones, so the mean is taken in
linear values; the frame in the middle is the clean partner. Everything in the scene
blurs as it moves, which no kernel can do.

Model:  blurred = sRGB(mean over i of linear(frame_i)),  5 to 33 frames, an odd number
Source: S. Nah, T. H. Kim, K. M. Lee, "Deep Multi-scale Convolutional Neural Network
        for Dynamic Scene Deblurring", CVPR 2017, section 2 (there with a gamma of 2.2);
        G. Farnebäck, "Two-Frame Motion Estimation Based on Polynomial Expansion", 2003.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import ImageError, InputMissing
from pellucid.core.image import Image
from pellucid.core.protocols import Params
from pellucid.degrade.frames import checksum, frames, thumbnails
from pellucid.degrade.light import to_linear, to_srgb
from pellucid.degrade.severity import Range, between_log, draw_severity

SHORTEST, LONGEST = 5, 33  # frames in a window
MOTION_PX: Range = (1.5, 36.0)  # what severity walks through: how far things move
STEP_PX = 4.0  # from frame to frame; beyond it the mean shows copies, not blur

_NEAR = 1.3  # factor by which the motion may miss what the severity asks for
_NOISE = 0.1  # thumbnail pixels: noise makes no longer flow
_STILL = 0.01  # thumbnail pixels: and of one direction, none longer than this
_CUT_LEVELS = 6.0  # mean difference that noise does not make, levels of 255
_CUT_LIKENESS = 0.6  # correlation below which frames show different scenes
_FLICKER = 3.0  # how far the mean brightness may move, levels of 255
_TOLERANCE = 1.5 / 255.0  # a clean frame may have been stored with 8 bits


@dataclass(frozen=True, kw_only=True)
class _Track:
    """What happens in a clip.

    Attributes:
        motion_px: From each frame to the next: how far half of the picture moves.
        broken: Whether there is a cut between each frame and the next.
        levels: Mean brightness of each frame.
        times: When each is shown; None in a folder.
    """

    motion_px: NDArray[np.float64]
    broken: NDArray[np.bool_]
    levels: NDArray[np.float64]
    times: Sequence[int | None]


def windows(
    source: Path,
    rng: np.random.Generator,
    *,
    severity: float | None = None,
    count: int = 1,
) -> list[Params]:
    """Choose stretches of a clip whose mean is a good picture of blur.

    There is no cut in them, the exposure stays the same, and things move: not too
    little for the severity, and never so fast that the mean would show copies. The
    whole clip is read once, as thumbnails.

    Args:
        source: A folder of frames, in natural order, or a video file.
        rng: Where chance comes from.
        severity: How long the window is and how far things move in it; drawn for
            each when None.
        count: How many are wanted.

    Returns:
        Params for the degradation ``blur``, at most ``count`` of them, each with
        another middle frame; fewer if the clip has no more. Their ``severity`` is
        what was reached: a slow clip cannot be blurred more than it moves.

    Raises:
        ValueError: If the severity lies outside [0, 1].
        InputMissing: If there is no such clip.
        ImageError: If it is too short, its frames differ in size, or no stretch of
            it is usable.
        BadImage: If it cannot be decoded.
        MissingDependency: If it is a video file and PyAV is not installed.
    """
    wanted = [draw_severity(rng, severity) for _ in range(count)]
    track = _followed(source)
    order: list[int] = np.argsort(rng.random(len(track.levels)), kind="stable").tolist()
    left = [middle for middle in order if _usable(track, middle)]
    if not left:
        what = f"{source}: In no {SHORTEST} frames in a row is there even movement."
        hint = (
            f"Without a cut or a flash, half of the picture must move by up to "
            f"{STEP_PX:g} px from frame to frame, {MOTION_PX[0]:g} px in all."
        )
        raise ImageError(what, hint)
    chosen: list[Params] = []
    for each in wanted:
        if left:
            middle, half, motion_px = _nearest(track, left, each)
            left = [other for other in left if abs(other - middle) >= SHORTEST]
            chosen.append(_params(source, track, middle - half, half, motion_px))
    return chosen


def clean(source: Path, params: Params) -> Image:
    """Read the frame in the middle, which a restorer should reach.

    Raises:
        InputMissing: If the clip is not there, or is another one by now.
        ImageError: If it cannot be decoded.
    """
    return deque(_chosen(source, params, middle=True), maxlen=1)[0]


def averaged(source: Path, params: Params, middle: Image | None = None) -> Image:
    """Take the mean of the frames, in linear light.

    Args:
        source: The clip.
        params: What `windows` has chosen.
        middle: What the frame in the middle must look like; not looked at when None.

    Raises:
        InputMissing: If the clip is not there, or is another one by now.
        ImageError: If it cannot be decoded, or its middle looks different.
    """
    total: NDArray[np.float32] | None = None
    for place, image in enumerate(_chosen(source, params)):
        if place == params["count"] // 2 and middle is not None:
            _compare(middle, image, source)
        light = to_linear(image.pixels)
        total = light if total is None else np.add(total, light, out=total)
    assert total is not None  # `frames` raises if there are too few
    total *= np.float32(1.0 / params["count"])
    return Image(to_srgb(total))


def _chosen(source: Path, params: Params, *, middle: bool = False) -> Iterator[Image]:
    first, count = int(params["first"]), int(params["count"])
    if checksum(source, first, count) != params["sha256"]:
        what = f"{source}: These are not the frames that were used before."
        raise InputMissing(what, "Bring back the clip of the record.")
    needed = count // 2 + 1 if middle else count
    return frames(source, first, needed, params.get("time"))


def _compare(image: Image, middle: Image, source: Path) -> None:
    one, other = image.pixels, middle.pixels
    same = one.shape == other.shape
    if not same or float(np.abs(one - other).max()) > _TOLERANCE:
        what = f"{source}: The picture is not the middle one of the chosen frames."
        raise ImageError(what, "Take the clean picture from the clip itself.")


def _followed(source: Path) -> _Track:
    """Look at each frame once, and remember four numbers of it."""
    motion, broken = list[float](), list[bool]()
    levels, times = list[float](), list[int | None]()
    before: NDArray[np.uint8] | None = None
    for thumbnail in thumbnails(source):
        now = thumbnail.gray
        if before is not None:
            moved, is_cut = _change(before, now)
            motion.append(moved / thumbnail.shrink)
            broken.append(is_cut)
        before = now
        levels.append(float(now.mean()))
        times.append(thumbnail.time)
    if len(levels) < SHORTEST:
        what = f"{source}: It has {len(levels)} frames, and {SHORTEST} are needed."
        raise ImageError(what, "Name a folder of frames or a longer clip.")
    return _Track(
        motion_px=np.array(motion),
        broken=np.array(broken),
        levels=np.array(levels),
        times=times,
    )


def _change(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> tuple[float, bool]:
    """Compare two thumbnails.

    Returns:
        How far half of the picture moves at least, in pixels of the thumbnail, and
        whether another scene begins.
    """
    start = np.zeros((*now.shape, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(before, now, start, 0.5, 3, 15, 3, 5, 1.2, 0)
    flow = flow.astype(np.float32, copy=False)
    moved = float(np.median(np.hypot(flow[..., 0], flow[..., 1])))
    if moved < _NOISE:  # may be noise, which points everywhere: what has a direction?
        moved = float(np.hypot(*np.median(flow, axis=(0, 1))))
    rows, columns = np.indices(now.shape, dtype=np.float32)
    # Where the movement is undone, only another scene looks different.
    followed = cv2.remap(
        now, flow[..., 0] + columns, flow[..., 1] + rows, cv2.INTER_LINEAR
    )
    differs = float(cv2.absdiff(before, followed).mean()) > _CUT_LEVELS
    is_cut = differs and _likeness(before, followed) < _CUT_LIKENESS
    return (moved if moved > _STILL else 0.0), is_cut


def _likeness(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Correlate two pictures: 1 is equal, 0 is unrelated."""
    spread = float(one.std()) * float(other.std())
    product = (one - one.mean()) * (other - other.mean())
    return float(product.mean()) / max(spread, 1e-6)


def _usable(track: _Track, middle: int) -> list[tuple[int, float]]:
    """List the windows around a frame: frames on each side, and motion in px."""
    found: list[tuple[int, float]] = []
    motion_px = 0.0
    most = min(middle, len(track.levels) - 1 - middle, LONGEST // 2)
    for half in range(1, most + 1):
        ends = (middle - half, middle + half)
        steps = (ends[0], ends[1] - 1)
        motion_px += float(sum(track.motion_px[step] for step in steps))
        if any(
            track.broken[step] or track.motion_px[step] > STEP_PX for step in steps
        ) or any(
            abs(track.levels[end] - track.levels[middle]) > _FLICKER for end in ends
        ):
            break
        if half >= SHORTEST // 2 and MOTION_PX[0] <= motion_px <= MOTION_PX[1]:
            found.append((half, motion_px))
    return found


def _nearest(
    track: _Track, middles: Sequence[int], severity: float
) -> tuple[int, int, float]:
    """Find the first frame around which there is a window of the wanted motion."""
    wanted_px = between_log(MOTION_PX, severity)
    nearest, least = (0, 0, 0.0), math.inf
    for middle in middles:
        for half, motion_px in _usable(track, middle):
            factor = max(motion_px / wanted_px, wanted_px / motion_px)
            if factor < least:
                nearest, least = (middle, half, motion_px), factor
        if least < _NEAR:
            break
    return nearest


def _params(
    source: Path, track: _Track, first: int, half: int, motion_px: float
) -> Params:
    mild_px, strong_px = MOTION_PX
    reached = math.log(motion_px / mild_px) / math.log(strong_px / mild_px)
    params: Params = {"severity": min(max(reached, 0.0), 1.0), "shape": "frames"}
    params |= {"source": source.as_posix(), "first": first, "count": 2 * half + 1}
    if (time := track.times[first]) is not None:
        params["time"] = time
    return {**params, "sha256": checksum(source, first, params["count"])}
