"""Chains of small damages whose effect can be told from one pixel."""

from collections import Counter

import numpy as np
import pytest

from pellucid.core.errors import SettingsError, UnknownName
from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Params
from pellucid.core.records import Step, from_json, to_json
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.core.settings import settings
from pellucid.degrade.chain import Chain, Link, apply_steps, made
from pellucid.degrade.severity import draw_severity


@settings
class Dim:
    """Everything becomes darker by a factor."""

    factor: float = 0.5
    assets: str = ""

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        severity = draw_severity(rng, severity)
        shade = float(rng.random())
        return {"severity": severity, "shade": shade, "factor": self.factor}

    def apply(self, image: Image, params: Params) -> Image:
        return image.with_pixels(image.pixels * np.float32(params["factor"]))


@settings
class Lift(Dim):
    """A quarter of full light is added."""

    def apply(self, image: Image, params: Params) -> Image:
        return image.with_pixels(np.minimum(image.pixels + np.float32(0.25), 1.0))


@settings
class Turn(Dim):
    """The picture is mirrored, and a restorer is not to turn it back."""

    def apply(self, image: Image, params: Params) -> Image:
        return image.with_pixels(np.ascontiguousarray(image.pixels[:, ::-1]))

    def target(self, image: Image, params: Params) -> Image:
        return self.apply(image, params)


@settings
class Scratch(Dim):
    """One column is white; which, is drawn."""

    def apply(self, image: Image, params: Params) -> Image:
        marks = self.mask(image, params)[:, :, None]
        return image.with_pixels(np.maximum(image.pixels, marks))

    def mask(self, image: Image, params: Params) -> Pixels:
        marks = np.zeros((image.height, image.width), dtype=np.float32)
        marks[:, int(params["shade"] * image.width)] = 1.0
        return marks


def ramp() -> Image:
    columns = np.linspace(0.0, 0.5, 8, dtype=np.float32)
    return Image(np.broadcast_to(columns[None, :, None], (4, 8, 3)))


def link(kind: type, name: str = "", **settings) -> Link:
    return Link(name=name or kind.__name__.lower(), kind=kind(), **settings)


def number(step: Step, name: str) -> float:
    value = step.params[name]
    assert isinstance(value, float)
    return value


def drawn(chain: Chain, count: int) -> list[tuple[str, ...]]:
    steps = [chain.sample(stream(seed, "chain")) for seed in range(count)]
    return [tuple(step.kind for step in each) for each in steps]


def test_links_happen_in_their_order():
    white = Image(np.full((2, 2, 3), 0.4, dtype=np.float32))
    dimmed_first = Chain(links=(link(Dim), link(Lift)))
    lifted_first = Chain(links=(link(Lift), link(Dim)))
    for chain, level in ((dimmed_first, 0.45), (lifted_first, 0.325)):
        damaged, steps = chain(white, stream(1, "order"))
        np.testing.assert_allclose(damaged.image.pixels, level, rtol=1e-6)
        assert [step.kind for step in steps] == [each.name for each in chain.links]


def test_chosen_links_keep_their_order_and_never_repeat():
    links = tuple(link(Dim, name) for name in "abcdef")
    for names in drawn(Chain(links=links, choose=(2, 4)), 300):
        assert list(names) == sorted(set(names))
        assert 2 <= len(names) <= 4


def test_as_many_links_are_chosen_as_is_asked_for_each_number_equally_often():
    links = tuple(link(Dim, name) for name in "abcdef")
    counts = Counter(map(len, drawn(Chain(links=links, choose=(1, 3)), 1500)))
    assert counts.keys() == {1, 2, 3}
    assert all(count == pytest.approx(500, abs=75) for count in counts.values())


def test_none_may_be_chosen():
    chain = Chain(links=(link(Dim),), choose=(0, 0))
    damaged, steps = chain(ramp(), stream(1, "none"))
    assert steps == ()
    np.testing.assert_array_equal(damaged.image.pixels, ramp().pixels)


def test_one_link_is_chosen_in_proportion_to_its_weight():
    weights = {"a": 0.1, "b": 0.2, "c": 0.7, "d": 0.0}
    links = tuple(link(Dim, name, probability=each) for name, each in weights.items())
    found = Counter(drawn(Chain(links=links, choose=(1, 1)), 3000))
    for name, weight in weights.items():
        assert found[(name,)] / 3000 == pytest.approx(weight, abs=0.035)
    assert found[("d",)] == 0


