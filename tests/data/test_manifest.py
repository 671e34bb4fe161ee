"""Pairs come back as they were written, and a manifest that lies is refused."""

import importlib
import itertools
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core.errors import EnvironmentFailure, InputMissing, MissingDependency
from pellucid.core.records import Pair, Step
from pellucid.data import manifest
from pellucid.data.manifest import BadManifest

arrow: Any = pytest.importorskip("pyarrow", reason="manifests need the extra degrade")
parquet: Any = importlib.import_module("pyarrow.parquet")

HAZE = Step(kind="haze", params={"density": 0.1, "seeds": [1, 2**60], "é": None})
PAIR = Pair(
    key="b/a.png",
    damaged="damaged/b/a.png",
    clean="clean/b/a.jpg",
    origin="synthetic",
    steps=(HAZE, Step(kind="noise")),
    tags=("haze", "noise"),
)
MINED = Pair(key="c", damaged="c.png", clean=None, origin="mined")
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | TEXTS
    # A whole float comes back as it is written in JSON: 1.0.
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner),
    max_leaves=5,
)
PAIRS = st.builds(
    Pair,
    key=TEXTS,
    damaged=TEXTS,
    clean=st.none() | TEXTS,
    origin=TEXTS,
    steps=st.lists(
        st.builds(Step, kind=TEXTS, params=st.dictionaries(TEXTS, VALUES)), max_size=2
    ).map(tuple),
    tags=st.lists(TEXTS, max_size=3).map(tuple),
)


def columns(changed: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": arrow.array(["a"]),
        "damaged": arrow.array(["a.png"]),
        "clean": arrow.array([None], arrow.string()),
        "origin": arrow.array(["mined"]),
        "steps": arrow.array(["[]"]),
        "tags": arrow.array([["night"]]),
    }
    found.update(changed)
    return {name: value for name, value in found.items() if value is not None}


def foreign(path: Path, changed: Mapping[str, Any], version: str = "1") -> Path:
    table = arrow.table(columns(changed))
    about = {"pellucid.schema_version": version} if version else {}
    parquet.write_table(table.replace_schema_metadata(about), path)
    return path


def test_pairs_come_back_in_their_order(tmp_path):
    manifest.write(tmp_path / "m.parquet", [PAIR, MINED])
    assert manifest.read(tmp_path / "m.parquet") == [PAIR, MINED]
    assert [path.name for path in tmp_path.iterdir()] == ["m.parquet"]


