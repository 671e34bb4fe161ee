"""Random fields."""

import json

import cv2
import numpy as np
import pytest

from pellucid.core.seeds import stream
from pellucid.degrade.grain import (
    clouds,
    new_seed,
    normals,
    opened,
    poisson,
    smooth,
    uniforms,
)

GOLDEN_NORMALS = [-1.1895911, -0.17823838, 1.1931686, -2.3039584]
GOLDEN_UNIFORMS = [
    0.117095947265625,
    0.42926025390625,
    0.8835906982421875,
    0.0106048583984375,
]


def neighbours(field: np.ndarray) -> float:
    """Correlation of every pixel with the one to its right."""
    return float(np.corrcoef(field[:, :-1].ravel(), field[:, 1:].ravel())[0, 1])


def test_normals_have_the_moments_of_the_normal_distribution():
    field = normals(opened(1, "normals"), 1000, 1000)
    assert field.dtype == np.float32
    assert abs(float(field.mean())) < 0.005
    assert abs(float(field.std()) - 1.0) < 0.005
    assert abs(float(np.mean(field**3))) < 0.02
    assert abs(float(np.mean(field**4)) - 3.0) < 0.05
    assert float(np.abs(field).max()) < 4.4


def test_as_many_normals_lie_far_out_as_the_law_says():
    field = np.abs(normals(opened(2, "normals"), 1000, 1000))
    for distance, share in ((1.0, 0.3173), (2.0, 0.0455), (3.0, 0.0027)):
        assert float(np.mean(field > distance)) == pytest.approx(share, rel=0.06)


def test_neighbours_know_nothing_of_each_other():
    assert abs(neighbours(normals(opened(3, "n"), 700, 700))) < 0.01
    assert abs(neighbours(uniforms(opened(3, "u"), 700, 700))) < 0.01


def test_uniforms_fill_the_range_evenly_and_never_reach_one():
    field = uniforms(opened(4, "uniforms"), 1000, 500)
    assert float(field.min()) >= 0.0
    assert float(field.max()) < 1.0
    shares = np.histogram(field, bins=20, range=(0.0, 1.0))[0] / field.size
    np.testing.assert_allclose(shares, 0.05, atol=0.002)


@pytest.mark.parametrize("peak", [2, 20, 200])
def test_counts_of_photons_have_a_variance_equal_to_their_mean(peak: int):
    for level in (16, 128, 255):
        levels = np.full((400, 400), level, dtype=np.uint8)
        counts = poisson(opened(5, level), levels, peak)
        expected = peak * level / 255.0
        assert float(counts.mean()) == pytest.approx(expected, rel=0.03)
        assert float(counts.var()) == pytest.approx(expected, rel=0.06)
        np.testing.assert_array_equal(counts, np.round(counts))


def test_no_light_makes_no_counts():
    assert not poisson(opened(6), np.zeros((50, 50), dtype=np.uint8), 100).any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 3, 3), (7,)])
def test_any_shape_can_be_drawn_and_a_longer_one_begins_alike(shape: tuple[int, ...]):
    for draw in (normals, uniforms):
        field = draw(opened(7, "shape"), *shape)
        assert field.shape == shape
        longer = draw(opened(7, "shape"), field.size + 9)
        np.testing.assert_array_equal(longer[: field.size], field.ravel())


def test_the_same_seed_draws_the_same_field_and_another_key_another():
    one, two, other = (
        normals(opened(8, key), 32, 32) for key in ("here", "here", "there")
    )
    np.testing.assert_array_equal(one, two)
    assert abs(float(np.corrcoef(one.ravel(), other.ravel())[0, 1])) < 0.1


def test_the_first_numbers_of_a_stream_never_change():
    """Records of old runs depend on them; a change here is a break."""
    np.testing.assert_allclose(
        normals(opened(0, "golden"), 4), GOLDEN_NORMALS, rtol=1e-6
    )
    np.testing.assert_array_equal(uniforms(opened(0, "golden"), 4), GOLDEN_UNIFORMS)


def test_a_seed_survives_json_and_differs_from_the_next():
    rng = stream(9)
    seeds = [new_seed(rng) for _ in range(200)]
    assert json.loads(json.dumps(seeds)) == seeds
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 0


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (200, 300)])
@pytest.mark.parametrize("field", [smooth, clouds])
def test_soft_fields_have_the_size_that_is_asked_for(field, size: tuple[int, int]):
    assert field(opened(10), *size, 5.0).shape == size


def test_a_soft_field_is_soft_and_has_unit_spread():
    fields = [smooth(opened(seed, "smooth"), 128, 128, 12.0) for seed in range(40)]
    assert min(neighbours(each) for each in fields) > 0.9
    assert float(np.std(fields)) == pytest.approx(1.0, abs=0.15)
    assert abs(float(np.mean(fields))) < 0.05


def test_blotches_grow_with_the_picture():
    small = smooth(opened(11), 100, 100, 8.0)
    large = smooth(opened(11), 400, 400, 8.0)
    shrunk = cv2.resize(large, (100, 100), interpolation=cv2.INTER_AREA)
    assert float(np.corrcoef(small.ravel(), shrunk.ravel())[0, 1]) > 0.99


def test_clouds_stay_in_range_around_the_middle_and_have_detail():
    field = clouds(opened(12), 256, 256, 4.0)
    assert 0.0 <= float(field.min()) < float(field.max()) <= 1.0
    assert 0.35 < float(field.mean()) < 0.65
    rough = neighbours(field - cv2.blur(field, (31, 31)))
    fine = smooth(opened(12), 256, 256, 4.0)
    assert rough < neighbours(fine - cv2.blur(fine, (31, 31)))
