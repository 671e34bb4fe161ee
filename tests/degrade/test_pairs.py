"""One photograph in, one pair and its record out."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from photographs import FOLDER

from pellucid.core.errors import Incomplete, InputMissing
from pellucid.core.records import Damage, from_json, to_json
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.settings import build, dump_toml
from pellucid.degrade.pairs import (
    Plan,
    file_sha256,
    make_pair,
    pixels_sha256,
    replay,
    versions,
)
from pellucid.degrade.recipe import Recipe, chain_of, of_kinds

PHOTO = FOLDER / "roesti.webp"
ROOT = Path(__file__).parents[2]

FRESH = """
import sys
from pathlib import Path
from pellucid.core.records import Damage, from_json
from pellucid.degrade.pairs import replay
for line in sys.stdin:
    record = from_json(Damage, line)
    print(replay(record, Path(record.source))[1])
"""


def plan(*kinds: str, seed: int = 1) -> Plan:
    return Plan(recipe=of_kinds(kinds), seed=seed)


def test_a_record_makes_the_same_pixels_in_a_fresh_process():
    made = [
        make_pair(plan(kind, seed=number), PHOTO, "roesti.webp")[1]
        for number, kind in enumerate(DEGRADATIONS)
    ]
    lines = "".join(to_json(record) + "\n" for record in made)
    command = [sys.executable, "-c", FRESH]
    run = subprocess.run(
        command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.splitlines() == ["[]"] * len(made)


def test_a_pair_depends_on_seed_key_and_copy_and_on_nothing_else():
    def sums(seed: int, key: str, copy: int) -> str:
        return make_pair(plan("noise", seed=seed), PHOTO, key, copy)[1].pixels_sha256

    first = sums(1, "a.webp", 0)
    assert sums(1, "a.webp", 0) == first
    others = [sums(2, "a.webp", 0), sums(1, "b.webp", 0), sums(1, "a.webp", 1)]
    assert len({first, *others}) == 4


def test_a_record_tells_everything():
    damaged, record = make_pair(plan("haze", "noise", seed=4), PHOTO, "x/roesti.webp")
    assert [step.kind for step in record.steps] == ["haze", "noise"]
    assert (record.key, record.seed) == ("x/roesti.webp", 4)
    assert record.source == PHOTO.as_posix()
    assert record.source_sha256 == file_sha256(PHOTO)
    assert record.pixels_sha256 == pixels_sha256(damaged.image)
    assert {"pellucid", "numpy", "opencv-python-headless"} <= record.versions.keys()
    assert from_json(Damage, to_json(record)) == record


def test_the_second_pair_from_a_photograph_has_a_key_of_its_own():
    assert make_pair(plan("noise"), PHOTO, "a.webp", 2)[1].key == "a.webp#2"


def test_severity_overrides_what_links_say():
    weak = Plan(recipe=of_kinds(["noise"]), severity=0.125)
    record = make_pair(weak, PHOTO, "a")[1]
    assert record.steps[0].params["severity"] == 0.125


def test_another_photograph_is_not_replayed(tmp_path: Path):
    record = make_pair(plan("noise"), PHOTO, "a")[1]
    with pytest.raises(Incomplete, match="not the photograph"):
        replay(record, FOLDER / "lake.webp")
    with pytest.raises(InputMissing):
        replay(record, tmp_path / "gone.webp")


def test_a_replay_that_differs_says_so_and_why():
    record = make_pair(plan("noise"), PHOTO, "a")[1]
    facts = json.loads(to_json(record))
    facts |= {"pixels_sha256": "0" * 64, "versions": {"numpy": "1.0"}}
    damaged, differences = replay(from_json(Damage, json.dumps(facts)), PHOTO)
    assert pixels_sha256(damaged.image) == record.pixels_sha256
    assert len(differences) == 1
    assert f"numpy 1.0 then, {versions()['numpy']} now" in differences[0]
    same = json.dumps(facts | {"versions": versions()})
    assert "machine" in replay(from_json(Damage, same), PHOTO)[1][0]


def test_the_resolved_recipe_draws_the_same_and_survives_a_file():
    import tomllib

    short = Recipe(
        link=({"kind": "haze"}, {"kind": "noise", "probability": 0.5}),
        tail=({"kind": "web"},),
        choose=(1, 2),
    )
    resolved = Plan(recipe=short).resolved()
    again = build(Recipe, tomllib.loads(dump_toml(resolved)))
    rng = np.random.default_rng
    for seed in range(20):
        assert chain_of(again).sample(rng(seed)) == chain_of(short).sample(rng(seed))
    assert "density" in again.link[0]
