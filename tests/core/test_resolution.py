"""Resolution survives files that count per metre."""

import pytest

from pellucid.core.resolution import from_per_metre, per_metre


@pytest.mark.parametrize("dpi", [1, 72, 96, 150, 240, 300, 600, 1200, 2400, 9600])
def test_whole_dots_per_inch_come_back(dpi):
    assert from_per_metre(per_metre(dpi)) == dpi


def test_every_count_comes_back():
    for count in range(1, 20_000):
        assert per_metre(from_per_metre(count)) == count
