"""Spans: what stands where, and what shares bytes with what."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pellucid.core.exif_blob import from_tree, merge, open_blob, overlap, spans
from pellucid.core.ifd import Entry, Tree

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def bytes_of(found: list[tuple[int, int]]) -> set[int]:
    return {at for start, end in found for at in range(start, end)}


@given(SPANS)
def test_merged_spans_hold_the_same_bytes_and_do_not_touch(
    found: list[tuple[int, int]],
):
    merged = merge(found)
    assert bytes_of(merged) == bytes_of(found)
    for before, after in pairwise(merged):
        assert before[1] < after[0]


@given(SPANS, st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_spans_overlap_when_they_share_a_byte(
    found: list[tuple[int, int]], span: tuple[int, int]
):
    shared = bytes_of(found) & bytes_of([span])
    assert overlap(span, merge(found)) == bool(shared)


def test_a_directory_stands_on_its_table_and_on_values_outside():
    short, long = Entry(1, 1, 1, b"a"), Entry(2, 2, 10, b"0123456789")
    opened = open_blob(from_tree(Tree(ifd0={1: short, 2: long}), "<"))
    assert opened is not None
    assert spans(opened.directories["ifd0"]) == [(8, 38), (38, 48)]


def test_numbers_are_written_only_where_they_fit():
    opened = open_blob(from_tree(Tree(ifd0={1: Entry(1, 1, 1, b"a")}), "<"))
    assert opened is not None
    assert not opened.set_number("ifd0", 1, 256)
    assert opened.set_number("ifd0", 1, 255)
    assert opened.set_number("ifd0", 2, 5)  # there is no such record to be wrong


def test_what_is_kept_is_not_cleared():
    opened = open_blob(from_tree(Tree(ifd0={1: Entry(1, 1, 1, b"a")}), "<"))
    assert opened is not None
    before = bytes(opened.data)
    opened.clear([(0, 10_000)], keep=[(0, 4)])
    assert opened.data == before[:4] + bytes(len(before) - 4)


def test_a_chain_that_bites_its_tail_ends():
    data = bytearray(from_tree(Tree(ifd0={}, ifd1={1: Entry(1, 1, 1, b"a")}), "<"))
    opened = open_blob(bytes(data))
    assert opened is not None
    place = opened.directories["ifd1"].next_position
    assert place is not None
    data[place] = opened.directories["ifd1"].offset
    again = open_blob(bytes(data))
    assert again is not None
    assert len(again.chain()) == 1
