"""How RealRestorer can be run, and what each way takes, by counting.

Weights, tokens and operations are counted; times are those that other people measured
or that follow from the operations, so they may be wrong by a quarter. Nothing of it has
been measured by us on a graphics card.

Source: Step1X-Edit's table of times and memory; NVIDIA's data sheets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pellucid.restore import tiles
from pellucid.restore.models.realrestorer.extent import (
    MULTIPLE,
    OVERLAP,
    STEPS,
    TILE,
    WHOLE,
)
from pellucid.restore.plan import GIB, Machine, Way

TEXT = 640  # tokens
PER_TOKEN, PER_PAIR = 12.91e9, 700_416.0  # operations of a forward pass

# Seconds for 28 guided steps at a megapixel; first word of the name that fits counts.
SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "H200": 21.0,
        "H100": 22.6,
        "H800": 22.6,
        "A100": 55.0,
        "5090": 66.0,
        "4090": 88.0,
        "3090": 177.0,
        "4070": 233.0,
        "4060 Ti": 323.0,
        "4060": 443.0,
    }
)
CORE = 40e9  # operations per second of one core of a processor, in float32
FASTER = 0.77  # of the time, where 8-bit floats are multiplied
PAIR = 0.58  # of the time, with each branch on a card of its own
SPLIT = 0.85  # of each card, where tokens are split
STREAM = 25e9  # bytes per second from the host to the card
BRANCHES_GIB, BRANCH_GIB = 1.7, 0.8  # a megapixel through the transformer: 2, 1 at once
DECODE_GIB, TILED_GIB = 4.0, 1.1  # a megapixel through the autoencoder: whole, tiled
CONTEXT_GIB = 0.6  # of the driver


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How many numbers each part has; the defaults are those of the published model.

    Attributes:
        painting: The transformer, without what follows.
        tabled: What only fills tables; it stays on the host.
        connector: Stays there, too.
        language: The language model without its head.
        autoencoder: Of FLUX.
    """

    painting: int = 8_662_611_008
    tabled: int = 3_228_567_552
    connector: int = 536_621_824
    language: int = 7_747_169_280
    autoencoder: int = 83_819_683


def ways(
    width: int,
    height: int,
    machine: Machine,
    numbers: Numbers | None = None,
    size: int = 2,
    host_size: int = 4,
) -> tuple[Way, ...]:
    """List all ways for a picture of so many pixels, the quickest first.

    Args:
        width: Of the picture.
        height: Of the picture.
        machine: What there is to run on.
        numbers: Of the model; None is the published one.
        size: Bytes of a number on the card.
        host_size: Bytes of one where there is no card.
    """
    numbers = numbers or Numbers()
    pixels, passes = passes_of(width, height)
    tokens = 2 * pixels / MULTIPLE**2 + TEXT
    operations = 2 * STEPS * passes * (PER_TOKEN * tokens + PER_PAIR * tokens**2)
    on_card = _on_card(machine, operations)
    share = pixels / 2**20
    painting = _gib(numbers.painting, size)
    language, autoencoder = _gib(numbers.language, size), _gib(numbers.autoencoder, 4)
    whole = max(BRANCHES_GIB, DECODE_GIB) * share + CONTEXT_GIB + autoencoder
    slim = max(BRANCH_GIB, TILED_GIB) * share + CONTEXT_GIB + autoencoder
    kept = _gib(numbers.tabled + numbers.connector, size)
    on_host = painting + kept + language
    cards = max(2, machine.cards)
    blocks = painting * 0.06  # two of the larger ones
    streamed = _later(on_card, passes * STEPS * painting * GIB / STREAM)
    return (
        Way(
            name="resident",
            about="all on the card",
            card_gib=painting + language + whole,
            host_gib=kept + 2.0,
            seconds=on_card,
        ),
        Way(
            name="turns",
            about="language model and transformer take turns",
            card_gib=max(painting, language) + whole,
            host_gib=on_host,
            seconds=_plus(on_card, 2.0),
        ),
        Way(
            name="streamed",
            about="block after block passes through the card",
            card_gib=blocks + whole,
            host_gib=on_host,
            seconds=_plus(streamed, 5.0),
        ),
        Way(
            name="int8",
            about="weights in 8 bits; another picture, a little",
            card_gib=_gib(numbers.painting, 1.02) + slim,
            host_gib=on_host,
            seconds=_plus(on_card, 5.0),
            is_exact=False,
        ),
        Way(
            name="fp8",
            about="8-bit floats, multiplied as such: faster on Ada, Hopper and later",
            card_gib=_gib(numbers.painting, 1.02) + slim,
            host_gib=on_host,
            seconds=_plus(on_card and FASTER * on_card, 5.0),
            is_exact=False,
        ),
        Way(
            name="nf4",
            about="weights in 4 bits; another picture",
            card_gib=_gib(numbers.painting, 0.52) + slim,
            host_gib=on_host,
            seconds=_plus(on_card, 8.0),
            is_exact=False,
        ),
        Way(
            name="branches",
            about="each branch of the guidance on a card of its own",
            card_gib=max(painting, language) + whole,
            host_gib=2 * (painting + kept) + language,
            seconds=_plus(on_card and PAIR * on_card, 2.0),
            cards=2,
        ),
        Way(
            name="split",
            about="the tokens of every picture over all cards",
            card_gib=max(painting, language) + whole,
            host_gib=cards * (painting + kept) + language,
            seconds=_plus(on_card and on_card / (SPLIT * cards), 2.0),
            cards=cards,
        ),
        Way(
            name="cpu",
            about="no graphics card; each part is read when it is its turn",
            card_gib=0.0,
            host_gib=max(
                _gib(numbers.painting + numbers.connector, host_size),
                _gib(numbers.language, host_size),
            )
            + whole,
            seconds=operations / (CORE * machine.cores),
        ),
    )


def passes_of(width: int, height: int) -> tuple[int, int]:
    """Pixels of the largest pass through the transformer, and how many there are."""
    if width * height <= WHOLE and max(width, height) <= 2 * TILE:
        return width * height, 1
    return TILE**2, 1 + tiles.count(height, width, TILE, OVERLAP, MULTIPLE)


def _on_card(machine: Machine, operations: float) -> float | None:
    for name, seconds in SECONDS.items():
        if name in machine.card:
            return seconds * operations / 9.48e15
    return None


def _later(seconds: float | None, transfer: float) -> float | None:
    """While a block computes, the next one comes: the slower of both counts."""
    return None if seconds is None else max(seconds, transfer)


def _plus(seconds: float | None, more: float) -> float | None:
    return None if seconds is None else seconds + more


def _gib(numbers: float, size: float) -> float:
    return math.ceil(numbers * size / GIB * 100) / 100
