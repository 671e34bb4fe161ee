"""What the model is told."""

from pellucid.restore.models.realrestorer.instructions import (
    BEFORE,
    CHINESE,
    ENGLISH,
    INSTRUCTIONS,
    KEEP_TONE,
    PREFIX,
    PREFIX_QUOTES,
    pieces,
    plain,
    rendered,
)
from pellucid.restore.tasks import TASKS


def test_every_instruction_is_for_a_task():
    assert set(ENGLISH) <= set(TASKS)
    assert set(CHINESE) == set(ENGLISH) - {"general"}
    assert set(ENGLISH) > KEEP_TONE
    assert all(set(each) == set(ENGLISH) for each in INSTRUCTIONS.values())
    assert INSTRUCTIONS["zh"]["dehaze"] == CHINESE["dehaze"]


def test_the_prefix_is_as_long_as_the_one_that_was_trained_with():
    assert len(PREFIX) == 1058
    assert PREFIX.endswith("User Prompt:")
    assert rendered("x").startswith(BEFORE + "Picture 1: <|vision_start|>")
    assert rendered("x", 3).count("<|image_pad|>") == 3


def test_both_quotes_of_the_prefix_open_nothing():
    quotes = [place for place, each in enumerate(BEFORE) if each == '"']
    assert len(quotes) == 2
    assert max(quotes) < PREFIX_QUOTES
    assert list(pieces(rendered("no quote"))) == [rendered("no quote")]


def test_what_is_quoted_comes_letter_by_letter():
    found = list(pieces(BEFORE + 'say "ab" now'))
    assert found == [BEFORE + 'say "', "\u201ca\u201d", "\u201cb\u201d", '" now']


def test_an_apostrophe_opens_a_quote_unless_it_is_made_plain():
    assert len(list(pieces(BEFORE + "don't"))) == 2
    assert list(pieces(BEFORE + plain("don't"))) == [BEFORE + plain("don't")]
