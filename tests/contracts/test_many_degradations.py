"""The promises of all kinds, over thousands of draws: seeds, sizes and severities."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from photographs import FOLDER, PHOTOGRAPHS, photograph

from pellucid.core.image import Image
from pellucid.core.records import to_json
from pellucid.core.registry import DEGRADATIONS
from pellucid.core.seeds import stream
from pellucid.degrade.pairs import Plan, make_pair
from pellucid.degrade.recipe import load_recipe, of_kinds

ROOT = Path(__file__).parents[2]
KINDS = DEGRADATIONS.names()
DRAWS = 10_000
LONGEST, SHORTEST = 4000, 3000

REPLAY = """
import sys
from pathlib import Path
from pellucid.core.records import Damage, from_json
from pellucid.degrade.pairs import replay
for line in sys.stdin:
    record = from_json(Damage, line)
    found = replay(record, Path(record.source))[1]
    if found:
        print(record.key, *found)
"""


def size_of(number: int) -> tuple[int, int]:
    """Every factor of size equally often, and the largest and smallest for sure."""
    if number < 2 * len(KINDS):
        return (SHORTEST, LONGEST) if number < len(KINDS) else (1, 1)
    first, second, turned = stream(number, "size").random(3)
    height, width = round(SHORTEST**first), round(LONGEST**second)
    return (width, height) if turned < 0.5 else (height, width)


def picture(number: int, height: int, width: int) -> Image:
    """A photograph stretched to a size; one in eight is noise instead."""
    if number % 8 == 7:
        rng = stream(number, "picture")
        return Image(rng.random((height, width, 3), dtype=np.float32))
    tile = photograph(PHOTOGRAPHS[number % len(PHOTOGRAPHS)], 256).pixels
    rows, columns = (np.arange(side) * 256 // side for side in (height, width))
    return Image(np.ascontiguousarray(tile[rows][:, columns]))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("place", range(len(KINDS)), ids=KINDS)
def test_ten_thousand_draws_keep_size_and_range(place: int):
    for number in range(place, DRAWS, len(KINDS)):
        kind = DEGRADATIONS.get(KINDS[place])()
        height, width = size_of(number)
        image = picture(number, height, width)
        before = hashlib.sha256(image.pixels.tobytes()).digest()
        params = kind.sample(stream(number, KINDS[place]))
        damaged = kind.apply(image, params)  # built means finite and in [0, 1]
        assert damaged.pixels.shape == (height, width, 3), (number, params)
        assert hashlib.sha256(image.pixels.tobytes()).digest() == before
        for name, shape in (("target", (height, width, 3)), ("mask", (height, width))):
            if method := getattr(kind, name, None):
                made = method(image, params)
                values = made.pixels if isinstance(made, Image) else made
                assert values.shape == shape, (number, params)
                assert values.min() >= 0.0, (number, params)
                assert values.max() <= 1.0, (number, params)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_records_make_the_same_pixels_in_a_fresh_process():
    plans = [Plan(recipe=of_kinds([kind]), seed=7) for kind in KINDS]
    recipes = sorted((ROOT / "recipes" / "degrade").glob("*.toml"))
    plans += [Plan(recipe=load_recipe(path), seed=7) for path in recipes]
    photos = sorted(FOLDER.glob("*.webp"))
    lines = [
        to_json(
            make_pair(
                plans[number % len(plans)],
                photos[number % len(photos)],
                f"photo {number}",
            )[1]
        )
        for number in range(1000)
    ]
    run = subprocess.run(
        [sys.executable, "-c", REPLAY],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == ""
