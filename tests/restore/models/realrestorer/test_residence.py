"""Devices and types."""

import pytest
import torch

from pellucid.core.errors import SettingsError
from pellucid.restore.models.realrestorer.residence import (
    device_for,
    dtype_for,
    gib,
)


def test_without_a_graphics_card_the_processor_computes():
    if not torch.cuda.is_available():
        assert device_for("auto") == torch.device("cpu")
        with pytest.raises(SettingsError, match="`cuda` cannot be used"):
            device_for("cuda")


def test_a_device_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="`gpu7` cannot be used"):
        device_for("gpu7")


def test_types():
    assert dtype_for("auto", torch.device("cpu")) == torch.float32
    assert dtype_for("auto", torch.device("cuda")) == torch.bfloat16
    assert dtype_for("float16", torch.device("cpu")) == torch.float16


def test_memory_is_counted_in_gib():
    assert gib(torch.nn.Linear(1024, 1024, bias=False)) == 4 / 1024
