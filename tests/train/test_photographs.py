"""Which photographs are learned from."""

from pathlib import Path

import numpy as np
import pytest
from photographs import FOLDER

from pellucid.core.errors import InputMissing
from pellucid.train.photographs import load

KEPT = ("0", "1")


def test_a_photograph_is_learned_from_or_kept_out_and_never_both(home: Path):
    learned = load(home / "data", ["photos.tar"], KEPT, held_out=False)
    kept = load(home / "data", ["photos.tar"], KEPT, held_out=True)
    names = [each.name for each in learned], [each.name for each in kept]
    assert (len(names[0]), len(names[1])) == (4, 2)
    assert not {*names[0]} & {*names[1]}
    assert names[0] == sorted(names[0])


def test_pixels_are_those_of_the_file(home: Path):
    import pellucid

    first = load(home / "data", ["photos.tar"], KEPT, held_out=True)[0]
    there = pellucid.read(FOLDER / Path(first.name).name).pixels
    np.testing.assert_allclose(first.pixels() / 255, there, atol=1e-6)


def test_what_is_not_there_is_told(home: Path, tmp_path: Path):
    with pytest.raises(InputMissing, match=r"no\.tar"):
        load(home / "data", ["no.tar"], KEPT, held_out=False)
    with pytest.raises(InputMissing, match="manifest"):
        load(tmp_path, ["photos.tar"], KEPT, held_out=False)
