from __future__ import annotations

import dataclasses
import inspect
import json
from dataclasses import field
from math import nan
from pathlib import Path
from typing import Annotated, Literal

import pytest
from annotated_types import Gt
from hypothesis import given
from hypothesis import strategies as st

from pellucid.core.errors import (
    EnvironmentFailure,
    InputMissing,
    PellucidError,
    SettingsError,
)
from pellucid.core.settings import (
    JsonValue,
    build,
    dump_toml,
    load,
    override,
    plain,
    read_toml,
    schema,
    settings,
)


@settings
class Optimizer:
    """How the weights move."""

    lr: Annotated[float, Gt(0)] = 1e-4
    betas: tuple[float, float] = (0.9, 0.95)


@settings
class Link:
    """One degradation of a chain."""

    kind: str
    probability: float = 1.0
    params: dict[str, JsonValue] = field(default_factory=dict)


@settings
class Run:
    """A run with one of everything."""

    name: str = "run"
    steps: int = 10
    resume: bool = False
    mode: Literal["fast", "exact"] = "fast"
    tile: int | None = None
    size: int | Literal["auto"] = "auto"
    folder: Path = Path("out")
    grid: tuple[tuple[int, ...], ...] = ()
    names: list[str] = field(default_factory=list)
    optimizer: Optimizer = Optimizer()
    link: tuple[Link, ...] = ()
    choice: Optimizer | Link | None = None
    labels: dict[str, str] = field(default_factory=dict)


@settings
class Range:
    """A rule between two fields."""

    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError(f"low must be below high, got {self.low}.")


@settings
class Special:
    """A rule inside, and a field for which nothing is something."""

    span: Range = Range()
    tile: int | None = 512
    params: dict[str, JsonValue] = field(default_factory=dict)


def message(build_it) -> str:
    with pytest.raises(SettingsError) as caught:
        build_it()
    return f"{caught.value} {caught.value.hint}".strip()


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Optimizer().lr = 1.0  # pyright: ignore[reportAttributeAccessIssue]


def test_settings_are_given_by_name_only():
    with pytest.raises(TypeError):
        Optimizer(1e-3)  # pyright: ignore[reportCallIssue]


def test_settings_are_checked_when_built_in_code():
    assert message(lambda: Optimizer(lr=-1.0)) == (
        "Optimizer: `lr` must be greater than 0, got -1.0."
    )
    assert message(lambda: Optimizer(beta=1)) == (  # pyright: ignore[reportCallIssue]
        "Optimizer: `beta` is not a setting. Did you mean `betas`?"
    )
    assert message(lambda: Link()) == "Link: `kind` is missing."  # pyright: ignore[reportCallIssue]


def test_a_changed_copy_is_checked_too():
    assert dataclasses.replace(Optimizer(), lr=1).lr == 1.0
    assert "`lr`" in message(lambda: dataclasses.replace(Optimizer(), lr=0.0))


def test_an_unknown_name_in_a_file_is_met_with_the_nearest_one():
    data = {"optimizer": {"beta": [0.9, 0.95]}}
    assert message(lambda: build(Run, data, "recipes/run.toml")) == (
        "recipes/run.toml: `optimizer.beta` is not a setting. Did you mean `betas`?"
    )


def test_an_unknown_name_in_a_list_of_tables_is_counted_from_zero():
    data = {"link": [{"kind": "haze"}, {"kidn": "rain"}]}
    assert message(lambda: build(Run, data)) == (
        "`link[1].kidn` is not a setting. Did you mean `kind`?"
    )


def test_an_unknown_name_far_from_all_others_lists_what_there_is():
    assert message(lambda: build(Optimizer, {"zzz": 1})) == (
        "`zzz` is not a setting. Known names: betas, lr."
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"optimizer": {"lr": "1e-4"}}, '`optimizer.lr` must be a number, got "1e-4".'),
        ({"optimizer": {"lr": True}}, "`optimizer.lr` must be a number, got true."),
        ({"optimizer": {"lr": 0}}, "`optimizer.lr` must be greater than 0, got 0."),
        ({"optimizer": 3}, "`optimizer` must be a table, got 3."),
        ({"optimizer": {"betas": [1]}}, "`optimizer.betas[1]` is missing."),
        ({"grid": 1}, "`grid` must be a list, got 1."),
        ({"steps": True}, "`steps` must be a whole number, got true."),
        ({"steps": "1"}, '`steps` must be a whole number, got "1".'),
        ({"resume": "no"}, '`resume` must be true or false, got "no".'),
        ({"name": 1}, "`name` must be text, got 1."),
        ({"size": 1.5}, "`size` must be a whole number or 'auto', got 1.5."),
        ({"labels": {"a": 1}}, "`labels.a` must be text, got 1."),
        (
            {"optimizer": {"lr": nan}},
            "`optimizer.lr` must be a finite number, got NaN.",
        ),
        ({"names": ["a", 1]}, "`names[1]` must be text, got 1."),
    ],
)
def test_a_wrong_value_is_named_with_path_value_and_what_is_expected(data, expected):
    assert message(lambda: build(Run, data)) == expected


