"""Whether the scans of a JPEG file hold the whole picture.

libjpeg fills in what is missing without a word. What can be counted without decoding
is counted here: bits, restart markers, and the scans themselves.

Source: ITU-T T.81, sections A.2 (units), B.2 (headers), G.1 (progressive scans).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pellucid.core.errors import ASK_AGAIN, BadImage, TooLarge

SEQUENTIAL, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2  # frames coded with Huffman
BITS_PER_BLOCK = {SEQUENTIAL: 2, EXTENDED: 2, PROGRESSIVE: 1}  # at least
PROGRESSIVES = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
COEFFICIENTS = 64
USUAL_SCANS = 20  # encoders write up to a dozen
MAX_WORK = 1_000_000_000  # scans times pixels: some seconds


@dataclass(frozen=True)
class Frame:
    """The numbers of a frame header (B.2.2).

    Attributes:
        marker: Which kind of coding.
        width, height: Pixels.
        factors: Component number to how densely it is sampled, across and down.
    """

    marker: int
    width: int
    height: int
    factors: dict[int, tuple[int, int]]

    def blocks(self, component: int) -> int:
        """Blocks of 8 x 8 samples in one component, without padding."""
        across, down = self.factors[component]
        columns = -(-self.width * across // (8 * self._widest))
        rows = -(-self.height * down // (8 * self._tallest))
        return columns * rows

    def units(self, components: list[int]) -> int:
        """Units that a scan of these components is coded in (A.2)."""
        if len(components) == 1:
            return self.blocks(components[0])
        columns = -(-self.width // (8 * self._widest))
        return columns * -(-self.height // (8 * self._tallest))

    @property
    def _widest(self) -> int:
        return max(across for across, _ in self.factors.values())

    @property
    def _tallest(self) -> int:
        return max(down for _, down in self.factors.values())


@dataclass
class Audit:
    """Looks at every scan while the segments of a file are read.

    Attributes:
        frame: The frame header, once it was there.
        interval: Units between two restart markers; 0 for none.
        coded: Bytes of all scans so far.
        scans: How many there were.
        rest: Component to bits still missing of each coefficient; 64 of them.
    """

    frame: Frame | None = None
    interval: int = 0
    coded: int = 0
    scans: int = 0
    rest: dict[int, list[int | None]] = field(
        default_factory=dict[int, list[int | None]]
    )

    def add_frame(self, marker: int, payload: bytes) -> Frame:
        """Read a frame header.

        Raises:
            BadImage: If it is broken or of a depth that is not read.
        """
        self.frame = read_frame(marker, payload)
        self.rest = {name: [None] * COEFFICIENTS for name in self.frame.factors}
        return self.frame

    def add_scan(self, header: bytes, coded: bytes) -> None:
        """Look at one scan.

        Raises:
            BadImage: If restart markers are missing, and pixels with them.
        """
        self.coded += len(coded)
        self.scans += 1
        count = header[0] if header else 0
        if self.frame is None or len(header) < 4 + 2 * count:
            raise BadImage("A JPEG scan header is broken.")
        components = [header[1 + 2 * number] for number in range(count)]
        if not components or any(c not in self.rest for c in components):
            raise BadImage("A JPEG scan has a component that the frame does not know.")
        first, last, bits = header[-3], header[-2], header[-1] & 15
        for component in components:
            for number in range(first, min(last, COEFFICIENTS - 1) + 1):
                self.rest[component][number] = bits
        if self.interval:
            needed = -(-self.frame.units(components) // self.interval) - 1
            there = len(RESTART.findall(coded))
            if there < needed:
                what = f"A JPEG scan holds {there} of {needed} restart markers."
                raise BadImage(what, ASK_AGAIN)

    def finish(self) -> list[str]:
        """Judge the whole.

        Returns:
            Sentences about what is missing but does not spoil the picture.

        Raises:
            BadImage: If there is no picture, or far less data than it needs.
            TooLarge: If a file of few bytes would take minutes to decode.
        """
        frame = self.frame
        if frame is None:
            raise BadImage("It has no JPEG frame, so there is no picture in it.")
        work = self.scans * frame.width * frame.height
        if self.scans > USUAL_SCANS and work > MAX_WORK:
            what = f"It is a JPEG of {self.scans} scans, which would take minutes."
            raise TooLarge(what, "Save it anew in the program that it is from.")
        blocks = sum(frame.blocks(component) for component in frame.factors)
        # Two codes at least for each block, one in progressive files; arithmetic
        # coding has no such bound.
        least = blocks * BITS_PER_BLOCK.get(frame.marker, 0) // 8
        if self.coded < least:
            what = (
                f"It holds {self.coded} bytes of pixels; {frame.width} x {frame.height}"
                f" need at least {least}."
            )
            raise BadImage(what, ASK_AGAIN)
        if any(rest[0] is None for rest in self.rest.values()):
            raise BadImage("A JPEG colour component has no scan.", ASK_AGAIN)
        if frame.marker not in PROGRESSIVES:
            return []
        if all(bits == 0 for rest in self.rest.values() for bits in rest):
            return []
        return ["Some scans of the progressive JPEG are missing: it may be coarse."]


def read_frame(marker: int, payload: bytes) -> Frame:
    """Read a frame header.

    Raises:
        BadImage: If it is broken or of a depth that is not read.
    """
    count = payload[5] if len(payload) > 5 else 0
    if not count or len(payload) < 6 + 3 * count:
        raise BadImage("Its JPEG frame header is broken.")
    if payload[0] != 8:
        what = f"It is a JPEG with {payload[0]} bits per sample; only 8 can be read."
        raise BadImage(what, "Save it as 16-bit PNG or TIFF in the program it is from.")
    height, width = (int.from_bytes(payload[i : i + 2], "big") for i in (1, 3))
    if not (width and height):
        raise BadImage(f"Its JPEG frame header says {width} x {height} pixels.")
    factors: dict[int, tuple[int, int]] = {}
    for at in range(6, 6 + 3 * count, 3):
        factors[payload[at]] = (payload[at + 1] >> 4, payload[at + 1] & 15)
    if not all(across and down for across, down in factors.values()):
        raise BadImage("Its JPEG sampling factors are zero.")
    return Frame(marker, width, height, factors)
