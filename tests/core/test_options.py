"""How much may be read, and how a picture is written."""

from dataclasses import FrozenInstanceError

import pytest

from pellucid.core.errors import TooLarge
from pellucid.core.options import MAX_PARTS, Limits, WriteOptions, check_parts


def test_a_61_megapixel_camera_passes_and_100_megapixels_do_not():
    Limits().check(9_504, 6_336)
    with pytest.raises(TooLarge) as caught:
        Limits().check(11_648, 8_736)
    assert str(caught.value) == (
        "The header announces 11648 x 8736 pixels (102 megapixels);"
        " the limit is 64 megapixels."
    )
    assert "allow more: 102 megapixels" in caught.value.hint


def test_the_hint_is_enough_to_pass():
    width, height = 8_001, 8_000
    with pytest.raises(TooLarge) as caught:
        Limits().check(width, height)
    need = int(caught.value.hint.split()[-2])
    Limits(max_pixels=need * 1_000_000).check(width, height)


def test_the_limit_itself_is_allowed():
    Limits(max_pixels=100).check(10, 10)
    with pytest.raises(TooLarge):
        Limits(max_pixels=100).check(101, 1)


def test_a_file_of_float_samples_fits_below_the_limit_of_bytes():
    pixels = 64_000_000
    assert Limits(max_pixels=pixels).max_bytes > pixels * 4 * 4


def test_options_ask_for_nothing_by_themselves_and_cannot_be_changed():
    options = WriteOptions()
    assert (options.format, options.quality, options.bit_depth) == (None, None, None)
    assert options.metadata == "keep"
    with pytest.raises(FrozenInstanceError):
        options.quality = 5  # pyright: ignore[reportAttributeAccessIssue]


def test_countless_parts_are_too_many():
    check_parts(MAX_PARTS)
    with pytest.raises(TooLarge, match="more than 500000 parts"):
        check_parts(MAX_PARTS + 1)
