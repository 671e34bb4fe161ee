"""Samples become unit values and come back exactly."""

import numpy as np
import pytest

from pellucid.core.errors import BadImage
from pellucid.core.samples import from_unit, join_exact, needs_exact, to_unit


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_every_integer_comes_back_exactly(kind):
    every = np.arange(np.iinfo(kind).max + 1, dtype=kind).reshape(-1, 16)
    unit = to_unit(every)
    assert unit.dtype == np.float32
    assert (unit.flat[0], unit.flat[-1]) == (0.0, 1.0)
    back = from_unit(unit, kind)
    assert back.dtype == every.dtype
    np.testing.assert_array_equal(back, every)


@pytest.mark.parametrize("kind", ["int8", "int16"])
def test_every_positive_signed_integer_comes_back_exactly(kind):
    every = np.arange(np.iinfo(kind).max, dtype=kind).reshape(1, -1)
    np.testing.assert_array_equal(from_unit(to_unit(every), kind), every)


def test_every_half_float_comes_back_exactly():
    every = np.arange(0x3C01, dtype=np.uint16).view(np.float16).reshape(1, -1)
    assert (every.min(), every.max()) == (0, 1)
    np.testing.assert_array_equal(from_unit(to_unit(every), "float16"), every)


def test_floats_stay_the_floats_they_are():
    values = np.random.default_rng(3).random((5, 6, 3), np.float32)
    np.testing.assert_array_equal(to_unit(values), values)
    np.testing.assert_array_equal(from_unit(values, "float32"), values)


def test_values_between_two_integers_go_to_the_nearest():
    values = np.array([[0.499, 0.501, 254.499, 254.501]], np.float32) / np.float32(255)
    np.testing.assert_array_equal(from_unit(values, "uint8"), [[0, 1, 254, 255]])


def test_byte_order_does_not_matter():
    values = np.arange(0, 65_536, 256, dtype=np.uint16).reshape(1, -1)
    np.testing.assert_array_equal(to_unit(values.astype(">u2")), to_unit(values))


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(kind, value):
    samples = np.full((3, 3), 0.5, kind)
    samples[1, 1] = value
    with pytest.raises(BadImage, match="not numbers"):
        to_unit(samples)


@pytest.mark.parametrize(
    "samples",
    [
        np.array([[0.5, 1.5]], np.float32),
        np.array([[-0.1, 0.5]], np.float16),
        np.array([[0.5, 2.0]], np.float64),
        np.array([[-1, 5]], np.int16),
        np.array([[-(2**31), 5]], np.int32),
    ],
)
def test_what_lies_outside_the_range_is_refused_with_its_span(samples):
    with pytest.raises(BadImage) as caught:
        to_unit(samples)
    span = f"from {samples.min():g} to {samples.max():g}."
    assert str(caught.value) == f"Its samples reach {span}"


def test_a_float64_beyond_float32_is_refused():
    with pytest.raises(BadImage):
        to_unit(np.array([[0.5, 1e300]]))


def test_many_rows_are_brought_over_piece_by_piece(monkeypatch):
    every = np.arange(65_536, dtype=np.uint16).reshape(-1, 16)
    at_once = to_unit(every)
    monkeypatch.setattr("pellucid.core.samples.ROWS_BYTES", 1)
    np.testing.assert_array_equal(to_unit(every), at_once)
    np.testing.assert_array_equal(from_unit(at_once, "uint16"), every)


@pytest.mark.parametrize("kind", ["uint32", "int32", "float64"])
def test_unchanged_samples_of_32_bits_keep_their_last_digit(kind):
    rng = np.random.default_rng(4)
    if kind == "float64":
        exact = rng.random((20, 30, 3))
    else:
        exact = rng.integers(0, np.iinfo(kind).max, (20, 30, 3), kind, endpoint=True)
    assert needs_exact(kind)
    unit = to_unit(exact).copy()
    rounded = from_unit(unit, kind)
    assert (rounded != exact).any()
    np.testing.assert_array_equal(join_exact(rounded, exact), exact)
    unit[0, 0] = 1 - unit[0, 0]
    joined = join_exact(from_unit(unit, kind), exact)
    np.testing.assert_array_equal(joined[0, 0], from_unit(unit[0, 0], kind))
    np.testing.assert_array_equal(joined.reshape(-1, 3)[1:], exact.reshape(-1, 3)[1:])


@pytest.mark.parametrize("kind", ["uint32", "int32"])
def test_white_stays_white_in_32_bits(kind):
    highest = np.iinfo(kind).max
    assert from_unit(np.ones((1, 1), np.float32), kind)[0, 0] == highest


def test_samples_of_another_shape_or_type_are_not_joined():
    rounded = np.zeros((2, 2, 3), np.uint32)
    for other in (np.ones((2, 3, 3), np.uint32), np.ones((2, 2, 3), np.int32)):
        assert join_exact(rounded, other) is rounded


def test_float32_is_enough_for_the_other_types():
    for kind in ("uint8", "uint16", "int8", "int16", "float16", "float32"):
        assert not needs_exact(kind)
