"""A receipt inside the picture itself, as XMP.

Source: XMP part 1 (ISO 16684-1), section 7 (RDF) and part 3, section 1.1 (packets).
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from xml.parsers import expat

from pellucid.core.errors import CannotWrite, SettingsError
from pellucid.core.records import Receipt, from_json, to_json
from pellucid.core.xmp_properties import Property, properties

NAMESPACE = "urn:pellucid:receipt:1#"
NAME = (NAMESPACE, "Receipt")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()
END = re.compile(rb"</(?:[^\s<>/:]+:)?RDF\s*>")


def with_receipt(packet: bytes | None, receipt: Receipt) -> bytes:
    """Put a receipt into an XMP packet, in place of an earlier one.

    The checksum of the file is left out: it would have to name itself.

    Args:
        packet: What the picture carries; None makes a new packet.
        receipt: What was done.

    Raises:
        CannotWrite: If the packet cannot be read, so nothing can be put into it.
    """
    text = to_json(replace(receipt, output_sha256=None))
    description = (
        f'<rdf:Description xmlns:rdf="{RDF}" rdf:about="" xmlns:pellucid="{NAMESPACE}">'
        f"<pellucid:Receipt>{escape(text, quote=False)}</pellucid:Receipt>"
        "</rdf:Description>"
    ).encode()
    whole = packet or EMPTY
    for old in reversed(_found(whole)):
        whole = whole[: old.whole[0]] + whole[old.whole[1] :]
    ends = list(END.finditer(whole))
    if ends:
        place = ends[-1].start()
        whole = whole[:place] + description + whole[place:]
    if len(_found(whole)) != 1:
        raise _unreadable()
    return whole


def receipt_in(packet: bytes) -> Receipt | None:
    """Read the receipt in an XMP packet; None if there is none.

    Raises:
        CannotWrite: If the packet cannot be read.
        SettingsError: If what stands there is no receipt.
    """
    for found in _found(packet):
        if found.value is None:
            raise SettingsError("The receipt in the XMP packet is empty.")
        text = packet[found.value[0] : found.value[1]].decode()
        return from_json(Receipt, _unescaped(text))
    return None


def _found(packet: bytes) -> list[Property]:
    try:
        found = properties(packet, lambda name: name == NAME)
    except (ValueError, expat.ExpatError):
        raise _unreadable() from None
    return sorted(found, key=lambda each: each.whole)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unreadable() -> CannotWrite:
    what = "The XMP packet of the picture is broken: it takes no receipt."
    return CannotWrite(what, "Leave the receipt beside the picture, or drop the XMP.")
