"""The restorer that comes with the package."""

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.settings import build
from pellucid.restore.diagnose import KINDS, Look
from pellucid.restore.models.compact import SMALLEST, Compact, condition_for, decided
from pellucid.restore.receipt import Accountable
from pellucid.restore.run import Telling


@pytest.fixture(scope="module")
def compact() -> Compact:
    return Compact.load(LoadOptions(threads=1, device="cpu"))


def test_it_says_how_it_ran_and_how_far_it_is(compact: Compact):
    assert isinstance(compact, Accountable)
    assert isinstance(compact, Telling)
    assert set(compact.weights_sha256) == {"restorer.onnx", "diagnoser.onnx"}


def wide() -> Image:
    """A photograph that smallest tiles do not hold, by 100 px."""
    pixels = photograph(PHOTOGRAPHS[2], 400).pixels
    whole = np.concatenate([pixels, pixels[:, ::-1]], axis=1)[:32]
    assert whole.shape[1] > SMALLEST + 100
    return Image(np.ascontiguousarray(whole))


def test_a_tile_and_the_whole_agree(compact: Compact):
    tiles = Compact.load(LoadOptions(threads=1, tile=1, device="cpu"))
    request, told = Request(task=("dehaze", "denoise")), list[tuple[int, int]]()
    whole = compact.restore(wide(), request)
    parts = tiles.restore_telling(wide(), request, lambda *it: told.append(it))
    assert np.abs(whole.pixels - parts.pixels).max() < 1e-5
    assert np.abs(whole.pixels - wide().pixels).max() > 0.01
    assert told == [(place, 2) for place in (1, 2)] or len(told) > 2


def test_eight_bits_give_nearly_the_same(compact: Compact):
    rough = Compact.load(LoadOptions(threads=1, dtype="int8", device="cpu"))
    request = Request(task=("denoise",))
    image = photograph(PHOTOGRAPHS[0], 160)
    one, two = (each.restore(image, request).pixels for each in (compact, rough))
    assert 0 < np.sqrt(np.mean((one - two) ** 2)) < 0.01
    assert rough.dtype == "int8"
    assert "restorer-int8.onnx" in rough.weights_sha256


def test_openvino_gives_the_same(compact: Compact):
    pytest.importorskip("openvino")
    other = Compact.load(LoadOptions(threads=1, device="openvino"))
    assert other.device == "cpu, openvino"
    image = photograph(PHOTOGRAPHS[1], 120)
    one, two = (each.restore(image, Request()).pixels for each in (compact, other))
    assert np.abs(one - two).max() < 1e-3


@pytest.mark.parametrize("how", [{"dtype": "float16"}, {"device": "cuda"}])
def test_what_it_cannot_do_is_told(how: dict[str, str]):
    with pytest.raises(SettingsError, match="The compact model does not"):
        Compact.load(build(LoadOptions, how))


def test_tasks_that_are_named_are_certain_and_others_absent():
    seen = Look(
        presence=np.full(len(KINDS), 0.1, np.float32),
        severity=np.full(len(KINDS), 0.5, np.float32),
        code=np.ones(16, np.float32),
    )
    named = condition_for(seen, Request(task=("denoise", "dehaze")))
    assert named.shape == (1, 38)
    assert named[0, 11:22].sum() == 2.0
    assert named[0, 11 + KINDS.index("noise")] == 1.0
    free = condition_for(seen, Request(task=("auto",)))
    chance = 0.01 / (0.01 + 0.81)  # nearer to no than 0.1
    np.testing.assert_allclose(free[0, 11:22], chance, rtol=1e-6)
    np.testing.assert_allclose(free[0, :11], chance / 2, rtol=1e-6)


def test_chances_become_clearer_and_stay_in_order():
    chances = np.linspace(0.0, 1.0, 11, dtype=np.float32)
    clear = decided(chances)
    np.testing.assert_allclose(clear[[0, 5, 10]], [0.0, 0.5, 1.0], atol=1e-6)
    assert (np.diff(clear) > 0).all()
    assert (clear[1:5] < chances[1:5]).all()
    assert (clear[6:10] > chances[6:10]).all()


def test_where_something_is_there_and_nobody_knows_what_each_keeps_its_chance():
    unsure = np.array([0.5, 0.4, 0.3, 0.0], np.float32)
    np.testing.assert_allclose(decided(unsure), unsure / 0.79, rtol=1e-6)
    nearly_clean = np.array([0.3, 0.2, 0.1, 0.0], np.float32)
    assert (decided(nearly_clean) < nearly_clean + 1e-6).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 200)])
def test_the_smallest_pictures_work(compact: Compact, size: tuple[int, int]):
    image = Image(np.full((*size, 3), 0.5, np.float32))
    assert compact.restore(image, Request()).pixels.shape == (*size, 3)
