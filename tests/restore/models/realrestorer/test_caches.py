"""Caches of diffusers; what they do to a picture is tested with the engine."""

import pytest

from pellucid.restore.models.realrestorer.caches import cached, measuring
from pellucid.restore.models.realrestorer.network import Network


@pytest.mark.parametrize("name", ["first-block", "taylor", "magnitude"])
def test_a_cache_is_there_for_one_picture_even_if_it_fails(network: Network, name: str):
    transformer = network.transformer
    with pytest.raises(KeyboardInterrupt), cached(transformer, name, 4, [1.0] * 4):
        assert transformer.is_cache_enabled
        raise KeyboardInterrupt
    assert not transformer.is_cache_enabled


def test_no_cache_is_no_cache(network: Network):
    with cached(network.transformer, "", 4):
        assert not network.transformer.is_cache_enabled


def test_measuring_ends_even_if_it_fails(network: Network):
    with pytest.raises(KeyboardInterrupt), measuring(network.transformer, 4):
        raise KeyboardInterrupt
    assert not network.transformer.is_cache_enabled
