"""What a picture file carries, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from pellucid.cli.batch import Facts
from pellucid.cli.escape import printable
from pellucid.cli.sizes import size_text
from pellucid.cli.table import table
from pellucid.core.registry import FORMATS

Row = tuple[str, str]

BLOCKS = {"xmp": "XMP", "iptc": "IPTC", "photoshop": "Photoshop"}
COUNTED = {"inch": "inch", "cm": "centimetre", "metre": "metre"}


def show(facts: Facts) -> str:
    """Lay out what `contents` found, with an empty line behind it."""
    rows = [*_picture(facts), *_colours(facts), *_coding(facts), *_metadata(facts)]
    rows += [("warning", warning) for warning in facts["warnings"]]
    return f"{printable(facts['file'])}\n{table(rows, indent=2)}\n"


def _picture(facts: Facts) -> Iterator[Row]:
    width, height = facts["width"], facts["height"]
    title = FORMATS.get(facts["format"]).title
    yield "format", f"{title}, {size_text(facts['size_bytes'])}"
    millions = width * height / 1e6
    many = f", {millions:.1f} megapixels" if millions >= 0.1 else ""
    yield "size", f"{width} x {height} pixels{many}"
    if facts["orientation"] != 1:
        stored = facts["orientation"]
        yield "orientation", f"stored as {stored}; sizes here are those of it upright"
    if facts["dpi"]:
        across, down = (f"{value:.6g}" for value in facts["dpi"])
        unit = COUNTED[facts["dpi_unit"]]
        counted = "" if unit == "inch" else f", counted per {unit}"
        yield "resolution", f"{across} x {down} dpi{counted}"


def _colours(facts: Facts) -> Iterator[Row]:
    kind = "gray" if facts["gray"] else "colour"
    number = {"f": "floating-point ", "i": "signed ", "u": ""}[facts["sample_type"][0]]
    yield "samples", f"{kind}, {facts['bit_depth']} bits {number}per channel"
    how = ", colours multiplied by it" if facts["premultiplied"] else ""
    words = {
        "none": "no alpha channel",
        "opaque": f"alpha channel, but all of it is opaque{how}",
        "used": f"alpha channel, in use{how}",
    }
    yield "transparency", words[facts["alpha"]]
    if not facts["icc"]:
        yield "profile", "none"
        return
    description = facts["icc"]["description"]
    name = "cannot be read" if description is None else description or "without a name"
    yield "profile", f"{name} (ICC, {size_text(facts['icc']['size_bytes'])})"


def _coding(facts: Facts) -> Iterator[Row]:
    coding = facts["encoding"]
    words: list[str] = []
    if (lossless := coding.get("lossless")) is not None:
        words.append("lossless" if lossless else "lossy")
    if coding.get("quality"):
        words.append(f"quality about {coding['quality']} of 100")
    if coding.get("subsampling"):
        words.append(f"subsampling {coding['subsampling']}")
    if coding.get("progressive"):
        words.append("progressive")
    if coding.get("compression"):
        words.append(f"compression {coding['compression']}")
    if coding.get("byteorder"):
        order = "little" if coding["byteorder"] == "<" else "big"
        words.append(f"{order}-endian")
    if words:
        yield "coding", ", ".join(words)


def _metadata(facts: Facts) -> Iterator[Row]:
    if exif := facts["exif"]:
        tags = "tag" if exif["tag_count"] == 1 else "tags"
        yield "EXIF", f"{exif['tag_count']} {tags}, {size_text(exif['size_bytes'])}"
        for tag, value in exif["tags"].items():
            yield f"  {tag}", value
        if "GPSLatitude" not in exif["tags"]:
            place = "stored; `--all` shows it" if exif["has_place"] else "not stored"
            yield "  place", place
    for name, title in BLOCKS.items():
        if facts[name]:
            yield title, size_text(facts[name]["size_bytes"])
    for text in facts["texts"]:
        yield "text", f"{text['keyword']}: {text['text']}"
    if facts["extras"]:
        sizes = ((block["name"], block["size_bytes"]) for block in facts["extras"])
        blocks = (f"{name} ({size_text(size)})" for name, size in sizes)
        yield "other blocks", ", ".join(blocks)
