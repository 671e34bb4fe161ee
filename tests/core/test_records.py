from __future__ import annotations

import dataclasses
import inspect
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.core.errors import SettingsError
from pellucid.core.records import (
    Damage,
    Diagnosis,
    Finding,
    LoadOptions,
    MetricCard,
    ModelCard,
    Pair,
    Receipt,
    Request,
    Step,
    SuiteCard,
    Verdict,
    from_json,
    to_json,
)

SHARES = st.floats(min_value=0, max_value=1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
AMOUNTS = st.floats(min_value=0, allow_infinity=False)
COUNTS = st.integers(min_value=0)
POSITIVE = st.integers(min_value=1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAMES = TEXTS.filter(bool)
SHA256 = st.text("0123456789abcdef", min_size=64, max_size=64)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=4,
)
TABLES = st.dictionaries(TEXTS, JSON, max_size=3)


def tuples(inner, min_size=0):
    return st.lists(inner, min_size=min_size, max_size=3).map(tuple)


STEPS = st.builds(Step, kind=NAMES, params=TABLES)
REQUESTS = st.builds(
    Request,
    task=tuples(NAMES, 1),
    strength=SHARES,
    fidelity=st.none() | SHARES,
    seed=COUNTS,
    prompt=TEXTS,
)
FINDINGS = st.builds(
    Finding, kind=NAMES, presence=SHARES, severity=SHARES, confidence=SHARES
)
DIAGNOSES = st.builds(Diagnosis, findings=tuples(FINDINGS))
RECORDS = {
    Step: STEPS,
    Damage: st.builds(
        Damage,
        key=NAMES,
        source=NAMES,
        source_sha256=st.just("0" * 64),
        seed=COUNTS,
        steps=tuples(STEPS),
        pixels_sha256=st.just("ab" * 32),
        versions=st.dictionaries(NAMES, TEXTS, max_size=2),
    ),
    Pair: st.builds(
        Pair,
        key=NAMES,
        damaged=NAMES,
        clean=st.none() | NAMES,
        origin=NAMES,
        steps=tuples(STEPS),
        tags=tuples(TEXTS),
    ),
    Request: REQUESTS,
    LoadOptions: st.builds(
        LoadOptions,
        device=NAMES,
        dtype=st.sampled_from(["auto", "float32", "float16", "bfloat16"]),
        tile=st.none() | POSITIVE,
        offline=st.booleans(),
        threads=st.none() | POSITIVE,
        weights_folder=st.none() | st.sampled_from([Path("/models"), Path("ä b")]),
    ),
    ModelCard: st.builds(
        ModelCard,
        name=NAMES,
        title=NAMES,
        version=NAMES,
        tasks=tuples(NAMES, 1),
        licence=NAMES,
        commercial_use=st.booleans(),
        generative=st.booleans(),
        parameters=COUNTS,
        memory_gib=AMOUNTS,
        source=NAMES,
        min_multiple=POSITIVE,
        max_tile=st.none() | POSITIVE,
        weights=tuples(NAMES),
    ),
    MetricCard: st.builds(
        MetricCard,
        name=NAMES,
        title=NAMES,
        direction=st.sampled_from(["higher", "lower"]),
        span=st.sampled_from([(0.0, 1.0), (0.0, None), (None, 2.5), (None, None)]),
        needs_reference=st.booleans(),
        colour_space=NAMES,
        source=NAMES,
    ),
    SuiteCard: st.builds(
        SuiteCard,
        name=NAMES,
        title=NAMES,
        licence=NAMES,
        commercial_use=st.booleans(),
        pictures=COUNTS,
        has_reference=st.booleans(),
        metrics=tuples(NAMES),
        source=NAMES,
    ),
    Finding: FINDINGS,
    Diagnosis: DIAGNOSES,
    Receipt: st.builds(
        Receipt,
        input_sha256=st.none() | SHA256,
        output_sha256=st.none() | SHA256,
        versions=st.dictionaries(TEXTS, TEXTS, max_size=3),
        model=NAMES,
        request=REQUESTS,
        seed=COUNTS,
        device=NAMES,
        weights_sha256=st.dictionaries(TEXTS, SHA256, max_size=2),
        dtype=NAMES,
        tile=st.none() | POSITIVE,
        before=st.none() | DIAGNOSES,
        after=st.none() | DIAGNOSES,
        applied_strength=st.none() | SHARES,
        pixels_sha256=st.none() | SHA256,
        timings_s=st.dictionaries(TEXTS, AMOUNTS, max_size=3),
        warnings=tuples(TEXTS),
        guards=TABLES,
    ),
    Verdict: st.builds(
        Verdict, scores=st.dictionaries(TEXTS, FINITE, max_size=3), reason=NAMES
    ),
}
PAIR = Pair(key="a", damaged="a.jpg", clean=None, origin="mined")


def finding(presence: float) -> Finding:
    return Finding(kind="haze", presence=presence, severity=1.0, confidence=1.0)


@pytest.mark.parametrize("cls", RECORDS)
@given(data=st.data())
def test_what_is_written_is_read_back_the_same(cls, data):
    record = data.draw(RECORDS[cls])
    assert from_json(cls, to_json(record)) == record


@pytest.mark.parametrize("cls", RECORDS)
@given(data=st.data())
def test_what_is_written_is_one_line_of_json_with_sorted_keys(cls, data):
    text = to_json(data.draw(RECORDS[cls]))
    assert "\n" not in text
    loaded = json.loads(text)
    assert text == json.dumps(loaded, sort_keys=True, ensure_ascii=False)
    assert set(loaded) == {field.name for field in dataclasses.fields(cls)}


@pytest.mark.parametrize("cls", RECORDS)
def test_every_field_is_explained(cls):
    for field in dataclasses.fields(cls):
        assert f"\n    {field.name}: " in inspect.cleandoc(cls.__doc__ or "")


def test_letters_are_written_as_they_are():
    assert '"übung"' in to_json(dataclasses.replace(PAIR, key="übung"))


def test_an_unknown_key_is_met_with_the_nearest_one():
    text = to_json(PAIR).replace('"origin"', '"orgin"')
    with pytest.raises(SettingsError, match=r"^Pair: `orgin` is not a") as caught:
        from_json(Pair, text)
    assert caught.value.hint == "Did you mean `origin`?"


def test_an_unknown_key_deep_inside_is_named_with_its_path():
    text = to_json(Diagnosis(findings=(finding(1.0),))).replace("presence", "presense")
    with pytest.raises(SettingsError, match=r"`findings\[0\]\.presense`") as caught:
        from_json(Diagnosis, text)
    assert caught.value.hint == "Did you mean `presence`?"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"kind": NaN}', "[" * 100_000, '{"kind": "a"} x']
)
def test_text_that_is_no_record_is_refused(text):
    with pytest.raises(SettingsError, match=r"^Step: "):
        from_json(Step, text)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_is_not_read(word):
    with pytest.raises(SettingsError, match=word):
        from_json(Step, f'{{"kind": "haze", "params": {{"density": {word}}}}}')


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_know_cannot_be_recorded(value):
    with pytest.raises(SettingsError, match="finite"):
        Step(kind="haze", params={"density": value})
    with pytest.raises(SettingsError, match="finite"):
        Verdict(scores={"overall": value}, reason="Sharper.")


