from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from photographs import PHOTOGRAPHS, photograph

from pellucid.core.errors import InputMissing, SettingsError, UnknownName
from pellucid.core.records import Step, from_json, to_json
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.core.settings import build
from pellucid.degrade.chain import Chain, apply_steps
from pellucid.degrade.kinds.reflection import Reflection
from pellucid.degrade.recipe import Recipe, chain_of, load_recipe, of_kinds

FOLDER = Path(__file__).parents[2] / "recipes" / "degrade"
FILES = sorted(FOLDER.glob("*.toml"))
NINE = {"haze", "rain", "reflection", "flare", "blur", "low_light", "noise"}
NINE |= {"moire", "compression"}
SCENE, LENS = ("haze", "rain", "snow"), ("reflection", "flare", "blur")
SENSOR, COPY = ("low_light", "noise"), ("moire", "old_photo")
STAGES = (SCENE, LENS, SENSOR, COPY, ("compression",), ("web",))


def shipped(name: str) -> Chain:
    return chain_of(load_recipe(FOLDER / f"{name}.toml"), where=f"{name}.toml")


def drawn(chain: Chain, count: int) -> list[tuple[Step, ...]]:
    return [chain.sample(stream(seed, "recipe")) for seed in range(count)]


def severity(step: Step) -> float:
    value = step.params["severity"]
    assert isinstance(value, float)
    return value


