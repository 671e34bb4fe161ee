"""Devices, types, and who is where."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pellucid.core.errors import SettingsError
from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer import RealRestorer
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.residence import (
    Part,
    Residence,
    device_for,
    dtype_for,
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
    assert dtype_for("auto", torch.device("cuda")) == torch.bfloat16
    assert dtype_for("float16", torch.device("cpu")) == torch.float16


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
    options = LoadOptions(weights_folder=bundle)
    wanted = restored(RealRestorer.load(options))
    found = restored(settled(RealRestorer.load(options), WAYS["fp8"]))
    assert 0.0 < np.abs(found - wanted).mean() < 0.02


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


@pytest.mark.parametrize("name", ["streamed", "fp8"])
def test_when_nothing_takes_less_it_is_an_error(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    from pellucid.core.errors import EnvironmentFailure

    model = settled(RealRestorer.load(LoadOptions(weights_folder=bundle)), WAYS[name])

    def failing(self: Residence) -> Language:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(Residence, "speak", failing)
    with pytest.raises(EnvironmentFailure) as caught:
        restored(model)
    assert caught.value.hint == "Take smaller tiles: `--tile 512`."