def test_nan_put_in_afterwards_is_not_written():
    step = Step(kind="haze")
    step.params["density"] = math.nan
    with pytest.raises(SettingsError, match="Step cannot be written as JSON"):
        to_json(step)


def test_text_that_utf8_cannot_hold_is_not_written():
    with pytest.raises(SettingsError, match="Pair cannot be written as JSON"):
        to_json(dataclasses.replace(PAIR, tags=("caf\udce9",)))
    with pytest.raises(SettingsError, match=r"`key` must be text in UTF-8.*udce9"):
        dataclasses.replace(PAIR, key="caf\udce9")
    with pytest.raises(SettingsError, match="surrogates not allowed"):
        from_json(Step, r'{"kind": "\udce9"}')


def test_tables_without_end_are_refused():
    text = '{"kind": "a", "params": {"a": ' + "[" * 500 + "]" * 500 + "}}"
    with pytest.raises(SettingsError, match=r"^Step: .*recursion limit.*\.$"):
        from_json(Step, text)


def test_choices_that_json_would_change_cannot_be_recorded():
    with pytest.raises(SettingsError, match=r"`params\.range`"):
        Step(kind="haze", params={"range": (0.1, 0.2)})  # pyright: ignore[reportArgumentType]


def test_a_record_does_not_change_with_the_table_it_was_made_from():
    params = {"density": 1.0}
    step = Step(kind="haze", params=params)  # pyright: ignore[reportArgumentType]
    params["density"] = 2.0
    assert step.params == {"density": 1.0}


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PAIR.key = "b"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_plain_request_asks_for_everything_at_full_strength():
    assert Request() == Request(
        task=("auto",), strength=1.0, fidelity=None, seed=0, prompt=""
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"strength": 1.01},
        {"strength": -0.01},
        {"fidelity": 2.0},
        {"seed": -1},
        {"seed": 1.5},
        {"task": ()},
        {"task": ("",)},
        {"task": "auto"},
    ],
)
def test_a_request_outside_its_range_is_refused(wrong):
    with pytest.raises(SettingsError, match=rf"^Request: `{next(iter(wrong))}"):
        Request(**wrong)


