"""The published procedure."""

from pathlib import Path

import numpy as np
import pytest

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer import RealRestorer
from pellucid.restore.models.realrestorer.engine import Engine, Manner


def test_every_picture_is_brought_to_one_area_and_back(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
):
    model = RealRestorer.load(LoadOptions(weights_folder=bundle))
    seen: list[tuple[tuple[int, ...], Manner]] = []
    restore = Engine.restore

    def watched(self: Engine, pixels: np.ndarray, *rest: object) -> np.ndarray:
        seen.append((pixels.shape, next(r for r in rest if isinstance(r, Manner))))
        return restore(self, pixels, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "restore", watched)
    image = Image(stream(8, "official").random((30, 60, 3), dtype=np.float32))
    found = model.restore_as_published(image, "derain", level=96, steps=2)
    ((shape, manner),) = seen
    assert shape == (64, 128, 3)
    assert manner.is_official
    assert found.pixels.shape == image.pixels.shape
    assert np.abs(found.pixels * 255 - np.rint(found.pixels * 255)).max() < 1e-3
    again = model.restore_as_published(image, "derain", level=96, steps=2)
    np.testing.assert_array_equal(found.pixels, again.pixels)
