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
from pellucid.nets.diagnoser import (
    CONDITION,
    PATCH,
    PATCHES,
    THUMBNAIL,
    condition_of,
)
from pellucid.train.calibrate import Calibration, calibrate
from pellucid.train.compact import Both
from pellucid.train.quantize import Feed, quantized
from pellucid.train.samples import Batch
from pellucid.train.shipped import HALF

SMALLEST = 1024  # numbers in a tensor that is worth storing in 16 bits


class Looking(nn.Module):
    """The diagnoser with calibrated chances in place of logits."""

    def __init__(self, diagnoser: nn.Module, calibration: Calibration) -> None:
        super().__init__()
        self.diagnoser = diagnoser
        self.calibration = calibration

    def forward(self, thumbnail: Tensor, patches: Tensor) -> tuple[Tensor, ...]:
        """Look at one picture."""
        logits, severity, code = self.diagnoser(thumbnail, patches)
        return self.calibration(logits), severity, code


def export(nets: Both, batches: Sequence[Batch], folder: Path) -> dict[str, Path]:
    """Write ``restorer.onnx``, ``restorer-int8.onnx`` and ``diagnoser.onnx``.

    Args:
        nets: The mean weights of a run.
        batches: Pictures that were not learned from, to calibrate on.
        folder: Where to.

    Raises:
        MissingDependency: If onnx or onnxscript is not installed.
    """
    nets = nets.cpu().float().eval()
    restorer, diagnoser = restorer_of(nets), diagnoser_of(nets, batches)
    files = {
        "restorer": halved(restorer),
        "restorer-int8": halved(quantized(restorer, feeds_of(nets, batches))),
        "diagnoser": halved(diagnoser),
    }
    for name, data in files.items():
        write_atomically(folder / f"{name}.onnx", data, replace=True)
    return {name: folder / f"{name}.onnx" for name in files}


def restorer_of(nets: Both) -> bytes:
    """The restorer as an ONNX file in 32 bits, for pictures of any size."""
    rows, columns = torch.export.Dim("rows", min=1), torch.export.Dim("columns", min=1)
    return _exported(
        nets.restorer,
        (torch.zeros(1, 3, 96, 128), torch.zeros(1, CONDITION)),
        ("picture", "condition"),
        ("repaired",),
        {"x_BCHW": {2: 16 * rows, 3: 16 * columns}, "condition_BN": None},
    )


def diagnoser_of(nets: Both, batches: Sequence[Batch]) -> bytes:
    """The diagnoser, calibrated, as an ONNX file in 32 bits."""
    looks = (
        torch.zeros(1, 3, THUMBNAIL, THUMBNAIL),
        torch.zeros(1, PATCHES, 3, PATCH, PATCH),
    )
    return _exported(
        Looking(nets.diagnoser, calibrate(nets.diagnoser, batches)),
        looks,
        ("thumbnail", "patches"),
        ("presence", "severity", "code"),
        None,
    )


def feeds_of(nets: Both, batches: Sequence[Batch], most: int = 64) -> list[Feed]:
    """Damaged crops, each with what the diagnoser says of its picture."""
    feeds: list[Feed] = []
    for batch in batches:
        looks = torch.from_numpy(batch.thumbnails), torch.from_numpy(batch.patches)
        with torch.no_grad():
            logits, severity, code = nets.diagnoser(*looks)
            condition = condition_of(torch.sigmoid(logits), severity, code).numpy()
        crops = len(batch.damaged) // len(condition)
        feeds += [
            {"picture": picture[None], "condition": condition[place // crops][None]}
            for place, picture in enumerate(batch.damaged)
        ]
    return feeds[:: max(1, len(feeds) // most)][:most]


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
    _keep_buffers(onnx, model, net)
    return _file(onnx, model)


def _keep_buffers(onnx: Any, model: Any, net: nn.Module) -> None:
    """Add what exporting folds into other numbers: training that goes on needs it."""
    there = {tensor.name for tensor in model.graph.initializer}
    for name, tensor in net.state_dict().items():
        if name not in there:
            values = tensor.numpy()
            model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))


def halved(data: bytes) -> bytes:
    """Store large weights in 16 bits, with a node behind each that widens it."""
    import onnx

    model: Any = onnx.load_from_string(data)
    casts: list[Any] = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST:
            continue
        wide, narrow = tensor.name, f"{tensor.name}{HALF}"
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), narrow))
        casts.append(
            onnx.helper.make_node("Cast", [narrow], [wide], to=onnx.TensorProto.FLOAT)
        )
    for place, node in enumerate(casts):
        model.graph.node.insert(place, node)
    return _file(onnx, model)


def _file(onnx: Any, model: Any) -> bytes:
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    file = io.BytesIO()
    onnx.save(model, file)
    return file.getvalue()