@pytest.mark.parametrize("wrong", [{"tile": 0}, {"threads": 0}, {"dtype": "int4"}])
def test_load_options_outside_their_range_are_refused(wrong):
    with pytest.raises(SettingsError, match=rf"`{next(iter(wrong))}`"):
        LoadOptions(**wrong)


def test_nothing_is_fetched_unless_somebody_says_so():
    assert LoadOptions().offline


@pytest.mark.parametrize("span", [(1.0, 0.0), (1.0, 1.0)])
def test_a_span_must_rise(span):
    with pytest.raises(SettingsError, match="span must rise"):
        MetricCard(
            name="psnr",
            title="PSNR",
            direction="higher",
            span=span,
            needs_reference=True,
            colour_space="rgb",
            source="textbook",
        )


@pytest.mark.parametrize(
    ("presences", "is_clean"),
    [((), True), ((0.0, 0.5), True), ((0.1, 0.51), False), ((1.0,), False)],
)
def test_nothing_is_to_be_repaired_when_nothing_is_likely_there(presences, is_clean):
    diagnosis = Diagnosis(findings=tuple(finding(p) for p in presences))
    assert diagnosis.nothing_to_repair is is_clean


def found(*presences: float) -> list[int]:
    kinds = [
        Finding(kind=str(place), presence=each, severity=0.5, confidence=0.5)
        for place, each in enumerate(presences)
    ]
    return [int(kind) for kind in Diagnosis(findings=tuple(kinds)).found]


def test_what_is_likelier_there_than_not_is_found():
    assert found(0.9, 0.5, 0.51) == [0, 2]
    assert found(0.5, 0.49) == []


def test_where_something_surely_is_there_it_is_what_is_likeliest():
    """Three chances of 0.45, 0.4 and 0.2 leave 0.264 for a clean picture; with 0.3 less
    than a quarter stays.
    """
    assert found(0.45, 0.4, 0.2, 0.0) == []
    assert found(0.45, 0.4, 0.3, 0.1) == [0, 1, 2]


@pytest.mark.parametrize("wrong", ["", "0" * 63, "0" * 65, "g" * 64, "A" * 64])
@pytest.mark.parametrize(
    "place", ["input_sha256", "output_sha256", "pixels_sha256", "weights_sha256"]
)
def test_a_receipt_holds_real_checksums(place, wrong):
    good = {
        "input_sha256": "0" * 64,
        "output_sha256": "1" * 64,
        "versions": {"pellucid": "0.1.0"},
        "model": "compact",
        "request": Request(),
        "seed": 0,
        "device": "cpu",
    }
    assert Receipt(**good).schema_version == 1
    bad = {**good, place: {"a": wrong} if place == "weights_sha256" else wrong}
    with pytest.raises(SettingsError, match="64 lower-case hexadecimal digits"):
        Receipt(**bad)


@pytest.mark.parametrize("name", ["source_sha256", "pixels_sha256"])
def test_a_damage_holds_real_checksums(name: str):
    facts: dict[str, Any] = {"source_sha256": "0" * 64, "pixels_sha256": "0" * 64}
    Damage(key="a", source="a.jpg", seed=0, steps=(), **facts)
    with pytest.raises(SettingsError, match="64 lower-case"):
        Damage(key="a", source="a.jpg", seed=0, steps=(), **{**facts, name: "A" * 64})


def test_a_verdict_has_a_reason():
    with pytest.raises(SettingsError, match="`reason` must be at least 1"):
        Verdict(scores={}, reason="")
