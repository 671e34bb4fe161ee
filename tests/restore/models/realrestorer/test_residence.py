"""Devices, types, and who is where."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from bundles import station

from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer import RealRestorer, crew
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.residence import (
    Part,
    Residence,
    device_for,
    dtype_for,
    pass_through,
)
from pellucid.restore.models.realrestorer.ways import ways
from pellucid.restore.plan import Machine, Way

WAYS = {way.name: way for way in ways(1024, 1024, Machine(card="RTX 4090"))}


def settled(model: RealRestorer, way: Way) -> RealRestorer:
    """The same parts, sharing the device in another way."""
    parts = model.residence.parts
    parts.network.get()
    residence = Residence(torch.device("cpu"), way, tuple(WAYS.values()), parts)
    return replace(model, residence=residence)


def restored(model: RealRestorer) -> np.ndarray:
    pixels = stream(6, "residence").random((48, 64, 3), dtype=np.float32)
    return model.restore(Image(pixels), Request(task=("dehaze",), steps=2)).pixels


def test_without_a_graphics_card_the_processor_computes():
    if not torch.cuda.is_available():
        assert device_for("auto") == torch.device("cpu")
        with pytest.raises(SettingsError, match="`cuda` cannot be used"):
            device_for("cuda")


def test_a_device_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="`gpu7` cannot be used"):
        device_for("gpu7")


def test_types():
    assert dtype_for("auto", torch.device("cpu")) == torch.float32
    assert dtype_for("float16", torch.device("cpu")) == torch.float16
    with pytest.raises(SettingsError, match="does not compute in int8"):
        dtype_for("int8", torch.device("cpu"))


def test_an_old_card_is_told_which_types_it_has(monkeypatch: pytest.MonkeyPatch):
    card = torch.device("cuda:0")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda at: (8, 0))
    assert dtype_for("auto", card) == torch.bfloat16
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda at: (7, 5))
    with pytest.raises(SettingsError, match=r"8\.0, and it has 7\.5") as caught:
        dtype_for("auto", card)
    assert "--dtype float32" in caught.value.hint
    assert dtype_for("float16", card) == torch.float16


def test_a_part_is_read_when_it_is_needed_and_again_when_it_was_let_go():
    read: list[int] = []

    def load() -> int:
        read.append(1)
        return len(read)

    part = Part(load)
    assert read == []
    assert part.get() == part.get() == 1
    part.let_go()
    assert part.get() == 2


def test_without_a_card_language_model_and_transformer_are_never_there_together(
    bundle: Path,
):
    model = RealRestorer.load(LoadOptions(weights_folder=bundle))
    parts, residence = model.residence.parts, model.residence
    assert residence.way.name == "cpu"
    for _ in range(2):
        residence.speak()
        assert parts.network._held is None
        residence.paint()
        assert parts.language._held is None


@pytest.mark.parametrize("name", ["resident", "turns", "streamed"])
def test_an_exact_way_gives_the_same_picture(bundle: Path, name: str):
    options = LoadOptions(weights_folder=bundle, dtype="float32")
    wanted = restored(RealRestorer.load(options))
    found = restored(settled(RealRestorer.load(options), WAYS[name]))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_eight_bits_give_nearly_the_same_picture(bundle: Path):
    pytest.importorskip("torchao")
    options = LoadOptions(weights_folder=bundle)
    wanted = restored(RealRestorer.load(options))
    found = restored(settled(RealRestorer.load(options), WAYS["int8"]))
    assert 0.0 < np.abs(found - wanted).mean() < 0.01


def test_when_memory_runs_out_it_goes_on_with_less_and_says_so(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
):
    model = RealRestorer.load(LoadOptions(weights_folder=bundle))
    wanted = restored(model)
    model = settled(model, WAYS["resident"])
    speak = Residence.speak

    def failing(self: Residence) -> Language:
        if self.way.name != "streamed":
            raise torch.OutOfMemoryError
        return speak(self)

    monkeypatch.setattr(Residence, "speak", failing)
    pixels = stream(6, "residence").random((48, 64, 3), dtype=np.float32)
    found = model.restore(Image(pixels), Request(task=("dehaze",), steps=2))
    np.testing.assert_allclose(found.pixels, wanted, atol=1e-5)
    said = found.carried.warnings
    assert len(said) == 2
    assert "`resident`; it went on with `turns`" in said[0]
    assert "`turns`; it went on with `streamed`" in said[1]


@pytest.mark.parametrize("name", ["streamed", "int8"])
def test_when_nothing_takes_less_it_is_an_error(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    model = settled(RealRestorer.load(LoadOptions(weights_folder=bundle)), WAYS[name])

    def failing(self: Residence) -> Language:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(Residence, "speak", failing)
    with pytest.raises(EnvironmentFailure) as caught:
        restored(model)
    assert caught.value.hint == "Take smaller tiles: `--tile 512`."


def test_a_language_model_that_passes_layer_by_layer_says_the_same(bundle: Path):
    """Twice, as two ways may share the model."""
    here = torch.device("cpu")
    language = RealRestorer.load(
        LoadOptions(weights_folder=bundle)
    ).residence.parts.language.get()
    pixels = stream(6, "residence").random((48, 64, 3), dtype=np.float32)
    wanted, _ = language.read(pixels, ["Remove the haze", ""], here)
    for _ in range(2):
        pass_through(language.model, here)
        found, _ = language.read(pixels, ["Remove the haze", ""], here)
        assert torch.equal(found, wanted)


@pytest.fixture
def paired(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> RealRestorer:
    """A model with a helper, both on this processor."""
    monkeypatch.setattr(crew, "HELPER", "crew_on_cpu")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    model = RealRestorer.load(LoadOptions(weights_folder=bundle))
    ways, parts = tuple(WAYS.values()), model.residence.parts
    here = model.residence.device
    residence = Residence(
        here, WAYS["branches"], ways, parts, station(bundle, "branches")
    )
    return replace(model, residence=residence)


def test_cards_work_together_until_work_stops(bundle: Path, paired: RealRestorer):
    wanted = restored(RealRestorer.load(LoadOptions(weights_folder=bundle)))
    np.testing.assert_allclose(restored(paired), wanted, atol=2e-5)
    helper = paired.residence._crew
    assert helper is not None
    np.testing.assert_allclose(restored(paired), wanted, atol=2e-5)
    assert paired.residence._crew is helper
    with pytest.raises(KeyboardInterrupt), paired.residence.together():
        raise KeyboardInterrupt
    assert paired.residence._crew is None
    assert not torch.distributed.is_initialized()


def test_a_card_that_was_lost_is_told(paired: RealRestorer):
    network = paired.residence.parts.network.get()
    assert paired.residence._gathered(network) is not None
    with (
        pytest.raises(EnvironmentFailure, match="Connection closed"),
        paired.residence.together(),
    ):
        raise RuntimeError("Connection closed by peer")
    assert paired.residence._crew is None


def test_a_cache_that_would_decide_otherwise_on_every_card_is_refused(bundle: Path):
    model = settled(
        RealRestorer.load(LoadOptions(weights_folder=bundle)), WAYS["split"]
    )
    request = Request(task=("dehaze",), steps=2, speed_ups=("first-block-cache",))
    pixels = stream(6, "residence").random((48, 64, 3), dtype=np.float32)
    with pytest.raises(SettingsError, match="does not go with `--memory split`"):
        model.restore(Image(pixels), request)