def test_a_long_value_is_cut_short():
    text = message(lambda: build(Run, {"steps": "a" * 1000}))
    assert len(text) < 120
    assert text.endswith("aaa….")


def test_the_branches_of_a_choice_do_not_show_in_a_path():
    assert message(lambda: build(Run, {"choice": {"lr": "fast"}})) == (
        '`choice.lr` must be a number, got "fast".'
    )
    assert message(lambda: build(Run, {"choice": {"kidn": "haze"}})) == (
        "`choice.kidn` is not a setting. Did you mean `kind`?"
    )


def test_a_rule_between_fields_is_told_with_its_place():
    data = {"span": {"low": 4, "high": 2}}
    assert message(lambda: build(Special, data, "a.toml")) == (
        "a.toml: `span`: low must be below high, got 4."
    )
    assert message(lambda: Range(low=4)) == "Range: low must be below high, got 4."


def test_whole_numbers_are_good_floats_and_lists_are_good_tuples():
    run = build(Run, {"optimizer": {"lr": 1, "betas": [0, 1]}})
    assert run.optimizer == Optimizer(lr=1.0, betas=(0.0, 1.0))
    assert type(run.optimizer.lr) is float


def test_an_error_in_a_file_names_the_file(tmp_path):
    path = tmp_path / "run.toml"
    for text in ("name = 2026-01-01\n", "step = 1\n"):
        path.write_text(text)
        assert message(lambda: load(Run, path)).startswith(f"{path}: ")


def test_a_file_becomes_settings(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(
        '[optimizer]\nlr = 3e-5\n[[link]]\nkind = "haze"\n[link.params]\ndensity = 1\n'
    )
    run = load(Run, path, ["steps=20", "optimizer.lr=1e-3", "link.0.kind=rain"])
    assert run == Run(
        steps=20,
        optimizer=Optimizer(lr=1e-3),
        link=(Link(kind="rain", params={"density": 1}),),
    )


def test_a_slip_in_the_toml_names_file_and_line(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("a = 1\nb = = 2\n")
    text = message(lambda: read_toml(path))
    assert text.startswith(f"{path}: ")
    assert "line 2" in text


@pytest.mark.parametrize("content", [b"a = '\xff'", b"a = " + b"[" * 5000])
def test_a_file_that_is_no_toml_at_all_is_refused(tmp_path, content):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    assert message(lambda: read_toml(path)).startswith(f"{path}: ")


def test_a_path_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputMissing, match=r"no\.toml"):
        read_toml(tmp_path / "no.toml")
    with pytest.raises(EnvironmentFailure, match=f"Cannot read {tmp_path}"):
        read_toml(tmp_path)


def test_tables_inside_tables_are_read(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("[a.b]\nc = 1\n[[d]]\ne = { f = 1 }\n")
    assert read_toml(path) == {"a": {"b": {"c": 1}}, "d": [{"e": {"f": 1}}]}


@pytest.mark.parametrize(
    "text", ["[a.b.c]\nd = 1\n", "[[a]]\nb = [{ c = { d = 1 } }]\n", "a.b.c.d = 1\n"]
)
def test_tables_three_levels_deep_are_refused(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text)
    assert "`a.b.c` lies deeper than two levels" in message(lambda: read_toml(path))


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("a=1", {"a": 1}),
        ("a=true", {"a": True}),
        ("a=[1, 2]", {"a": [1, 2]}),
        ('a="1"', {"a": "1"}),
        ("a=haze", {"a": "haze"}),
        ("a=", {"a": ""}),
        ("a=2026-01-01", {"a": "2026-01-01"}),
        ("a=1\nb = 2", {"a": "1\nb = 2"}),
        (" a =1", {"a": 1}),
        ("b.c=1", {"b": {"c": 1}}),
    ],
)
def test_an_assignment_is_read_as_toml_or_as_plain_text(assignment, expected):
    assert override({}, [assignment]) == expected


