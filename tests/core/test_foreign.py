"""Files that are not read are called by their names."""

import struct

import pytest

from pellucid.core.errors import BadImage, ImageError, TooLarge
from pellucid.core.foreign import MAGIC, refuse
from pellucid.core.options import Limits


def icon(*heads: bytes) -> bytes:
    """An icon whose directory points to these beginnings of pictures."""
    data = struct.pack("<HHH", 0, 1, len(heads))
    at = 6 + 16 * len(heads)
    for head in heads:
        data += struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(head), at)
        at += len(head)
    return data + b"".join(heads)


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def bmp_head(width: int, height: int) -> bytes:
    return struct.pack("<III", 40, width, height) + bytes(28)


@pytest.mark.parametrize("magic", MAGIC)
def test_a_known_kind_is_named_and_a_way_out_is_shown(magic):
    with pytest.raises(BadImage) as caught:
        refuse(magic.ljust(64, b"\0"), Limits())
    assert str(caught.value) == f"It is {MAGIC[magic]}, which is not read here."
    assert "Convert it" in caught.value.hint


def test_white_space_and_case_do_not_hide_a_web_page():
    with pytest.raises(BadImage, match="a web page"):
        refuse(b"\n  <!doctype html>", Limits())


def test_an_empty_file_is_called_empty():
    with pytest.raises(BadImage, match="empty"):
        refuse(b"", Limits())


def test_a_video_is_called_a_media_file():
    with pytest.raises(BadImage, match="media file of the kind 'qt  '"):
        refuse(b"\0\0\0\x14ftypqt  \0\0\0\0", Limits())


def test_anything_else_is_no_picture():
    with pytest.raises(BadImage, match="not a picture") as caught:
        refuse(b"hello, world", Limits())
    assert "pellucid list formats" in caught.value.hint


@pytest.mark.parametrize("head", [png_head(60_000, 60_000), bmp_head(60_000, 120_000)])
def test_an_icon_of_gigapixels_is_too_large(head):
    with pytest.raises(TooLarge, match="60000 x 60000"):
        refuse(icon(png_head(16, 16), head), Limits())


def test_an_icon_of_usual_size_is_an_icon():
    with pytest.raises(BadImage, match="a Windows icon"):
        refuse(icon(png_head(256, 256), bmp_head(32, 64)), Limits())


def test_every_prefix_of_an_icon_is_refused():
    data = icon(png_head(16, 16), bmp_head(16, 32))
    for length in range(len(data)):
        with pytest.raises(ImageError):
            refuse(data[:length], Limits())