def recipe(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "fog.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, *overrides: str) -> str:
    with pytest.raises((SettingsError, UnknownName)) as caught:
        chain_of(load_recipe(path, overrides), where=path.name)
    return f"{caught.value} {caught.value.hint}".strip()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recipe_builds_draws_and_tells_how_to_run_it(path: Path):
    chain = chain_of(load_recipe(path), where=str(path))
    for steps in drawn(chain, 20):
        assert all(from_json(Step, to_json(step)) == step for step in steps)
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    assert all(line.startswith("#") for line in head.splitlines())
    command = "pellucid degrade photos/ -o pairs/ --recipe"
    assert f"{command} recipes/degrade/{path.name}" in head


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_record_needs_no_recipe_to_be_done_again(path: Path):
    chain = chain_of(load_recipe(path))
    image = photograph(PHOTOGRAPHS[0], 48)
    for seed in range(12):
        damaged, steps = chain(image, stream(seed, "again"))
        again = apply_steps(image, [from_json(Step, to_json(step)) for step in steps])
        for one, other in ((damaged.image, again.image), (damaged.clean, again.clean)):
            np.testing.assert_array_equal(one.pixels, other.pixels)
        assert damaged.masks.keys() == again.masks.keys()


def test_the_recipes_that_the_guide_names_are_there():
    assert {path.stem for path in FILES} >= {"nine", "second-order", "mixed"}


def test_nine_does_one_of_nine_equally_often_and_half_of_them_go_to_the_web():
    found = drawn(shipped("nine"), 1800)
    firsts = Counter(steps[0].kind for steps in found)
    assert firsts.keys() == NINE
    assert all(count == pytest.approx(200, abs=50) for count in firsts.values())
    tails = [steps[1] for steps in found if len(steps) > 1]
    assert len(tails) == pytest.approx(900, abs=80)
    assert {step.kind for step in tails} == {"web"}
    assert all(severity(step) <= 0.35 for step in tails)


def test_second_order_is_real_esrgan_alone():
    for steps in drawn(shipped("second-order"), 20):
        assert [step.kind for step in steps] == ["real_esrgan"]


def test_mixed_does_two_or_three_in_the_order_in_which_light_meets_them():
    place = {kind: at for at, stage in enumerate(STAGES) for kind in stage}
    seen: Counter[str] = Counter()
    for steps in drawn(shipped("mixed"), 600):
        kinds = [step.kind for step in steps]
        assert [place[kind] for kind in kinds] == sorted(place[kind] for kind in kinds)
        assert len([kind for kind in kinds if kind != "web"]) in (2, 3)
        assert all(severity(step) <= 0.8 for step in steps)
        seen.update(kinds)
    assert seen.keys() == place.keys()
    assert min(seen[kind] for kind in ("noise", "blur", "compression")) > 2 * max(
        seen[kind] for kind in ("snow", "moire", "old_photo")
    )


def test_every_kind_but_the_chains_is_in_the_mixture():
    kinds = {link.name for link in shipped("mixed").links}
    assert kinds == set(DEGRADATIONS.names()) - {"real_esrgan", "web"}


def test_a_recipe_says_kinds_chances_severities_and_ranges(tmp_path):
    path = recipe(
        tmp_path,
        """
        choose = [1, 2]
        [[link]]
        kind = "reflection"
        probability = 0.8
        severity = [0.2, 0.9]
        strength = [0.1, 0.3]
        [[link]]
        kind = "noise"
        [[tail]]
        kind = "noise"
        probability = 0.25
        """,
    )
    chain = chain_of(load_recipe(path))
    first, second = chain.links
    assert (first.name, first.probability, first.severity) == (
        "reflection",
        0.8,
        (0.2, 0.9),
    )
    assert first.kind == Reflection(strength=(0.1, 0.3))
    assert (second.probability, second.severity) == (1.0, None)
    assert (chain.choose, chain.tail[0].probability) == ((1, 2), 0.25)


def test_an_assignment_changes_one_link(tmp_path):
    path = recipe(tmp_path, '[[link]]\nkind = "reflection"\n')
    changed = load_recipe(path, ["link.0.own=0.0", "link.0.severity=[0.1, 0.2]"])
    (link,) = chain_of(changed).links
    assert link.kind == Reflection(own=0.0)
    assert link.severity == (0.1, 0.2)


def test_fields_go_to_kinds_that_have_them_and_do_not_set_them():
    table = {"kind": "reflection"}
    own = build(Recipe, {"link": [table, {**table, "assets": "mine"}]})
    for at, folder in enumerate(("given", "mine")):
        only = Recipe(link=(own.link[at],))
        (link,) = chain_of(only, {"assets": "given", "no_such_setting": 3}).links
        assert link.kind == Reflection(assets=folder)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match=r"no file .*gone\.toml"):
        load_recipe(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[link]]\nkind = "hase"',
            "There is no degradation called `hase`. Did you mean `haze`?",
        ),
        (
            '[[link]]\nkind = "reflection"\nstrenght = [0.1, 0.2]',
            "fog.toml: reflection: `strenght` is not a setting."
            " Did you mean `strength`?",
        ),
        ("[[link]]\nprobability = 0.5", "fog.toml: `kind` is missing."),
        (
            '[[link]]\nkind = "noise"\nprobability = 1.5',
            "fog.toml: `probability` must be less than or equal to 1, got 1.5.",
        ),
        (
            '[[link]]\nkind = "noise"\nseverity = [0.9, 0.1]',
            "The severity must rise, got [0.9, 0.1].",
        ),
        (
            'choose = [1, 2]\n[[link]]\nkind = "noise"',
            "fog.toml: `choose` must rise from 0 to at most 1, got [1, 2]."
            " It says how many links happen to one picture.",
        ),
    ],
)
def test_a_wrong_recipe_is_told_in_a_sentence(tmp_path, text, message):
    assert message in refused(recipe(tmp_path, text))


@pytest.mark.parametrize("text", ["", "link = []", 'links = 3\n[[link]]\nkind="noise"'])
def test_a_file_that_is_no_recipe_is_refused(tmp_path, text):
    path = recipe(tmp_path, text)
    with pytest.raises(SettingsError, match=r"fog\.toml"):
        load_recipe(path)


def test_kinds_by_name_follow_one_another():
    chain = chain_of(of_kinds(["reflection", "noise"], ["reflection.own=0.0"]))
    assert [link.name for link in chain.links] == ["reflection", "noise"]
    assert chain.links[0].kind == Reflection(own=0.0)
    assert all(len(steps) == 2 for steps in drawn(chain, 20))


def test_a_setting_of_one_kind_needs_no_name_and_of_several_does():
    (link,) = chain_of(of_kinds(["reflection"], ["own=0.25"])).links
    assert link.kind == Reflection(own=0.25)
    with pytest.raises(SettingsError, match="`own` could be a setting of") as caught:
        of_kinds(["reflection", "noise"], ["own=0.25"])
    assert caught.value.hint == "Write `reflection.own=...`."