def test_a_later_assignment_wins_and_the_given_data_stay():
    data = {"optimizer": {"lr": 1.0, "betas": [0, 1]}, "link": [{"kind": "a"}]}
    before = json.dumps(data)
    changed = override(data, ["optimizer.lr=2", "optimizer.lr=3", "link.0.kind=b"])
    assert changed["optimizer"] == {"lr": 3, "betas": [0, 1]}
    assert changed["link"] == [{"kind": "b"}]
    assert json.dumps(data) == before


@pytest.mark.parametrize("assignment", ["lr", "=1", "", "a..b=1", ".a=1", "a.=1"])
def test_what_is_no_assignment_is_refused(assignment):
    text = message(lambda: override({}, [assignment]))
    assert "is not an assignment" in text
    assert "name=value" in text


@pytest.mark.parametrize("assignment", ["steps.x=1", "link.1.kind=a", "link.x=1"])
def test_a_path_through_a_value_or_past_the_end_leads_nowhere(assignment):
    data = {"steps": 1, "link": [{"kind": "a"}]}
    assert "leads nowhere" in message(lambda: override(data, [assignment]))


def test_everything_is_written_defaults_too():
    assert dump_toml(Run(link=(Link(kind="haze"),))) == (
        'name = "run"\nsteps = 10\nresume = false\nmode = "fast"\nsize = "auto"\n'
        'folder = "out"\ngrid = []\nnames = []\n\n'
        "[optimizer]\nlr = 0.0001\nbetas = [0.9, 0.95]\n\n"
        '[[link]]\nkind = "haze"\nprobability = 1.0\n\n[link.params]\n\n[labels]\n'
    )


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.booleans() | st.integers() | FLOATS | TEXTS
# TOML has no null, and a table inside params would be a third level.
VALUES = SCALARS | st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=3)
OPTIMIZERS = st.builds(
    Optimizer,
    lr=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    betas=st.tuples(FLOATS, FLOATS),
)
LINKS = st.builds(
    Link,
    kind=TEXTS,
    probability=FLOATS,
    params=st.dictionaries(TEXTS, VALUES, max_size=3),
)
RUNS = st.builds(
    Run,
    name=TEXTS,
    steps=st.integers(),
    resume=st.booleans(),
    mode=st.sampled_from(["fast", "exact"]),
    tile=st.none() | st.integers(),
    size=st.integers() | st.just("auto"),
    grid=st.lists(st.lists(st.integers(), max_size=3).map(tuple), max_size=3).map(
        tuple
    ),
    names=st.lists(TEXTS, max_size=3),
    optimizer=OPTIMIZERS,
    link=st.lists(LINKS, max_size=3).map(tuple),
    choice=st.none() | OPTIMIZERS | LINKS,
    labels=st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("settings") / "run.toml"


@given(run=RUNS)
def test_what_is_written_is_read_back_the_same(file, run):
    file.write_text(dump_toml(run), encoding="utf-8", newline="")
    assert load(Run, file) == run


@pytest.mark.parametrize(
    "instance",
    [Special(tile=None), Special(params={"a": None}), Special(params={"a": [None]})],
)
def test_what_toml_cannot_say_is_not_written(instance):
    assert "no word for nothing" in message(lambda: dump_toml(instance))


def test_what_could_not_be_read_back_is_not_written():
    deep = Run(link=(Link(kind="a", params={"b": {"c": 1}}),))
    assert "`link.params.b` lies deeper" in message(lambda: dump_toml(deep))


def test_settings_come_apart_into_what_json_can_say():
    assert plain(Optimizer()) == {"lr": 1e-4, "betas": [0.9, 0.95]}
    assert plain(Run())["folder"] == "out"


def test_the_schema_knows_names_types_ranges_and_that_there_are_no_others():
    found = schema(Optimizer)
    assert found["additionalProperties"] is False
    assert found["properties"]["lr"]["exclusiveMinimum"] == 0
    assert found["properties"]["betas"]["maxItems"] == 2
    assert found["description"] == "How the weights move."


KNOWN = st.sampled_from(["link", "optimizer", "lr", "choice", "kind"])
TREES = st.recursive(
    st.none() | SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS | KNOWN, inner),
    max_leaves=8,
)


@given(TREES)
def test_any_data_end_in_settings_or_in_one_of_our_errors(data):
    try:
        run = build(Run, data)
    except PellucidError as error:
        assert str(error).endswith(".")
    else:
        assert isinstance(run, Run)


def test_pydantic_is_seen_nowhere_else_in_the_core():
    core = Path(inspect.getfile(build)).parent
    uses = {path for path in core.rglob("*.py") if "from pydantic" in path.read_text()}
    assert {path.name for path in uses} == {"settings.py"}
