"""Each promise is kept by a small plug-in, written as a stranger would write it."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
import pytest

from pellucid.core.errors import BadImage, ImageError
from pellucid.core.image import Image
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.protocols import (
    Degradation,
    Format,
    Judge,
    Masking,
    Metric,
    Params,
    Restorer,
    Retargeting,
    Suite,
)
from pellucid.core.records import (
    LoadOptions,
    MetricCard,
    ModelCard,
    Pair,
    Request,
    Step,
    SuiteCard,
    Verdict,
    from_json,
    to_json,
)
from pellucid.core.seeds import stream
from pellucid.core.settings import build, settings


class Dots:
    """A format of its own: height, width, and the pixels as bytes."""

    title: ClassVar[str] = "Dots"
    extensions: ClassVar[tuple[str, ...]] = (".dots",)
    holds: ClassVar[frozenset[str]] = frozenset()
    sample_types: ClassVar[tuple[str, ...]] = ("uint8",)

    def recognises(self, data: bytes) -> bool:
        return data.startswith(b"DOTS")

    def decode(self, data: bytes, limits: Limits) -> Image:
        height, width = data[4], data[5]
        limits.check(width, height)
        values = np.frombuffer(data, np.uint8, offset=6)
        if values.size != height * width * 3:
            raise BadImage("The file is cut short.")
        pixels = values.reshape(height, width, 3).astype(np.float32)
        return Image(pixels / np.float32(255))

    def encode(self, image: Image, options: WriteOptions) -> bytes:
        head = b"DOTS" + bytes([image.height, image.width])
        return head + (image.pixels * 255).round().astype(np.uint8).tobytes()


@settings
class Grain:
    """Grey noise, with its seed among the choices."""

    strength: tuple[float, float] = (0.01, 0.1)

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        drawn = float(rng.random())
        severity = drawn if severity is None else severity
        return {
            "severity": severity,
            "strength": self.strength[0]
            + severity * (self.strength[1] - self.strength[0]),
            "seed": int(rng.integers(2**32)),
        }

    def apply(self, image: Image, params: Params) -> Image:
        noise = stream(params["seed"], "grain").standard_normal(
            (image.height, image.width, 1), dtype=np.float32
        )
        noisy = image.pixels + np.float32(params["strength"]) * noise
        return image.with_pixels(noisy.clip(0, 1))


class Brighter:
    """Goes to white by the strength of the request."""

    card: ClassVar[ModelCard] = ModelCard(
        name="brighter",
        title="Brighter",
        version="1",
        tasks=("low_light",),
        licence="Apache-2.0",
        commercial_use=True,
        generative=False,
        parameters=1,
        memory_gib=0.1,
        source="ours",
    )

    def __init__(self, target: np.float32) -> None:
        self.target = target

    @classmethod
    def load(cls, options: LoadOptions) -> Self:
        return cls(np.float32(1.0))

    def restore(self, image: Image, request: Request) -> Image:
        share = np.float32(request.strength)
        return image.with_pixels(image.pixels * (1 - share) + self.target * share)


class Distance:
    """Mean absolute difference."""

    card: ClassVar[MetricCard] = MetricCard(
        name="distance",
        title="Distance",
        direction="lower",
        span=(0.0, 1.0),
        needs_reference=True,
        colour_space="rgb",
        source="textbook",
    )

    def score(self, output: Image, reference: Image | None) -> float:
        if reference is None:
            raise ImageError("This metric needs the clean picture.")
        return float(np.abs(output.pixels - reference.pixels).mean())


class Lamp:
    """A judge that likes light."""

    def compare(self, before: Image, after: Image, task: str) -> Verdict:
        gain = float(after.pixels.mean() - before.pixels.mean())
        return Verdict(scores={task: gain}, reason=f"It is brighter by {gain:.2f}.")


class Two:
    """A benchmark of two pictures."""

    card: ClassVar[SuiteCard] = SuiteCard(
        name="two",
        title="Two",
        licence="CC0-1.0",
        commercial_use=True,
        pictures=2,
        has_reference=False,
        metrics=("distance",),
        source="ours",
    )

    def pairs(self, folder):
        for path in sorted(folder.glob("*.dots")):
            yield Pair(key=path.stem, damaged=path.name, clean=None, origin="two")

    def report(self, scores) -> Params:
        return {"mean": sum(row["distance"] for row in scores.values()) / len(scores)}


# The lines that end a plug-in: pyright fails here if a promise is not kept.
FORMAT: type[Format] = Dots
DEGRADATION: type[Degradation] = Grain
RESTORER: type[Restorer] = Brighter
METRIC: type[Metric] = Distance
JUDGE: type[Judge] = Lamp
SUITE: type[Suite] = Two

PROMISES = {
    Format: Dots(),
    Degradation: Grain(),
    Restorer: Brighter.load(LoadOptions()),
    Metric: Distance(),
    Judge: Lamp(),
    Suite: Two(),
}


@pytest.fixture
def photo():
    values = stream(0, "photo").random((5, 7, 3), dtype=np.float32)
    return Image(values)


@pytest.mark.parametrize("promise", PROMISES)
def test_a_plugin_keeps_its_own_promise_and_no_other(promise):
    kept = [other for other, plugin in PROMISES.items() if isinstance(plugin, promise)]
    assert kept == [promise]


@pytest.mark.parametrize(
    ("promise", "name"),
    [
        (Format, "holds"),
        (Format, "encode"),
        (Degradation, "apply"),
        (Restorer, "card"),
        (Restorer, "load"),
        (Metric, "card"),
        (Judge, "compare"),
        (Suite, "report"),
    ],
)
def test_a_plugin_that_lacks_one_name_breaks_the_promise(promise, name):
    plugin = type(PROMISES[promise])
    whole = {n: value for n, value in vars(plugin).items() if not n.startswith("__")}
    half = {n: value for n, value in whole.items() if n != name}
    assert isinstance(type("Whole", (), whole)(), promise)
    assert not isinstance(type("Half", (), half)(), promise)


def test_a_format_reads_what_it_wrote(photo):
    dots = FORMAT()
    data = dots.encode(photo, WriteOptions())
    assert dots.recognises(data[:64])
    again = dots.decode(data, Limits())
    np.testing.assert_allclose(again.pixels, photo.pixels, atol=0.5 / 255 + 1e-6)


def test_a_target_and_a_mask_are_promises_of_their_own():
    class Moved:
        def target(self, image: Image, params: Params) -> Image:
            return image

    class Torn:
        def mask(self, image: Image, params: Params) -> np.ndarray:
            return np.zeros((image.height, image.width), np.float32)

    for promise, plugin in ((Retargeting, Moved()), (Masking, Torn())):
        assert isinstance(plugin, promise)
        assert not isinstance(Grain(), promise)


def test_a_degradation_can_be_done_again_from_its_record(photo):
    grain = DEGRADATION()
    params = grain.sample(stream(2, "grain"))
    step = from_json(Step, to_json(Step(kind="grain", params=params)))
    first, second = grain.apply(photo, params), grain.apply(photo, step.params)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert not np.array_equal(first.pixels, photo.pixels)


def test_the_ranges_of_a_degradation_come_from_a_recipe():
    grain = build(Grain, {"strength": [0.5, 0.6]}, "recipes/grain.toml")
    assert 0.5 <= grain.sample(stream(2, "grain"))["strength"] <= 0.6


def test_a_restorer_tells_its_facts_before_it_is_loaded(photo):
    assert RESTORER.card.licence == "Apache-2.0"
    restorer = RESTORER.load(LoadOptions())
    half = restorer.restore(photo, Request(strength=0.5))
    np.testing.assert_allclose(half.pixels, (photo.pixels + 1) / 2, atol=1e-6)


def test_metric_and_judge_agree_on_a_clear_win(photo):
    bright = photo.with_pixels(np.ones_like(photo.pixels))
    metric = METRIC()
    assert metric.score(bright, bright) == 0.0
    assert metric.score(photo, bright) > 0.1
    assert JUDGE().compare(photo, bright, "low_light").scores["low_light"] > 0.1


def test_a_suite_goes_through_its_pairs_in_order_and_reports(tmp_path, photo):
    for name in ("b.dots", "a.dots"):
        (tmp_path / name).write_bytes(Dots().encode(photo, WriteOptions()))
    suite = SUITE()
    pairs = list(suite.pairs(tmp_path))
    assert [pair.key for pair in pairs] == ["a", "b"]
    scores = {"a": {"distance": 0.2}, "b": {"distance": 0.4}}
    assert suite.report(scores)["mean"] == pytest.approx(0.3)
