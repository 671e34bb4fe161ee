"""Independent random streams, each with a name of its own.

A stream depends on its seed and key and on nothing else: not on the machine, the
process, or which streams were used before. So the picture at place 700 of a run can
be made again without the 699 before it.

Source: M. E. O'Neill, "PCG", HMC-CS-2014-0905 (PCG64); numpy's SeedSequence spreads
        the seed. NEP 19: numpy promises the bits of both for all versions; how
        `Generator` turns bits into normals may change between its versions.
"""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np

from pellucid.core.errors import SettingsError


def stream(seed: int, *key: str | int) -> np.random.Generator:
    """Open the random stream of a seed and a key.

    Args:
        seed: What the user chose, 0 or more, of any size.
        key: What the numbers are for: a name, a place in a list. The text ``"1"``
            and the number 1 are different keys, and so are ``"ab", "c"`` and
            ``"a", "bc"``.

    Raises:
        SettingsError: If the seed is negative.
    """
    if seed < 0:
        raise SettingsError(f"A seed must be 0 or more, got {seed}.")
    # JSON keeps types and borders apart, and its ASCII form is the same everywhere.
    words = json.dumps([seed, *key], ensure_ascii=True, separators=(",", ":"))
    entropy = int.from_bytes(sha256(words.encode("ascii")).digest(), "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
