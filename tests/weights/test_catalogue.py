"""What can be fetched."""

import pytest

from pellucid.core.registry import RESTORERS
from pellucid.weights.catalogue import CATALOGUE, Entry


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_every_entry_says_what_one_should_know(entry: Entry):
    assert entry.repository.count("/") == 1
    assert entry.address.startswith("https://huggingface.co/")
    assert entry.licence
    assert entry.terms.endswith(".")
    assert entry.gigabytes > 0


def test_every_restorer_with_weights_elsewhere_is_in_it():
    for name in RESTORERS.names():
        assert set(RESTORERS.get(name).card.weights) <= set(CATALOGUE)
