from __future__ import annotations

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import ImageError, SettingsError
from pellucid.core.image import Image
from pellucid.core.records import from_json, to_json
from pellucid.metrics.pristine import Pristine, described, fit, stored


def test_what_comes_with_the_package_is_a_distribution():
    clean = stored()
    values = np.linalg.eigvalsh(clean.matrix())
    assert values.min() > 0.0
    assert clean.photographs == 804
    assert clean.blocks > 4000


def test_a_fit_survives_json():
    clean = fit(photograph(each, 384) for each in PHOTOGRAPHS)
    assert clean.photographs == len(PHOTOGRAPHS)
    assert from_json(Pristine, to_json(clean)) == clean


def test_sharp_blocks_alone_are_learned_from():
    image = photograph(PHOTOGRAPHS[0], 384)
    found, sharpness = described(image)
    chosen = found[sharpness > 0.75 * sharpness.max()]
    clean = fit([image])
    assert 2 <= clean.blocks == len(chosen) < len(found)
    np.testing.assert_allclose(clean.mean, chosen.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(
        clean.matrix(), np.cov(chosen, rowvar=False), rtol=1e-7, atol=1e-12
    )


def test_nothing_can_be_learned_from_flat_pictures():
    flat = Image(np.full((200, 200, 3), 0.5, np.float32))
    with pytest.raises(ImageError, match="two blocks or more, got 0"):
        fit([flat])


def test_a_distribution_of_another_length_is_refused():
    with pytest.raises(SettingsError, match="mean"):
        Pristine(photographs=1, blocks=2, mean=(0.0,), covariance=(0.0,) * 666)
