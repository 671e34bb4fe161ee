"""The restorer that comes with the package."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.restore.diagnose import KINDS, Look, weights_folder
from pellucid.restore.models.compact import WEIGHTS, Compact, condition_for
from pellucid.restore.receipt import Accountable
from pellucid.restore.run import Telling


@pytest.fixture(scope="module")
def compact() -> Compact:
    if not (weights_folder() / WEIGHTS).exists():
        pytest.skip("the weights are not trained yet")
    return Compact.load(LoadOptions(threads=1))


def test_it_says_how_it_ran_and_how_far_it_is(compact: Compact):
    assert isinstance(compact, Accountable)
    assert isinstance(compact, Telling)
    assert set(compact.weights_sha256) == {"restorer.onnx", "diagnoser.onnx"}


def test_a_tile_and_the_whole_agree(compact: Compact):
    image = photograph(PHOTOGRAPHS[2], 400)
    tiles = Compact.load(LoadOptions(threads=1, tile=256))
    whole = compact.restore(image, Request(task=("denoise",)))
    parts = tiles.restore(image, Request(task=("denoise",)))
    assert np.abs(whole.pixels - parts.pixels).max() < 1e-3


def test_every_tile_is_told(compact: Compact):
    tiles = Compact.load(LoadOptions(threads=1, tile=128))
    told: list[tuple[int, int]] = []
    image = photograph(PHOTOGRAPHS[0], 160)
    tiles.restore_telling(
        image, Request(), lambda done, all_: told.append((done, all_))
    )
    assert told[-1][0] == told[-1][1] > 1


def test_tasks_that_are_named_are_certain_and_others_absent():
    seen = Look(
        presence=np.full(len(KINDS), 0.3, np.float32),
        severity=np.full(len(KINDS), 0.5, np.float32),
        code=np.ones(16, np.float32),
    )
    named = condition_for(seen, Request(task=("denoise", "dehaze")))
    assert named.shape == (1, 38)
    assert named[0, 11:22].sum() == 2.0
    assert named[0, 11 + KINDS.index("noise")] == 1.0
    free = condition_for(seen, Request(task=("auto",)))
    np.testing.assert_allclose(free[0, 11:22], 0.3)
    np.testing.assert_allclose(free[0, :11], 0.15)


@pytest.mark.parametrize("size", [(1, 1), (3, 200)])
def test_the_smallest_pictures_work(compact: Compact, size: tuple[int, int]):
    image = Image(np.full((*size, 3), 0.5, np.float32))
    assert compact.restore(image, Request()).pixels.shape == (*size, 3)
