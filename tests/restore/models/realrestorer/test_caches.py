"""Caches of diffusers; what they do to a picture is tested with the engine."""

import pytest

from pellucid.restore.models.realrestorer.caches import cached
from pellucid.restore.models.realrestorer.network import Network


def test_a_cache_is_there_for_one_picture_even_if_it_fails(network: Network):
    transformer = network.transformer
    with pytest.raises(KeyboardInterrupt), cached(transformer, "first-block"):
        assert transformer.is_cache_enabled
        raise KeyboardInterrupt
    assert not transformer.is_cache_enabled


def test_no_cache_is_no_cache(network: Network):
    with cached(network.transformer, ""):
        assert not network.transformer.is_cache_enabled
