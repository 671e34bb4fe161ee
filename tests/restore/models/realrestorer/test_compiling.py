"""Compiled blocks: only where they are wanted, and told where they cannot be."""

import pytest
import torch

from pellucid.core.errors import EnvironmentFailure
from pellucid.restore.models.realrestorer.compiling import compiled
from pellucid.restore.models.realrestorer.network import Network

# Torch's own, when its compiler is imported.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")


def compiled_blocks(network: Network) -> int:
    return sum(
        each._compiled_call_impl is not None for each in network.transformer.modules()
    )


def test_blocks_are_compiled_where_it_is_wanted_and_stay_so(network: Network):
    assert compiled_blocks(network) == 0
    for _ in range(2):
        with compiled(network.transformer, is_wanted=True):
            assert compiled_blocks(network) == 3
    with compiled(network.transformer, is_wanted=False):
        assert compiled_blocks(network) == 0
    assert compiled_blocks(network) == 3


def test_a_machine_without_a_compiler_is_told(network: Network):
    with (
        pytest.raises(EnvironmentFailure, match="no compiler here") as caught,
        compiled(network.transformer, is_wanted=True),
    ):
        from torch._inductor.exc import InductorError

        raise InductorError(RuntimeError("no compiler here"), None)
    assert "leave `--speed-up compile` out" in caught.value.hint


def test_what_else_goes_wrong_is_not_hidden(network: Network):
    with (
        pytest.raises(torch.OutOfMemoryError),
        compiled(network.transformer, is_wanted=True),
    ):
        raise torch.OutOfMemoryError
