import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from restore.fakes import Fake, diagnosis

from pellucid.core.errors import InputMissing, OutputExists, SettingsError
from pellucid.core.image import Image
from pellucid.core.records import Receipt, Request, from_json, to_json
from pellucid.core.seeds import stream
from pellucid.restore import receipt
from pellucid.restore.run import Outcome

IMAGE = Image(stream(4, "receipt").random((4, 5, 3), dtype=np.float32))
OUTCOME = Outcome(
    image=IMAGE,
    before=diagnosis(noise=0.5),
    after=diagnosis(noise=0.1),
    guards={"decision": "lowered", "attempts": []},
    warnings=("The strength was lowered.",),
    timings_s={"total": 0.5},
    strength=0.5,
)
REQUEST = Request(task=("denoise",), seed=3)


class Frank(Fake):
    """A fake that says how it ran."""

    device: str = "cpu, by hand"
    dtype: str = "int8"
    tile: int | None = 512
    weights_sha256: Mapping[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.weights_sha256 = {"fake.onnx": "a" * 64}


def made(**how: Any) -> Receipt:
    how = {"input_sha256": "0" * 64, "output_sha256": "1" * 64} | how
    return receipt.make(OUTCOME, REQUEST, Frank(), **how)


def test_a_receipt_says_what_was_done_with_what_and_how_it_went():
    facts = made()
    assert (facts.model, facts.device, facts.dtype) == ("fake", "cpu, by hand", "int8")
    assert (facts.tile, facts.applied_strength, facts.seed) == (512, 0.5, 3)
    assert facts.weights_sha256 == {"fake.onnx": "a" * 64}
    assert (facts.before, facts.after) == (OUTCOME.before, OUTCOME.after)
    assert (facts.guards, facts.warnings) == (OUTCOME.guards, OUTCOME.warnings)
    assert {"pellucid", "numpy", "pillow", "onnxruntime"} <= set(facts.versions)
    assert facts.pixels_sha256 == receipt.pixels_sha256(IMAGE)
    assert made(warnings=("Other.",)).warnings == ("Other.",)


def test_a_restorer_that_says_nothing_about_itself_has_a_receipt_too():
    facts = receipt.make(OUTCOME, REQUEST, Fake(), input_sha256=None)
    assert (facts.device, facts.input_sha256, facts.weights_sha256) == (
        "not said",
        None,
        {},
    )


def test_a_receipt_is_written_beside_and_read_back_the_same(tmp_path: Path):
    path = receipt.beside(tmp_path / "photo.jpg")
    assert path.name == "photo.jpg.receipt.json"
    receipt.write(made(), path)
    assert receipt.read(path) == made()
    with pytest.raises(OutputExists):
        receipt.write(made(), path)
    receipt.write(made(), path, overwrite=True)


def test_a_receipt_of_before_can_still_be_read():
    facts = json.loads(to_json(made()))
    for name in ("dtype", "tile", "before", "after", "applied_strength"):
        del facts[name]
    del facts["pixels_sha256"]
    assert from_json(Receipt, json.dumps(facts)).pixels_sha256 is None


def test_reading_is_strict(tmp_path: Path):
    path = tmp_path / "a.receipt.json"
    path.write_text(to_json(made()).replace('"tile"', '"title"'))
    with pytest.raises(SettingsError, match=r"a\.receipt\.json: Receipt: `title`"):
        receipt.read(path)
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(SettingsError, match="it is not text"):
        receipt.read(path)
    with pytest.raises(InputMissing, match="no file"):
        receipt.read(tmp_path / "gone.receipt.json")


def test_a_result_is_told_from_another_file(tmp_path: Path):
    path = tmp_path / "result.png"
    path.write_bytes(b"picture")
    facts = made(output_sha256=receipt.file_sha256(path))
    assert receipt.verify(facts, path) == []
    path.write_bytes(b"another")
    assert "not the file" in receipt.verify(facts, path)[0]
    assert "names none" in receipt.verify(replace(facts, output_sha256=None), path)[0]
    with pytest.raises(InputMissing):
        receipt.verify(facts, tmp_path / "gone.png")


def test_the_hash_of_pixels_does_not_depend_on_how_they_lie_in_memory():
    turned = Image(np.asfortranarray(IMAGE.pixels))
    assert receipt.pixels_sha256(turned) == receipt.pixels_sha256(IMAGE)
    other = IMAGE.with_pixels(IMAGE.pixels * np.float32(0.5))
    assert receipt.pixels_sha256(other) != receipt.pixels_sha256(IMAGE)
