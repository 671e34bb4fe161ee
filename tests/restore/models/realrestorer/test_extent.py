"""Sizes that belong together."""

from pellucid.restore.models.realrestorer.extent import (
    FACTOR,
    MULTIPLE,
    OVERLAP,
    TILE,
    WHOLE,
)


def test_tiles_begin_and_end_at_whole_tokens():
    assert MULTIPLE % FACTOR == 0
    assert TILE % MULTIPLE == OVERLAP % MULTIPLE == 0
    assert TILE**2 <= WHOLE
    assert 2 * OVERLAP <= TILE
