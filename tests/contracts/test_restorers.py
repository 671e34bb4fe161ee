"""Every restorer keeps these promises, also one that is added tomorrow."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from pellucid.core.errors import EnvironmentFailure, MissingDependency, MissingModel
from pellucid.core.image import Image
from pellucid.core.protocols import Restorer
from pellucid.core.records import LoadOptions, Request
from pellucid.core.registry import RESTORERS
from pellucid.core.seeds import stream
from pellucid.restore.tasks import TASKS

SIZES = [(1, 1), (1, 9), (7, 1), (2, 3), (17, 31), (96, 70)]
ABSENT = (MissingModel, MissingDependency, EnvironmentFailure)

# An empty list of names is skipped by pytest: there may be no restorer yet.
pytestmark = pytest.mark.parametrize("name", RESTORERS.names())


def photo(height: int, width: int) -> Image:
    """A soft slope with an edge and a little noise, as dark as a room."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    slope = 0.1 + 0.3 * rows + 0.2 * columns + 0.2 * (columns > 0.4)
    noise = stream(9, "restorers").normal(0.0, 0.05, (height, width, 3))
    return Image(np.clip(slope[:, :, None] + noise, 0, 1).astype(np.float32))


@lru_cache(maxsize=4)
def loaded(name: str, tile: int | None = None) -> Restorer:
    """Load a restorer; one whose weights or packages are not here is skipped."""
    kind = RESTORERS.get(name)
    try:
        return kind.load(LoadOptions(tile=tile))
    except ABSENT as error:
        if RESTORERS.origin(name) == "built in" and not kind.card.weights:
            raise  # weights that come with the package are always here
        pytest.skip(f"{name}: {error}")


def test_its_card_is_complete_and_read_without_loading(name: str):
    cls = RESTORERS.get(name)
    card = cls.card
    assert card.name == name
    assert set(card.tasks) <= set(TASKS)
    assert card.parameters > 0
    assert card.memory_gib > 0
    assert card.max_tile is None or card.max_tile % card.min_multiple == 0
    assert cls.__doc__


def test_what_is_loaded_is_a_restorer(name: str):
    assert isinstance(loaded(name), Restorer)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_any_size_in_the_same_size_out(name: str, size: tuple[int, int]):
    image = photo(*size)
    before = image.pixels.copy()
    task = loaded(name).card.tasks[:1]
    result = loaded(name).restore(image, Request(task=task))
    assert result.pixels.shape == image.pixels.shape
    np.testing.assert_array_equal(image.pixels, before)


def test_every_task_of_the_card_is_done(name: str):
    for task in loaded(name).card.tasks:
        assert loaded(name).restore(photo(32, 40), Request(task=(task,))).width == 40


def test_same_picture_and_request_same_result_whatever_came_between(name: str):
    model = loaded(name)
    request = Request(task=model.card.tasks[:1], seed=3)
    first = model.restore(photo(48, 64), request)
    model.restore(photo(17, 31), request)
    again = model.restore(photo(48, 64), request)
    np.testing.assert_array_equal(first.pixels, again.pixels)


def test_what_the_file_carried_stays_with_the_picture(name: str):
    alpha = np.full((32, 32), 0.5, np.float32)
    image = Image(photo(32, 32).pixels, alpha).with_carried(xmp=b"<x/>", dpi=(72, 72))
    task = loaded(name).card.tasks[:1]
    result = loaded(name).restore(image, Request(task=task))
    assert (result.carried.xmp, result.carried.dpi) == (b"<x/>", (72, 72))
    assert result.alpha is not None
    np.testing.assert_array_equal(result.alpha, alpha)


def test_tiles_are_not_seen(name: str):
    model = loaded(name)
    if model.card.generative or model.card.max_tile is not None:
        pytest.skip("It invents, or never sees a picture whole.")
    request, image = Request(task=model.card.tasks[:1]), photo(48, 700)
    whole = model.restore(image, request).pixels
    tiled = loaded(name, 128).restore(image, request).pixels
    assert np.abs(whole - tiled).max() < 1e-3
