"""The transformer's weights in fewer bits, through torchao.

Only the linear layers of the blocks are changed: they hold all but a hundredth of the
numbers. Each passes through the device by itself, so the whole never stands there in
16 bits. What comes out is another picture, a little.

Source: torchao; T. Dettmers et al., "QLoRA", NeurIPS 2023 (four bits whose levels
        follow a normal distribution).
"""

# pyright: standard

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from pellucid.core.errors import EnvironmentFailure, MissingDependency

FLOAT8 = (8, 9)  # compute capability from which 8-bit floats are multiplied
BLOCK, BLOCKS = 64, 256  # numbers with one scale in 4 bits, and scales with one
GROUP = BLOCK * BLOCKS  # a weight holds whole ones


KINDS = frozenset({"int8", "fp8", "nf4"})


def require(name: str, device: torch.device) -> None:
    """See that weights can be brought into these bits here, before any is read.

    Args:
        name: Of a way of running the model; one that is none of `KINDS` needs nothing.
        device: What computes.

    Raises:
        MissingDependency: If torchao is not installed.
        EnvironmentFailure: If the card does not multiply such numbers.
    """
    if name not in KINDS:
        return
    if find_spec("torchao") is None:
        what = f"`--memory {name}` needs the package torchao."
        raise MissingDependency(what, 'pip install "pellucid[bits]"')
    if name == "fp8" and _capability(device) < FLOAT8:
        what = f"The device `{device}` does not multiply 8-bit floats:"
        wanted = ".".join(map(str, FLOAT8))
        what = f"{what} that takes an NVIDIA card of compute capability {wanted}."
        raise EnvironmentFailure(what, "Say `--memory int8`, which takes as little.")


def _capability(device: torch.device) -> tuple[int, int]:
    if device.type != "cuda":
        return (0, 0)
    return torch.cuda.get_device_capability(device)


def quantise(transformer: Any, name: str, device: torch.device) -> None:
    """Bring the weights of the blocks into fewer bits, for good.

    Args:
        transformer: Of diffusers, in the memory of the host.
        name: One of `KINDS`.
        device: Where each layer is brought, and stays.
    """
    from torchao.quantization import quantize_

    def is_large(layer: nn.Module, path: str) -> bool:
        return isinstance(layer, nn.Linear) and "blocks." in path

    if name == "nf4":
        for path, layer in transformer.named_modules():
            if is_large(layer, path) and layer.weight.numel() % GROUP == 0:
                _four_bits(layer, device)
        return
    quantize_(transformer, _eight_bits(name), filter_fn=is_large, device=device)


def _eight_bits(name: str) -> Any:
    from torchao.quantization import (
        Float8DynamicActivationFloat8WeightConfig,
        Int8WeightOnlyConfig,
        PerRow,
    )

    if name == "int8":
        return Int8WeightOnlyConfig(version=2)
    return Float8DynamicActivationFloat8WeightConfig(granularity=PerRow())


def _four_bits(layer: Any, device: torch.device) -> None:
    from torchao.quantization import NF4Tensor

    weight = layer.to(device).weight.detach()
    few = NF4Tensor.from_tensor(weight, BLOCK, BLOCKS)
    layer.weight = nn.Parameter(few, requires_grad=False)
