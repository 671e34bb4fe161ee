"""Networks as ONNX files, for onnxruntime on any CPU.

Weights are stored in 16 bits and turned into 32 when they are loaded: half the size,
and a difference far below a level of 8 bits. What is computed stays float32.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import MissingDependency
from pellucid.nets.diagnoser import CONDITION, PATCH, PATCHES, THUMBNAIL
from pellucid.train.compact import Both

SMALLEST = 1024  # numbers in a tensor that is worth storing in 16 bits


class Looking(nn.Module):
    """The diagnoser with its presence as a chance, and not as a logit."""

    def __init__(self, diagnoser: nn.Module) -> None:
        super().__init__()
        self.diagnoser = diagnoser

    def forward(self, thumbnail: Tensor, patches: Tensor) -> tuple[Tensor, ...]:
        """Look at one picture."""
        logits, severity, code = self.diagnoser(thumbnail, patches)
        return torch.sigmoid(logits), severity, code


def export(nets: Both, folder: Path) -> dict[str, Path]:
    """Write ``restorer.onnx`` and ``diagnoser.onnx``.

    Args:
        nets: The mean weights of a run.
        folder: Where to.

    Raises:
        MissingDependency: If onnx or onnxscript is not installed.
    """
    nets = nets.cpu().float().eval()
    side, batch = torch.export.Dim("rows", min=1), torch.export.Dim("columns", min=1)
    picture = torch.zeros(1, 3, 96, 128)
    restorer = _exported(
        nets.restorer,
        (picture, torch.zeros(1, CONDITION)),
        ("picture", "condition"),
        ("repaired",),
        {"x_BCHW": {2: 16 * side, 3: 16 * batch}, "condition_BN": None},
    )
    looks = (
        torch.zeros(1, 3, THUMBNAIL, THUMBNAIL),
        torch.zeros(1, PATCHES, 3, PATCH, PATCH),
    )
    diagnoser = _exported(
        Looking(nets.diagnoser),
        looks,
        ("thumbnail", "patches"),
        ("presence", "severity", "code"),
        None,
    )
    written: dict[str, Path] = {}
    for name, model in (("restorer", restorer), ("diagnoser", diagnoser)):
        written[name] = folder / f"{name}.onnx"
        write_atomically(written[name], model, replace=True)
    return written


def _exported(
    net: nn.Module,
    example: tuple[Tensor, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
    shapes: Any,
) -> bytes:
    try:
        import onnx
        import onnxscript  # noqa: F401  # torch needs it
    except ImportError as error:
        what = f"Exporting needs the packages onnx and onnxscript: {error}."
        raise MissingDependency(what, "pip install onnx onnxscript") from error
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # about torch itself
        program = torch.onnx.export(
            net,
            example,
            dynamo=True,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for node in model.graph.node:  # names of files of this machine stand in there
        del node.metadata_props[:]
        node.doc_string = ""
    _halve(onnx, model)
    onnx.checker.check_model(model)
    file = io.BytesIO()
    onnx.save(model, file)
    return file.getvalue()


def _halve(onnx: Any, model: Any) -> None:
    """Store large weights in 16 bits, with a node behind each that widens it."""
    casts: list[Any] = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST:
            continue
        wide, narrow = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), narrow))
        casts.append(
            onnx.helper.make_node("Cast", [narrow], [wide], to=onnx.TensorProto.FLOAT)
        )
    for place, node in enumerate(casts):
        model.graph.node.insert(place, node)
    del model.graph.value_info[:]
