from pathlib import Path

import pictures

from pellucid.cli.contents import contents
from pellucid.cli.contents_table import show
from pellucid.core.options import Limits


def table(file: Path, *, every_tag: bool = False) -> str:
    return show(contents(file, limits=Limits(), every_tag=every_tag))


def test_every_fact_has_its_line(tmp_path: Path, draw):
    photo = draw(
        tmp_path / "photo.jpg",
        quality=87,
        progressive=True,
        dpi=(300, 300),
        icc_profile=pictures.profile("Display P3"),
        exif=b"Exif\0\0" + pictures.exif(6),
        xmp=pictures.XMP,
        comment=b"by \x1b[31mme",
    )
    text = table(photo)
    words = " ".join(text.split())
    for line in (
        "format JPEG, ",
        "size 8 x 8 pixels",
        "orientation stored as 6",
        "resolution 300 x 300 dpi",
        "samples colour, 8 bits per channel",
        "transparency no alpha channel",
        "profile Display P3 (ICC, ",
        "coding lossy, quality about 87 of 100, subsampling 4:2:0,",
        "XMP ",
        r"text Comment: by \e[31mme",
    ):
        assert f" {line}" in words, text
    assert "place" in text
    assert all(len(line) <= 80 for line in text.splitlines()[1:])


def test_the_place_is_shown_when_every_tag_is(tmp_path: Path, draw):
    photo = draw(tmp_path / "a.jpg", exif=b"Exif\0\0" + pictures.exif())
    assert "`--all` shows it" in table(photo)
    assert "GPSLatitude" in table(photo, every_tag=True)
    assert "`--all` shows it" not in table(photo, every_tag=True)


def test_doubts_stand_at_the_end(tmp_path: Path, draw):
    photo = draw(tmp_path / "a.jpg", icc_profile=b"not a profile")
    lines = table(photo).strip().splitlines()
    assert lines[-1].startswith("  warning ")
    assert "  profile       cannot be read (ICC, 13 bytes)" in lines
