"""Where the properties of an XMP packet stand, counted in bytes.

Source: XMP part 1 (ISO 16684-1), section 7: a property is an element, or in short an
attribute of the description.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

Name = tuple[str, str]  # namespace, local name
Span = tuple[int, int]  # from (included) to (excluded), in bytes

MAX_BYTES = 16 << 20
MAX_NAMES = 500_000  # elements and attributes, which are read in about three seconds
MAX_DEPTH = 200  # XMP in the wild stays below 20
ITEM = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "li")
SEPARATOR = "\x1f"  # never part of XML, so never part of a name

DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
OTHER_ENCODING = re.compile(
    rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE
)
TAG_NAME = re.compile(rb"<[^\s/>]+")
ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
TAG_END = re.compile(rb"\s*/?>")


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes:
        name: Namespace and local name.
        whole: The element with its tags, or the attribute with the space before it.
        value: The text; None when the element holds others, or is empty.
        is_nested: It stands in an item of a list, so it may be about another picture.
    """

    name: Name
    whole: Span
    value: Span | None
    is_nested: bool


def properties(packet: bytes, is_wanted: Callable[[Name], bool]) -> list[Property]:
    """Find properties by name, in attribute and in element form.

    Raises:
        ValueError: If the packet is not UTF-8, too long, too deep, or has a document
            type.
        expat.ExpatError: If it is not well-formed.
    """
    text = packet.rstrip(b"\0")  # some writers pad with zeros
    if len(packet) > MAX_BYTES or b"\0" in text or DOCUMENT_TYPE.search(text):
        raise ValueError("The XMP packet is too long, not UTF-8 or has entities.")
    if OTHER_ENCODING.match(text.removeprefix(b"\xef\xbb\xbf")):
        raise ValueError("The XMP packet says that it is not UTF-8.")
    reading = _Reading(text, is_wanted)
    reading.parser.Parse(text, True)
    return reading.found


@dataclass
class _Open:
    """An element whose end has not come yet; without a start when nobody wants it."""

    name: Name
    is_wanted: bool
    is_nested: bool
    start: int = 0
    inside: int = 0
    is_empty: bool = False
    has_children: bool = False


class _Reading:
    """One pass over a packet."""

    def __init__(self, packet: bytes, is_wanted: Callable[[Name], bool]) -> None:
        self.packet = packet
        self.is_wanted = is_wanted
        self.found: list[Property] = []
        self.open: list[_Open] = []
        self.count = 0
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)
        self.parser.namespace_prefixes = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, raw: str, attributes: list[str]) -> None:
        self.count += 1 + len(attributes) // 2
        if len(self.open) >= MAX_DEPTH or self.count > MAX_NAMES:
            raise ValueError("The XMP packet is nested too deeply, or has no end.")
        name, _ = _split(raw)
        if self.open:
            self.open[-1].has_children = True
        is_nested = bool(self.open) and (self.open[-1].is_nested or name == ITEM)
        element = _Open(name, self.is_wanted(name), is_nested)
        self.open.append(element)
        names = map(_split, attributes[::2])
        wanted = {raw: name for name, raw in names if self.is_wanted(name)}
        if element.is_wanted or wanted:
            element.start = self.parser.CurrentByteIndex
            end = self._take_attributes(element, wanted)
            is_empty = self.packet[end - 2 : end - 1] == b"/"
            element.inside, element.is_empty = end, is_empty

    def _take_attributes(self, element: _Open, wanted: dict[bytes, Name]) -> int:
        """Note the attributes that are wanted; return where the tag ends."""
        opening = TAG_NAME.match(self.packet, element.start)
        position = opening.end() if opening else element.start
        while attribute := ATTRIBUTE.match(self.packet, position):
            position = attribute.end()
            name = wanted.get(attribute[1])
            if name is not None:
                value = attribute.span(2 if attribute[2] is not None else 3)
                whole = attribute.span()
                self.found.append(Property(name, whole, value, element.is_nested))
        closing = TAG_END.match(self.packet, position)
        if closing is None:
            raise ValueError("A tag of the XMP packet cannot be read.")
        return closing.end()

    def _end(self, raw: str) -> None:
        element = self.open.pop()
        if not element.is_wanted:
            return
        if element.is_empty:
            whole, value = (element.start, element.inside), None
        else:
            start = self.parser.CurrentByteIndex
            whole = (element.start, self.packet.index(b">", start) + 1)
            value = None if element.has_children else (element.inside, start)
        self.found.append(Property(element.name, whole, value, element.is_nested))


def _split(raw: str) -> tuple[Name, bytes]:
    """Split what the parser calls a thing into its name and how it is written."""
    parts = raw.split(SEPARATOR)
    if len(parts) == 1:
        return ("", raw), raw.encode()
    written = f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[1]
    return (parts[0], parts[1]), written.encode()
