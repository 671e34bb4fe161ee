"""Pictures of any size."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pellucid.restore.models.realrestorer.engine import Manner
from pellucid.restore.models.realrestorer.native import (
    Native,
    resized,
    working_size,
)

GOLDEN = Path(os.environ.get("PELLUCID_GOLDEN", "../shared/golden"))


class Brightening:
    """Stands for the networks: makes a picture lighter, and remembers its noise."""

    def __init__(self) -> None:
        self.seen: list[tuple[tuple[int, ...], torch.Tensor]] = []

    def restore(
        self,
        pixels: np.ndarray,
        hidden: torch.Tensor,
        mask: torch.Tensor,
        noise: torch.Tensor,
        manner: Manner,
        tell: Callable[[int, int], None],
    ) -> np.ndarray:
        self.seen.append((pixels.shape, noise))
        for step in range(manner.steps):
            tell(step + 1, manner.steps)
        return np.clip(pixels + 0.1, 0.0, 1.0).astype(np.float32)


def run(
    height: int, width: int, tile: int = 1024
) -> tuple[Brightening, np.ndarray, list[tuple[int, int]]]:
    engine: Any = Brightening()
    told: list[tuple[int, int]] = []
    native = Native(engine=engine, manner=Manner(steps=3), tile=tile, seed=4)
    slope = np.linspace(0.2, 0.7, width, dtype=np.float32)[None, :, None]
    pixels = np.broadcast_to(slope, (height, width, 3)).copy()
    nothing = torch.zeros(1)
    result = native.restore(
        pixels, nothing, nothing, lambda done, total: told.append((done, total))
    )
    np.testing.assert_allclose(result, pixels + 0.1, atol=0.02)
    return engine, result, told


@pytest.mark.parametrize("size", [(1, 1), (15, 40), (64, 64), (1000, 1200)])
def test_a_small_picture_is_never_enlarged(size: tuple[int, int]):
    engine, result, told = run(*size)
    assert result.shape == (*size, 3)
    ((shape, noise),) = engine.seen
    assert shape[:2] == tuple(-(-side // 16) * 16 for side in size)
    assert noise.shape[2:] == tuple(side // 8 for side in shape[:2])
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_large_picture_has_a_small_copy_first_and_tiles_with_one_noise():
    engine, _, told = run(1600, 2000)
    shapes = [shape[:2] for shape, _ in engine.seen]
    assert shapes[0][0] * shapes[0][1] == pytest.approx(1024 * 1024, rel=0.05)
    assert all(max(shape) <= 1024 for shape in shapes[1:])
    assert len(shapes) == 1 + 2 * 3
    assert told[-1] == (3 * 7, 3 * 7)
    first, second = engine.seen[1][1], engine.seen[2][1]
    shared = first.shape[3] + second.shape[3] - 0
    assert shared > 0
    # Neighbours share the noise where they overlap.
    step = next(
        across
        for across in range(1, first.shape[3])
        if torch.equal(first[..., across:], second[..., : first.shape[3] - across])
    )
    assert step * 8 <= 1024 - 128


def test_a_long_strip_is_cut_though_it_is_small():
    engine, _, _ = run(32, 5000)
    assert len(engine.seen) > 2


def test_sizes_of_the_published_code():
    path = GOLDEN / "realrestorer_tables.json"
    if not path.is_file():
        pytest.skip(f"There are no golden tensors in {GOLDEN}.")
    for key, wanted in json.loads(path.read_text())["resize"].items():
        size, level = key.split("@")
        width, height = map(int, size.split("x"))
        assert list(working_size(width, height, int(level))) == wanted, key


def test_resizing_keeps_the_range():
    pixels = np.zeros((20, 30, 3), np.float32)
    pixels[:, 15:] = 1.0
    found = resized(pixels, 33, 47)
    assert found.shape == (33, 47, 3)
    assert found.dtype == np.float32
    assert found.min() == 0.0
    assert found.max() == 1.0
