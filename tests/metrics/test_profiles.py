from __future__ import annotations

import pytest

from pellucid.core.errors import UnknownName
from pellucid.core.protocols import Metric
from pellucid.core.registry import METRICS
from pellucid.metrics.profiles import PROFILES, profiled
from pellucid.metrics.scores.psnr_y import PsnrY
from pellucid.metrics.scores.ssim_y import SsimY


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_builds_scores_that_there_are(profile: str):
    found = profiled(profile)
    assert found
    assert set(found) <= set(METRICS.names())
    assert all(isinstance(each, Metric) for each in found.values())


def test_enlarging_by_four_cuts_four_pixels():
    assert profiled("sr-x4")["psnr_y"] == PsnrY(border=4)
    assert profiled("basicsr")["psnr_y"] == PsnrY(border=0)


def test_foundir_has_a_luma_of_its_own():
    assert profiled("foundir")["ssim_y"] == SsimY(swing="full")


def test_an_unknown_profile_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match="no profile called `founder`") as found:
        profiled("founder")
    assert found.value.hint == "Did you mean `foundir`?"