def test_equal_weights_are_equal_chances_whatever_they_are():
    links = tuple(link(Dim, name, probability=0.01) for name in "abcd")
    found = Counter(drawn(Chain(links=links, choose=(1, 1)), 2000))
    assert all(found[(name,)] == pytest.approx(500, abs=75) for name in "abcd")


def test_without_a_choice_each_link_has_its_own_chance():
    chances = {"never": 0.0, "rarely": 0.2, "often": 0.7, "always": 1.0}
    links = tuple(link(Dim, name, probability=each) for name, each in chances.items())
    found = drawn(Chain(links=links), 2000)
    for name, chance in chances.items():
        share = sum(name in names for names in found) / 2000
        assert share == pytest.approx(chance, abs=0.04)
        assert share == chance or 0.0 < chance < 1.0
    both = sum({"rarely", "often"} <= set(names) for names in found) / 2000
    assert both == pytest.approx(0.2 * 0.7, abs=0.03)  # one does not know of the other


def test_the_tail_comes_last_and_by_its_own_chance():
    links = (link(Dim, "a"), link(Dim, "b"))
    tail = (link(Lift, "web", probability=0.3),)
    found = drawn(Chain(links=links, choose=(1, 1), tail=tail), 2000)
    assert sum("web" in names for names in found) / 2000 == pytest.approx(0.3, abs=0.04)
    assert all(
        names.index("web") == len(names) - 1 for names in found if "web" in names
    )


def test_the_severity_of_a_link_stays_in_its_range_and_fills_it():
    chain = Chain(
        links=(link(Dim, severity=(0.2, 0.5)),), tail=(link(Lift, severity=(0.0, 0.1)),)
    )
    steps = [chain.sample(stream(seed, "range")) for seed in range(500)]
    ours, tails = (np.array([s[i].params["severity"] for s in steps]) for i in (0, 1))
    assert 0.2 <= ours.min() < 0.21
    assert 0.49 < ours.max() <= 0.5
    assert ours.mean() == pytest.approx(0.35, abs=0.015)
    assert 0.0 <= tails.min() < tails.max() <= 0.1


def test_a_severity_that_is_asked_for_holds_for_all_links_but_not_for_the_tail():
    chain = Chain(
        links=(link(Dim), link(Lift, severity=(0.0, 0.1))),
        tail=(link(Scratch, severity=(0.0, 0.1)),),
    )
    first, second, last = chain.sample(stream(1, "asked"), 0.8)
    assert first.params["severity"] == second.params["severity"] == 0.8
    assert number(last, "severity") <= 0.1


def test_another_severity_changes_nothing_else():
    links = tuple(link(Dim, name, probability=0.5) for name in "abc")
    chains = (Chain(links=links), Chain(links=links, choose=(1, 3)))
    tail = (link(Lift, probability=0.5),)
    for chain in (*chains, Chain(links=links, tail=tail)):
        for seed in range(40):
            mild, strong, free = (
                chain.sample(stream(seed, "else"), each) for each in (0.1, 0.9, None)
            )
            kept = [
                [(step.kind, step.params["shade"]) for step in steps]
                for steps in (mild, strong, free)
            ]
            assert kept[0] == kept[1] == kept[2]


def test_a_stream_is_a_chain_of_steps():
    links = tuple(link(Dim, name, probability=0.5) for name in "abc")
    for chain in (Chain(links=links), Chain(links=links, choose=(1, 2))):
        for seed in range(20):
            again = chain.sample(stream(seed, "again"))
            assert again == chain.sample(stream(seed, "again"))


def test_what_was_drawn_survives_json_and_gives_the_same_pixels():
    chain = Chain(links=(link(Dim), link(Scratch), link(Turn)))
    damaged, steps = chain(ramp(), stream(3, "json"))
    read = tuple(from_json(Step, to_json(step)) for step in steps)
    assert read == steps
    again = chain.apply(ramp(), read)
    np.testing.assert_array_equal(again.image.pixels, damaged.image.pixels)
    np.testing.assert_array_equal(again.clean.pixels, damaged.clean.pixels)