@settings(max_examples=30, deadline=None)
@given(st.lists(PAIRS, max_size=5, unique_by=lambda pair: pair.key))
def test_any_pairs_come_back(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("m") / "m.parquet"
    manifest.write(path, pairs)
    assert manifest.read(path) == pairs


def test_no_pairs_are_a_manifest_too(tmp_path):
    manifest.write(tmp_path / "m.parquet", [])
    assert manifest.read(tmp_path / "m.parquet") == []


def test_many_pairs_come_one_after_the_other(tmp_path):
    count = 2 * manifest.BATCH_ROWS + 1
    names = (str(number) for number in range(count))
    pairs = (Pair(key=n, damaged=n, clean=None, origin="mined") for n in names)
    manifest.write(tmp_path / "m.parquet", pairs)
    rows = manifest.rows(tmp_path / "m.parquet")
    assert [row.key for row in itertools.islice(rows, 2)] == ["0", "1"]
    assert 2 + sum(1 for _ in rows) == count


def test_a_manifest_is_replaced(tmp_path):
    manifest.write(tmp_path / "m.parquet", [PAIR])
    manifest.write(tmp_path / "m.parquet", [MINED])
    assert manifest.read(tmp_path / "m.parquet") == [MINED]


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_writes_the_same_bytes(tmp_path, hash_seed):
    script = (
        "import sys; from pathlib import Path; from pellucid.data import manifest;"
        "pairs = manifest.read(Path(sys.argv[1]));"
        "manifest.write(Path(sys.argv[2]), pairs)"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    manifest.write(here, [PAIR, MINED])
    command = [sys.executable, "-c", script, str(here), str(there)]
    subprocess.run(command, env=environment, check=True)
    assert here.read_bytes() == there.read_bytes()


def test_the_file_says_who_wrote_it_and_which_columns_have_values(tmp_path):
    manifest.write(tmp_path / "m.parquet", [PAIR])
    schema = parquet.read_schema(tmp_path / "m.parquet")
    assert schema.metadata[b"pellucid.schema_version"] == b"1"
    assert b"pellucid.version" in schema.metadata
    assert [each.name for each in schema if each.nullable] == ["clean"]


def test_two_pairs_cannot_have_one_key(tmp_path):
    with pytest.raises(BadManifest, match="Two pairs have the key `c`"):
        manifest.write(tmp_path / "m.parquet", [MINED, PAIR, MINED])
    assert list(tmp_path.iterdir()) == []
    double = {
        name: arrow.concat_arrays([value] * 2) for name, value in columns({}).items()
    }
    path = foreign(tmp_path / "m.parquet", double)
    with pytest.raises(BadManifest, match="Two pairs have the key `a`"):
        manifest.read(path)


def test_a_manifest_that_others_wrote_as_we_do_is_read(tmp_path):
    found = manifest.read(foreign(tmp_path / "m.parquet", {}))
    assert found == [
        Pair(key="a", damaged="a.png", clean=None, origin="mined", tags=("night",))
    ]


@pytest.mark.parametrize("name", manifest.TYPES)
def test_a_column_that_is_missing_is_named(tmp_path, name):
    path = foreign(tmp_path / "m.parquet", {name: None})
    with pytest.raises(BadManifest, match=f"The column `{name}` is missing"):
        manifest.read(path)


@pytest.mark.parametrize("name", manifest.TYPES)
def test_a_column_of_another_type_is_named(tmp_path, name):
    path = foreign(tmp_path / "m.parquet", {name: arrow.array([1])})
    with pytest.raises(BadManifest, match=f"column `{name}` holds int64, not"):
        manifest.read(path)


def test_a_column_that_is_not_ours_is_named(tmp_path):
    path = foreign(tmp_path / "m.parquet", {"score": arrow.array([0.5])})
    with pytest.raises(BadManifest, match="column `score` is not one of ours"):
        manifest.read(path)


@pytest.mark.parametrize(("version", "said"), [("2", "2"), ("", "none")])
def test_another_version_is_refused(tmp_path, version, said):
    path = foreign(tmp_path / "m.parquet", {}, version)
    with pytest.raises(BadManifest, match=f"Its version is {said}"):
        manifest.read(path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("key", None, "`key` must be text"),
        ("damaged", "", "`damaged` must be at least 1 characters long"),
        ("steps", "[", "`steps` is not JSON"),
        ("steps", None, "`steps` is not JSON"),
        ("steps", "[" * 100_000, "`steps` is not JSON"),
        ("steps", '[{"kind": 3}]', r"`steps\[0\]\.kind` must be text"),
        ("steps", '[{"kind": "a", "x": 1}]', r"`steps\[0\]\.x` is not a setting"),
        ("steps", "{}", "`steps` must be a list"),
    ],
)
def test_a_value_that_is_wrong_is_named_with_its_row(tmp_path, name, value, said):
    wrong = {name: arrow.array([value], arrow.string())}
    path = foreign(tmp_path / "m.parquet", wrong)
    with pytest.raises(BadManifest, match=rf"m\.parquet, row 1: {said}"):
        manifest.read(path)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"key,damaged\n1,2\n", bytes(100)])
def test_what_is_no_parquet_is_refused(tmp_path, data):
    (tmp_path / "m.parquet").write_bytes(data)
    with pytest.raises(BadManifest, match="damaged, or no Parquet"):
        manifest.read(tmp_path / "m.parquet")


def test_a_cut_manifest_is_refused_wherever_it_is_cut(tmp_path):
    path = tmp_path / "m.parquet"
    manifest.write(path, [PAIR, MINED])
    whole = path.read_bytes()
    for size in range(0, len(whole), 23):
        path.write_bytes(whole[:size])
        with pytest.raises(BadManifest):
            manifest.read(path)


def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path):
    path = tmp_path / "m.parquet"
    manifest.write(path, [PAIR, MINED])
    whole = path.read_bytes()
    missed = 0
    for place in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[place] ^= 1 << place // 3 % 8
        path.write_bytes(broken)
        try:
            missed += manifest.read(path) != [PAIR, MINED]
        except BadManifest:
            continue
    assert missed == 0


def test_a_manifest_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match="There is no manifest"):
        manifest.read(tmp_path / "m.parquet")
    with pytest.raises(EnvironmentFailure, match="cannot be read"):
        manifest.read(tmp_path)


def test_a_folder_that_is_not_there_is_a_failure_of_the_machine(tmp_path):
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        manifest.write(tmp_path / "gone" / "m.parquet", [PAIR])


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "m.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for work in (
        lambda: manifest.read(tmp_path / "m.parquet"),
        lambda: manifest.write(tmp_path / "m.parquet", []),
    ):
        with pytest.raises(MissingDependency, match="`pyarrow`") as caught:
            work()
        assert 'pip install "pellucid[degrade]"' in caught.value.hint
