from pathlib import Path

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow
from restore.fakes import Fake, diagnosis, roughness, smoothed

from pellucid.core.errors import OutputExists, SettingsError, UnknownName
from pellucid.core.files import decode, read
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.restore import receipt
from pellucid.restore.api import Restorer
from pellucid.restore.packet import receipt_in

RESTORER = Restorer(Fake(smoothed), roughness())
NOISE = stream(6, "api").integers(90, 160, (30, 40, 3), np.uint8)
FILE = pictures.png(NOISE, xmp=pictures.XMP)


def expected() -> np.ndarray:
    return smoothed(decode(FILE).pixels)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(FILE)
    return file


def test_whatever_comes_in_the_same_kind_goes_out(path: Path):
    given = {
        Image: [decode(FILE), path, str(path)],
        bytes: [FILE],
        Pillow.Image: [Pillow.fromarray(NOISE)],
        np.ndarray: [NOISE, (NOISE / np.float32(255)).astype(np.float32)],
    }
    for kind, examples in given.items():
        for each in examples:
            result = RESTORER(each)
            assert isinstance(result.image, kind)
            np.testing.assert_allclose(result.picture.pixels, expected(), atol=1e-6)


def test_a_result_says_what_was_found_and_done():
    result = RESTORER(FILE, task="denoise", strength=0.5, seed=7)
    assert result.diagnosis == roughness()(decode(FILE))
    assert result.receipt.request.task == ("denoise",)
    assert (result.receipt.applied_strength, result.receipt.seed) == (0.5, 7)
    assert result.receipt.output_sha256 is None
    assert result.warnings == result.receipt.warnings


def test_several_tasks_are_one_request():
    assert RESTORER(NOISE, task=("dehaze", "denoise")).request.task[1] == "denoise"


def test_a_result_is_saved_with_all_its_file_carried(path: Path, tmp_path: Path):
    result, output = RESTORER(path), tmp_path / "out.png"
    result.save(output, with_receipt=True)
    assert read(output).carried.xmp == pictures.XMP
    facts = receipt.read(receipt.beside(output))
    assert receipt.verify(facts, output) == []
    assert facts.input_sha256 == receipt.file_sha256(path)
    with pytest.raises(OutputExists):
        result.save(output)
    with pytest.raises(OutputExists):
        result.save(path, overwrite=True)


def test_a_receipt_travels_inside_the_picture_on_request(path: Path, tmp_path: Path):
    result, output = RESTORER(path), tmp_path / "out.png"
    result.save(output, receipt_inside=True)
    carried = read(output).carried.xmp or b""
    assert receipt_in(carried) == result.receipt
    assert b'dc:format="photo"' in carried


def test_a_clean_file_comes_back_byte_for_byte_where_it_was_lossless():
    clean = Restorer(Fake(smoothed), lambda _: diagnosis())
    picture = decode(FILE)
    assert clean(picture).picture is picture
    assert np.array_equal(np.asarray(clean(NOISE).image), NOISE)


def test_guards_can_be_left_out():
    idle = Restorer(Fake(), roughness())
    assert idle(NOISE).receipt.guards["decision"] == "kept"
    assert idle(NOISE, guards=False).receipt.guards == {}


def test_what_cannot_be_is_refused():
    with pytest.raises(UnknownName):
        RESTORER(NOISE, task="enhance")
    with pytest.raises(SettingsError, match="strength"):
        RESTORER(NOISE, strength=2)
    with pytest.raises(UnknownName, match="no restorer called `none-such`"):
        Restorer.load("none-such")
    with pytest.raises((SettingsError, UnknownName)):
        Restorer.load("compact", tiles=3)
