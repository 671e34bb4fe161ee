from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.core.errors import SettingsError
from pellucid.core.seeds import stream

GOLDEN_BITS = [
    16738582474623775706,
    13674958631249787593,
    12791517639250113756,
    2236207737487063427,
]
GOLDEN_FLOATS = [0.9074003741657444, 0.741320992832521]
KEYS = st.lists(st.text() | st.integers(), max_size=4).map(tuple)


def bits(seed, *key):
    return stream(seed, *key).bit_generator.random_raw(4).tolist()


def test_the_first_draws_of_a_known_key_never_change():
    assert bits(7, "haze", 3) == GOLDEN_BITS
    assert stream(7, "haze", 3).random(2).tolist() == GOLDEN_FLOATS


@given(st.integers(min_value=0), KEYS)
def test_same_seed_and_key_give_the_same_numbers(seed, key):
    assert bits(seed, *key) == bits(seed, *key)


@given(KEYS, KEYS)
def test_different_keys_give_different_numbers(one, other):
    assert (bits(1, *one) == bits(1, *other)) == (one == other)


def test_different_seeds_give_different_numbers():
    firsts = {bits(seed, "noise")[0] for seed in (0, 1, 2, 2**64, 2**64 + 1)}
    assert len(firsts) == 5


def test_the_border_between_two_words_of_a_key_counts():
    assert bits(1, "ab", "c") != bits(1, "a", "bc")
    assert bits(1, "a", "b") != bits(1, "a,b")
    assert bits(1, 'a","b') != bits(1, "a", "b")


def test_the_number_one_and_the_text_one_are_different_keys():
    assert bits(1, 1) != bits(1, "1")


def test_a_seed_is_not_the_first_word_of_the_key():
    assert bits(1, 2, 3) != bits(2, 1, 3)
    assert bits(12, 3) != bits(1, 23)


def test_a_stream_does_not_depend_on_what_was_drawn_before():
    before = bits(5, "b")
    stream(5, "a").random(1000)
    np.random.default_rng(0).random(10)
    assert bits(5, "b") == before


def test_neighbouring_streams_do_not_look_alike():
    first, second = (stream(0, "row", row).standard_normal(20_000) for row in (0, 1))
    # The correlation of 20,000 independent pairs has a deviation of 0.007.
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.035


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_draws_the_same(hash_seed):
    script = (
        "from pellucid.core.seeds import stream;"
        "print(stream(7, 'haze', 3).bit_generator.random_raw(4).tolist())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(GOLDEN_BITS)


def test_a_file_name_that_is_not_utf8_can_be_a_key():
    assert bits(0, "caf\udce9.jpg") != bits(0, "caf\udce8.jpg")


def test_a_negative_seed_is_refused():
    with pytest.raises(SettingsError, match=r"must be 0 or more, got -1\."):
        stream(-1, "haze")
