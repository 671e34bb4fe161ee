import hashlib
import json
from pathlib import Path

import numpy as np
import pictures
import pytest
import tifffile
from PIL import Image as Pillow

from pellucid.cli.contents import contents
from pellucid.core.options import Limits


def look(file: Path, *, every_tag: bool = False):
    found = contents(file, limits=Limits(), every_tag=every_tag)
    json.dumps(found, allow_nan=False)
    return found


def test_a_plain_picture_carries_nothing_else(photo: Path):
    found = look(photo)
    assert (found["format"], found["width"], found["height"]) == ("png", 8, 8)
    assert (found["sample_type"], found["bit_depth"]) == ("uint8", 8)
    assert found["size_bytes"] == photo.stat().st_size
    for name in ("icc", "exif", "xmp", "iptc", "photoshop", "dpi"):
        assert found[name] is None


@pytest.mark.parametrize(("value", "state"), [(255, "opaque"), (254, "used")])
def test_alpha_is_looked_at(tmp_path: Path, value: int, state: str):
    picture = Pillow.new("RGBA", (4, 4), (1, 2, 3, value))
    picture.save(tmp_path / "a.png")
    assert look(tmp_path / "a.png")["alpha"] == state


def test_a_profile_is_named_and_sealed(tmp_path: Path, draw):
    icc = pictures.profile("Adobe RGB")
    found = look(draw(tmp_path / "a.jpg", icc_profile=icc))["icc"]
    assert found["description"] == "Adobe RGB"
    assert found["size_bytes"] == len(icc)
    assert found["sha256"] == hashlib.sha256(icc).hexdigest()


def test_a_broken_profile_is_said_to_be_broken(tmp_path: Path, draw):
    found = look(draw(tmp_path / "a.jpg", icc_profile=b"not a profile"))
    assert found["icc"]["description"] is None
    assert any("profile is broken" in warning for warning in found["warnings"])


def test_the_usual_tags_are_listed_and_the_place_only_when_asked(tmp_path: Path, draw):
    photo = draw(tmp_path / "a.jpg", exif=b"Exif\0\0" + pictures.exif(6))
    usual, every = look(photo), look(photo, every_tag=True)
    assert usual["orientation"] == 6
    assert usual["exif"]["has_place"]
    assert "GPSLatitude" not in usual["exif"]["tags"]
    assert "GPSLatitude" in every["exif"]["tags"]
    assert len(every["exif"]["tags"]) == every["exif"]["tag_count"]


def test_deep_and_gray_samples_are_told(tmp_path: Path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 5), np.float32), byteorder=">")
    found = look(path)
    assert (found["sample_type"], found["bit_depth"]) == ("float32", 32)
    assert found["gray"]
    assert found["encoding"]["byteorder"] == ">"


def test_texts_are_listed(tmp_path: Path, draw):
    found = look(draw(tmp_path / "a.png", pnginfo=pictures.png_text(Title="Grüße")))
    assert found["texts"] == [{"keyword": "Title", "text": "Grüße"}]
