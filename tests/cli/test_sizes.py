import pytest

from pellucid.cli.sizes import size_text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_951, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (25_300_000_000, "25.3 GB"),
        (10**18, "1000000 TB"),
    ],
)
def test_three_digits_say_enough(size_bytes: int, text: str):
    assert size_text(size_bytes) == text
