import json
from pathlib import Path

import numpy as np
import pytest

from pellucid.core.errors import BadImage, InputMissing
from pellucid.core.files import write
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.degrade.assets import choose, load


def flat(level: float) -> Image:
    return Image(np.full((3, 5, 3), level, dtype=np.float32))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Two flares, one of them in a folder below, a note, and one picture of rain."""
    (tmp_path / "flare" / "warm").mkdir(parents=True)
    (tmp_path / "rain").mkdir()
    write(flat(0.2), tmp_path / "flare" / "b.png")
    write(flat(0.4), tmp_path / "flare" / "warm" / "a.png")
    write(flat(0.6), tmp_path / "rain" / "a.png")
    (tmp_path / "flare" / "licence.txt").write_text("free", encoding="utf-8")
    return str(tmp_path)


def found(folder: str, subject: str, count: int = 60) -> set[str]:
    chosen = (choose(folder, subject, stream(seed, "assets")) for seed in range(count))
    return {one["name"] for one in chosen if one}


def test_every_picture_of_a_subject_can_be_drawn_and_nothing_else(folder):
    assert found(folder, "flare") == {"flare/b.png", "flare/warm/a.png"}
    assert found(folder, "rain") == {"rain/a.png"}


def test_pictures_are_drawn_equally_often(folder):
    names = [choose(folder, "flare", stream(seed, "n")) for seed in range(400)]
    first = sum(one == names[0] for one in names)
    assert first == pytest.approx(200, abs=50)


def test_a_subject_without_pictures_has_none(folder):
    assert choose(folder, "moire", stream(1, "assets")) is None
    assert choose("", "flare", stream(1, "assets")) is None


def test_one_number_is_drawn_whether_there_are_assets_or_not(folder):
    streams = [stream(3, "assets") for _ in range(3)]
    for rng, where, subject in zip(
        streams, (folder, folder, ""), ("flare", "moire", "flare"), strict=True
    ):
        choose(where, subject, rng)
    assert len({float(rng.random()) for rng in streams}) == 1


def test_a_choice_is_json_and_leads_to_the_picture(folder):
    chosen = choose(folder, "rain", stream(1, "assets"))
    assert chosen is not None
    assert len(chosen["sha256"]) == 64
    pixels = load(folder, json.loads(json.dumps(chosen)))
    np.testing.assert_allclose(pixels, 0.6, atol=0.5 / 255)
    assert pixels.shape == (3, 5, 3)


def test_a_picture_cannot_be_written_to(folder):
    chosen = choose(folder, "rain", stream(1, "assets"))
    assert chosen is not None
    with pytest.raises(ValueError, match="read-only"):
        load(folder, chosen)[:] = 0.0


def test_another_picture_under_the_same_name_is_not_taken(folder):
    chosen = choose(folder, "rain", stream(1, "assets"))
    assert chosen is not None
    write(flat(0.1), Path(folder, "rain", "a.png"), overwrite=True)
    with pytest.raises(InputMissing, match="not the picture that was used") as caught:
        load(folder, chosen)
    assert chosen["sha256"] in caught.value.hint


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match=r"no folder of assets .*gone"):
        choose(str(tmp_path / "gone"), "flare", stream(1, "assets"))


def test_a_picture_that_is_gone_is_named(folder):
    chosen = {"name": "flare/c.png", "sha256": "0" * 64}
    with pytest.raises(InputMissing, match=r"c\.png: It cannot be read"):
        load(folder, chosen)


def test_a_choice_without_a_folder_says_which_option_names_one(folder):
    chosen = choose(folder, "rain", stream(1, "assets"))
    assert chosen is not None
    with pytest.raises(InputMissing, match="none is named") as caught:
        load("", chosen)
    assert "--assets" in caught.value.hint


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "rain").mkdir()
    (tmp_path / "rain" / "broken.png").write_bytes(b"no picture")
    chosen = choose(str(tmp_path), "rain", stream(1, "assets"))
    assert chosen is not None
    with pytest.raises(BadImage):
        load(str(tmp_path), chosen)