def test_calling_a_chain_is_drawing_and_applying():
    chain = Chain(links=(link(Scratch), link(Lift, probability=0.5)))
    damaged, steps = chain(ramp(), stream(4, "call"))
    assert steps == chain.sample(stream(4, "call"))
    one = chain.apply(ramp(), steps)
    np.testing.assert_array_equal(one.image.pixels, damaged.image.pixels)


def test_the_clean_partner_is_the_picture_itself_where_nothing_moves():
    image = ramp()
    damaged, _ = Chain(links=(link(Dim), link(Scratch)))(image, stream(1, "clean"))
    assert damaged.clean is image
    assert not damaged.is_moved


def test_the_clean_partner_moves_with_the_picture_and_gets_no_damage():
    image = ramp()
    chain = Chain(links=(link(Dim), link(Turn), link(Lift)))
    damaged, _ = chain(image, stream(1, "moved"))
    assert damaged.is_moved
    np.testing.assert_array_equal(damaged.clean.pixels, image.pixels[:, ::-1])
    twice, _ = Chain(links=(link(Turn, "one"), link(Turn, "two")))(image, stream(1))
    np.testing.assert_array_equal(twice.clean.pixels, image.pixels)


def test_masks_say_what_was_destroyed_and_by_whom():
    chain = Chain(links=(link(Dim), link(Scratch), link(Lift)))
    damaged, steps = chain(ramp(), stream(2, "masks"))
    assert damaged.masks.keys() == {"scratch"}
    column = int(number(steps[1], "shade") * 8)
    assert damaged.masks["scratch"][:, column].min() == 1.0
    assert damaged.masks["scratch"].sum() == 4.0


def test_what_was_scratched_twice_is_destroyed_in_both_places():
    chain = Chain(links=(link(Scratch), link(Scratch)))
    for seed in range(20):
        damaged, steps = chain(ramp(), stream(seed, "twice"))
        columns = {int(number(step, "shade") * 8) for step in steps}
        lost = np.flatnonzero(damaged.masks["scratch"].max(axis=0))
        assert set(lost.tolist()) == columns


def test_neither_the_picture_nor_the_record_is_changed():
    image, before = ramp(), ramp().pixels.copy()
    chain = Chain(links=(link(Dim), link(Scratch), link(Turn)))
    steps = chain.sample(stream(5, "kept"))
    written = [to_json(step) for step in steps]
    chain.apply(image, steps)
    assert [to_json(step) for step in steps] == written
    np.testing.assert_array_equal(image.pixels, before)


@pytest.mark.parametrize("choose", [(2, 1), (0, 3), (3, 3), (-1, 1)])
def test_no_more_can_be_chosen_than_there_is(choose):
    links = (link(Dim, "a"), link(Dim, "b"), link(Dim, "c", probability=0.0))
    with pytest.raises(SettingsError, match=r"from 0 to at most 2, got \["):
        Chain(links=links, choose=choose)


def test_links_of_one_name_share_their_assets():
    one = Link(name="dim", kind=Dim(assets="here"))
    other = Link(name="dim", kind=Dim(assets="there"))
    assert Chain(links=(one, one))
    with pytest.raises(SettingsError, match="`dim` differ in `assets`"):
        Chain(links=(one,), tail=(other,))


def test_a_record_is_enough_to_do_it_again():
    names = [name for name in ("noise", "haze", "reflection") if name in DEGRADATIONS]
    chain = Chain(links=tuple(Link(name=name, kind=made(name)) for name in names))
    noise = stream(1, "picture").random((24, 32, 3), dtype=np.float32)
    damaged, steps = chain(Image(noise), stream(6, "record"))
    read = [from_json(Step, to_json(step)) for step in steps]
    again = apply_steps(Image(noise), read)
    np.testing.assert_array_equal(again.image.pixels, damaged.image.pixels)
    assert not np.array_equal(damaged.image.pixels, noise)


def test_a_record_of_an_unknown_kind_is_refused():
    with pytest.raises(UnknownName, match="no degradation called `nois`") as caught:
        apply_steps(ramp(), [Step(kind="nois")])
    assert "`noise`" in caught.value.hint


def test_a_kind_takes_the_settings_that_it_knows():
    assert getattr(made("reflection", {"assets": "here"}), "assets") == "here"  # noqa: B009
    assert made("reflection", {"no_such_setting": 1}) == made("reflection")
