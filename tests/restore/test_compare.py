import base64
import re
from html.parser import HTMLParser

import numpy as np
import pictures
import pytest

from pellucid.core.errors import ImageError
from pellucid.core.files import decode
from pellucid.core.image import Image
from pellucid.core.seeds import stream
from pellucid.restore import compare
from pellucid.restore.compare import numbers, page


def photo(height: int = 20, width: int = 30) -> Image:
    samples = stream(8, "compare").integers(0, 200, (height, width, 3), np.uint8)
    return Image((samples / 255).astype(np.float32))


def brighter(image: Image, levels: float = 10.0) -> Image:
    return image.with_pixels(image.pixels + np.float32(levels / 255))


class Reader(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def images(self) -> dict[str, Image]:
        found: dict[str, Image] = {}
        for tag, attributes in self.tags:
            if tag == "img":
                head, _, data = (attributes["src"] or "").partition(",")
                assert head == "data:image/png;base64"
                found[attributes["id"] or ""] = decode(base64.b64decode(data))
        return found


def test_the_page_holds_both_pictures_and_where_they_differ():
    before, after = photo(), brighter(photo())
    images = Reader(page(before, after, "A")).images()
    np.testing.assert_allclose(images["before"].pixels, before.pixels, atol=1e-6)
    np.testing.assert_allclose(images["after"].pixels, after.pixels, atol=1e-6)
    np.testing.assert_allclose(images["difference"].pixels, 80 / 255, atol=0.5 / 255)


def test_the_numbers_are_those_of_the_pictures():
    found = numbers(photo(), brighter(photo(), 25.5))
    assert found.psnr == pytest.approx(20.0, abs=1e-3)
    assert found.mean_difference == pytest.approx(0.1, abs=1e-6)
    assert (found.largest_difference, found.changed) == (pytest.approx(0.1), 1.0)
    text = page(photo(), brighter(photo(), 25.5), "A")
    assert "20.00 dB" in text
    assert "30 × 20 pixels" in text


def test_equal_pictures_have_no_psnr():
    assert numbers(photo(), photo()).psnr is None
    assert "<dd>equal</dd>" in page(photo(), photo(), "A")


def test_the_page_loads_nothing():
    text = page(photo(), photo(), "A")
    for tag, attributes in Reader(text).tags:
        assert tag not in {"link", "iframe", "object", "base"}
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    bare = re.sub(r"data:[^\"]*", "", text)
    assert "//" not in bare
    assert "url(" not in bare
    assert "default-src 'none'" in bare


def test_a_title_is_text_and_nothing_else():
    title = '<script>alert("$before")</script> & \u00fc'
    text = page(photo(), photo(), title)
    assert "<script>alert" not in text
    assert (
        "&lt;script&gt;alert(&quot;$before&quot;)&lt;/script&gt; &amp; \u00fc" in text
    )


def test_keys_move_the_slider_and_phones_fit_the_page():
    tags = Reader(page(photo(), photo(), "A")).tags
    ranges = [each for tag, each in tags if tag == "input" and each["type"] == "range"]
    assert ranges[0]["aria-label"]
    views = [each["value"] for tag, each in tags if each.get("name") == "view"]
    assert views == ["slider", "before", "after", "difference"]
    assert all(each["alt"] for tag, each in tags if tag == "img")
    assert any(each.get("name") == "viewport" for tag, each in tags if tag == "meta")
    assert ("html", {"lang": "en"}) in tags


def test_what_is_private_is_not_in_the_page():
    data = pictures.png(
        pictures.samples(5, 5, 3),
        exif=pictures.exif(),
        xmp=pictures.XMP,
        icc=pictures.profile("Display P3"),
    )
    before = decode(data).with_carried(source="/home/somebody/photo.png")
    text = page(before, before, "A")
    assert "somebody" not in text
    carried = Reader(text).images()["before"].carried
    assert (carried.exif, carried.xmp) == (None, None)
    assert carried.icc == pictures.profile("Display P3")


def test_large_pictures_are_shown_smaller_and_measured_whole(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(compare, "SHOWN_PIXELS", 150)
    text = page(photo(), brighter(photo(), 25.5), "A")
    assert "30 × 20 pixels, shown at 15 × 10" in text
    assert "20.00 dB" in text
    assert Reader(text).images()["after"].width == 15


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1)])
def test_small_pictures_have_a_page_too(size: tuple[int, int]):
    assert Reader(page(photo(*size), photo(*size), "")).images()["after"].width


def test_two_sizes_are_one_clear_error():
    with pytest.raises(ImageError, match="two sizes, 30 x 20 and 20 x 30 pixels"):
        page(photo(), photo(30, 20), "A")
