from __future__ import annotations

import pytest
from astronaut import COMPRESSED, PHOTOGRAPH

from pellucid.core.errors import SettingsError
from pellucid.metrics.scores.ssim_y import SsimY


def test_it_is_what_papers_on_enlarging_by_four_print():
    found = SsimY(border=4).score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(0.924805, abs=5e-7)  # as published
    assert found == pytest.approx(0.9248048861978564, abs=1e-9)  # by scikit-image


def test_without_a_border_it_is_another_number():
    found = SsimY().score(COMPRESSED, PHOTOGRAPH)
    assert found == pytest.approx(0.924805 + 0.0007, abs=5e-5)


def test_full_swing_is_what_foundir_publishes():
    """pyiqa's default: lower by 0.0166 here, measured with pyiqa 0.1.16."""
    full = SsimY(swing="full").score(COMPRESSED, PHOTOGRAPH)
    studio = SsimY().score(COMPRESSED, PHOTOGRAPH)
    assert full - studio == pytest.approx(-0.0166, abs=5e-5)


def test_there_are_two_swings():
    with pytest.raises(SettingsError, match="swing"):
        SsimY(swing="rounded")  # type: ignore[arg-type]
