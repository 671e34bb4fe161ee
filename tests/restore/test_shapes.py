from pathlib import Path

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow

from pellucid.core.errors import ImageError, InputMissing
from pellucid.core.files import decode
from pellucid.core.image import Image
from pellucid.restore.shapes import like, taken, to_array, to_pillow_picture

MODES = ["L", "LA", "RGB", "RGBA"]


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4), (1, 1)])
def test_an_array_comes_back_as_it_was(kind: str, shape: tuple[int, ...]):
    channels = shape[2] if len(shape) == 3 else 1
    array = pictures.samples(shape[0], shape[1], channels, kind).reshape(shape)
    image = taken(array)
    assert image.carried.is_gray is (channels == 1)
    assert (image.alpha is not None) is (channels == 4)
    again = like(image, array)
    assert isinstance(again, np.ndarray)
    np.testing.assert_array_equal(again, array, strict=True)


def test_an_array_that_is_changed_later_does_not_change_the_picture():
    array = pictures.samples(4, 4, 3, "float32")
    image = taken(array)
    array[:] = 0
    assert image.pixels.max() > 0


def test_alpha_that_was_not_there_is_opaque():
    rgb = taken(pictures.samples(4, 4, 3))
    assert (to_array(rgb, "uint8", (4, 4, 4))[:, :, 3] == 255).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_pillow_picture_comes_back_as_it_was(mode: str):
    array = pictures.samples(6, 5, len(mode))
    picture = Pillow.fromarray(array[:, :, 0] if mode == "L" else array)
    assert picture.mode == mode
    again = like(taken(picture), picture)
    assert isinstance(again, Pillow.Image)
    assert (again.mode, again.size) == (mode, picture.size)
    assert again.tobytes() == picture.tobytes()


def test_gray_of_16_bits_stays_so_in_pillow():
    picture = Pillow.fromarray(pictures.samples(6, 5, 1, "uint16")[:, :, 0])
    again = to_pillow_picture(taken(picture))
    assert again.mode == "I;16"
    np.testing.assert_array_equal(np.asarray(again), np.asarray(picture))


def test_a_palette_becomes_colours_and_the_profile_stays():
    picture = Pillow.fromarray(pictures.samples(6, 5, 3)).quantize(8)
    picture.info["icc_profile"] = pictures.profile("Display P3")
    again = to_pillow_picture(taken(picture))
    assert again.mode == "RGB"
    assert again.info["icc_profile"] == pictures.profile("Display P3")
    assert again.tobytes() == picture.convert("RGB").tobytes()


def test_bytes_come_back_as_bytes_of_the_same_format():
    data = pictures.png(pictures.samples(6, 5, 3, "uint16"))
    again = like(taken(data), data)
    assert isinstance(again, bytes)
    np.testing.assert_array_equal(decode(again).pixels, decode(data).pixels)
    assert decode(again).carried.sample_type == "uint16"


def test_a_path_and_an_image_give_an_image(tmp_path: Path):
    path = tmp_path / "a.png"
    path.write_bytes(pictures.png(pictures.samples(6, 5, 3)))
    for given in (path, str(path)):
        image = taken(given)
        assert like(image, given) is image
        assert taken(image) is image
    with pytest.raises(InputMissing):
        taken(tmp_path / "gone.png")


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float64),
        np.zeros((4, 4, 3), np.int64),
        np.full((4, 4, 3), 2.0, np.float32),
        np.full((4, 4, 3), np.nan, np.float32),
        7,
        b"no picture",
        Pillow.new("CMYK", (4, 4)),
    ],
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(ImageError):
        taken(wrong)


def test_a_gray_picture_of_three_channels_stays_one_of_three():
    array = pictures.samples(4, 4, 1).repeat(3, axis=2)
    assert isinstance(taken(array), Image)
    assert to_array(taken(array), "uint8", array.shape).shape == (4, 4, 3)
