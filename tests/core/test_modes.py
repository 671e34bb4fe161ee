"""Every mode of Pillow becomes planes, or is refused."""

import io

import numpy as np
import pictures
import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngImageFile

from pellucid.core.errors import BadImage, TooLarge
from pellucid.core.image import Image
from pellucid.core.modes import Planes, open_header, planes_of, stacked, to_pillow
from pellucid.core.options import Limits

COLOUR = pictures.samples(9, 14, 3)
PLAIN = Pillow.fromarray(COLOUR)


def bytes_of(planes: Planes) -> tuple[np.ndarray, np.ndarray | None]:
    """Samples 0 to 255, and that nothing was rounded on the way."""
    alpha = planes.alpha
    pixels = planes.pixels * np.float32(255)
    np.testing.assert_allclose(pixels, np.rint(pixels), atol=1e-4)
    return np.rint(pixels), None if alpha is None else np.rint(alpha * np.float32(255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "RGBX", "YCbCr", "P"])
def test_a_mode_becomes_what_pillow_shows(mode):
    picture = PLAIN.convert(mode)
    pixels, alpha = bytes_of(planes_of(picture))
    np.testing.assert_array_equal(pixels, np.asarray(picture.convert("RGB")))
    assert (alpha is not None) == mode.endswith("A")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_samples_and_alpha_arrive_unchanged(channels):
    samples = pictures.samples(9, 14, channels)
    planes = planes_of(to_pillow(samples))
    pixels, alpha = bytes_of(planes)
    assert planes.is_gray == (channels < 3)
    for number in range(3):
        channel = 0 if channels < 3 else number
        np.testing.assert_array_equal(pixels[:, :, number], samples[:, :, channel])
    if channels in {2, 4}:
        np.testing.assert_array_equal(alpha, samples[:, :, -1])
    else:
        assert alpha is None


def test_bilevel_is_black_and_white():
    planes = planes_of(Pillow.fromarray(np.array([[False, True]])))
    np.testing.assert_array_equal(planes.pixels[0], [[0, 0, 0], [1, 1, 1]])
    assert planes.is_gray


def test_a_transparent_index_of_a_palette_becomes_alpha():
    picture = PLAIN.convert("P", palette=Pillow.Palette.ADAPTIVE, colors=4)
    picture.info["transparency"] = 2
    planes = planes_of(picture)
    assert planes.alpha is not None
    np.testing.assert_array_equal(planes.alpha, np.asarray(picture) != 2)
    shown = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(bytes_of(planes)[0], shown)


def test_a_palette_may_say_alpha_for_each_index():
    picture = PLAIN.convert("P", palette=Pillow.Palette.ADAPTIVE, colors=3)
    picture.info["transparency"] = bytes([0, 100, 255])
    alpha = bytes_of(planes_of(picture))[1]
    wanted = np.array([0, 100, 255])[np.asarray(picture)]
    np.testing.assert_array_equal(alpha, wanted)


def test_a_palette_with_alpha_of_its_own_keeps_both():
    samples = pictures.samples(9, 14, 2)
    samples[:, :, 0] %= 3
    picture = Pillow.frombytes("PA", (14, 9), samples.tobytes())
    picture.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    pixels, alpha = bytes_of(planes_of(picture))
    palette = np.arange(10, 100, 10).reshape(3, 3)
    np.testing.assert_array_equal(pixels, palette[samples[:, :, 0]])
    np.testing.assert_array_equal(alpha, samples[:, :, 1])


@pytest.mark.parametrize(("mode", "key"), [("RGB", (7, 8, 9)), ("L", 7)])
def test_a_transparent_colour_becomes_alpha(mode, key):
    picture = Pillow.new(mode, (4, 2), 0)
    picture.putpixel((1, 0), key)
    picture.info["transparency"] = key
    planes = planes_of(picture)
    wanted = np.ones((2, 4))
    wanted[0, 1] = 0
    np.testing.assert_array_equal(planes.alpha, wanted)
    assert planes.is_gray == (mode == "L")


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "HSV", "F", "I", "I;16", "La", "RGBa"])
def test_modes_without_known_colours_are_refused(mode):
    with pytest.raises(BadImage, match=f"`{mode}`"):
        planes_of(Pillow.new(mode, (4, 4)))


def test_pictures_of_many_rows_come_through_in_one_piece(monkeypatch):
    monkeypatch.setattr("pellucid.core.modes.ROWS_BYTES", 14 * 4 * 4)  # 4 rows of 9
    np.testing.assert_array_equal(bytes_of(planes_of(PLAIN))[0], COLOUR)


def test_a_header_above_the_limit_is_refused_before_decoding():
    data = pictures.png(COLOUR)
    assert open_header(PngImageFile, data, Limits()).size == (14, 9)
    with pytest.raises(TooLarge):
        open_header(PngImageFile, data[:60], Limits(max_pixels=100))


@pytest.mark.parametrize("gray", [True, False])
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_stacking_gives_back_the_samples(gray, kind):
    colours = pictures.samples(9, 14, 1 if gray else 3, kind)
    alpha = pictures.samples(9, 14, 1, kind, seed=6)
    highest = np.float32(np.iinfo(kind).max)
    pixels = (colours / highest).repeat(3 if gray else 1, axis=2).astype(np.float32)
    image = Image(pixels, (alpha[:, :, 0] / highest).astype(np.float32))
    samples = stacked(image, kind, gray=gray)
    assert samples.dtype == kind
    np.testing.assert_array_equal(samples, np.dstack([colours, alpha]))


def test_wrapping_for_pillow_keeps_every_byte():
    for channels in (1, 2, 3, 4):
        samples = pictures.samples(9, 14, channels)
        out = io.BytesIO()
        to_pillow(samples).save(out, "PNG")
        back = np.asarray(Pillow.open(out)).reshape(samples.shape)
        np.testing.assert_array_equal(back, samples)
