import pytest

from pellucid.cli.options import limits_of
from pellucid.core.options import MAX_PIXELS


def test_megapixels_become_pixels():
    assert limits_of(0.5).max_pixels == 500_000
    assert limits_of(None).max_pixels == MAX_PIXELS


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "many", "1e300"])
def test_a_limit_that_is_no_number_of_megapixels_is_refused(value: str, photo, run):
    outcome = run("info", photo, "--max-pixels", value)
    assert outcome.code == 2
    assert "'--max-pixels'" in outcome.err
