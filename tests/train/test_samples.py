"""What a step sees."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pellucid.core.records import Step
from pellucid.degrade.recipe import chain_of, load_recipe
from pellucid.nets.diagnoser import KINDS
from pellucid.train.photographs import load
from pellucid.train.samples import Drawing, Drawn, labels_of, prepare
from pellucid.train.settings import Run


@pytest.fixture
def drawing(home: Path, run: Run) -> Drawing:
    return Drawing(
        photographs=load(home / "data", ["photos.tar"], ("0", "1"), held_out=False),
        chain=chain_of(load_recipe(home / "single.toml")),
        step=5,
        seed=1,
        stage=run.stage[0],
    )


def test_a_step_is_drawn_from_its_number_alone(drawing: Drawing):
    one, two = drawing.draw(), drawing.draw()
    other = replace(drawing, step=6).draw()
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(two, name))
    assert np.abs(one.damaged - other.damaged).max() > 0


def test_another_process_draws_the_same(drawing: Drawing):
    prepare(drawing.photographs)
    far = Drawn.of(drawing)
    assert far.drawing.photographs == ()
    np.testing.assert_array_equal(far().damaged, drawing.draw().damaged)


def test_a_batch_has_its_sizes_and_labels(drawing: Drawing):
    batch = drawing.draw()
    assert batch.damaged.shape == batch.clean.shape == (4, 3, 32, 32)
    assert batch.thumbnails.shape == (2, 3, 128, 128)
    assert batch.patches.shape == (2, 4, 3, 96, 96)
    assert batch.presence.shape == batch.severity.shape == (2, len(KINDS))
    assert ((batch.severity > 0) == (batch.presence == 1)).all()
    assert 0.0 <= batch.damaged.min() <= batch.damaged.max() <= 1.0


def test_regions_stored_as_jpeg_are_near_those_that_are_not(drawing: Drawing):
    plain, stored = (
        replace(drawing, stage=replace(drawing.stage, stored=share, crop=80)).draw()
        for share in (0.0, 1.0)
    )
    assert 0 < np.abs(plain.damaged - stored.damaged).mean() < 0.03
    np.testing.assert_array_equal(plain.clean, stored.clean)
    np.testing.assert_array_equal(plain.presence, stored.presence)


def test_gray_regions_have_no_colour_and_are_otherwise_the_same(drawing: Drawing):
    stage = replace(drawing.stage, stored=0.0)
    coloured, gray = (
        replace(drawing, stage=replace(stage, gray=share)).draw()
        for share in (0.0, 1.0)
    )
    for name in ("damaged", "clean", "thumbnails"):
        one, other = getattr(coloured, name), getattr(gray, name)
        assert float(np.ptp(other, axis=1).max()) < 1e-6
        assert float(np.ptp(one, axis=1).max()) > 0.1
        np.testing.assert_allclose(one.mean(axis=1), other.mean(axis=1), atol=0.25)
    np.testing.assert_array_equal(coloured.severity, gray.severity)


def test_untouched_regions_are_clean_and_labelled_so(drawing: Drawing):
    stage = replace(drawing.stage, untouched=1.0)
    batch = replace(drawing, stage=stage).draw()
    np.testing.assert_array_equal(batch.damaged, batch.clean)
    assert batch.presence.max() == 0.0


def test_the_web_counts_as_half_a_compression():
    steps = [
        Step(kind="noise", params={"severity": 0.0}),
        Step(kind="web", params={"severity": 0.6}),
        Step(kind="compression", params={"severity": 0.1}),
    ]
    found = dict(zip(KINDS, labels_of(steps), strict=True))
    assert found["noise"] == 0.02  # there, though it can hardly be seen
    assert found["compression"] == pytest.approx(0.3)
    assert sum(value > 0 for value in found.values()) == 2
