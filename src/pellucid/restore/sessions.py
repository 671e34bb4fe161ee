"""Networks in ONNX files, opened for a processor.

onnxruntime comes with the package. OpenVINO, where it is installed, is taken for 8
bits, where it needs 0.31 seconds per megapixel in place of 0.43; in 32 bits it wins
nothing.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import (
    EnvironmentFailure,
    MissingDependency,
    MissingModel,
    SettingsError,
)

Array = NDArray[np.float32]
Runtime = Callable[[dict[str, Array]], list[Array]]  # computes a network once


class Session:
    """One network, ready to run; made by `Session.open`.

    Attributes:
        runtime: ``onnxruntime`` or ``openvino``.
        sha256: Of its file.
    """

    def __init__(self, run: Runtime, runtime: str, sha256: str) -> None:
        self._run = run
        self.runtime = runtime
        self.sha256 = sha256

    @classmethod
    def open(
        cls, path: Path, threads: int | None = None, runtime: str = "onnxruntime"
    ) -> Session:
        """Read a network.

        Args:
            path: An ONNX file.
            threads: How many; None takes one for each core.
            runtime: ``onnxruntime`` or ``openvino``.

        Raises:
            MissingModel: If the file is not there.
            MissingDependency: If OpenVINO is wanted and not installed.
            EnvironmentFailure: If the runtime cannot run it.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            what = f"The weights {path.name} are not there: {error.strerror}."
            hint = f"They belong into {path.parent}: install pellucid again."
            raise MissingModel(what, hint) from error
        opened = {"onnxruntime": _onnxruntime, "openvino": _openvino}[runtime]
        try:
            run = opened(data, threads)
        except MissingDependency:
            raise
        except Exception as error:  # what they raise has no common root
            what = f"{path.name}: {runtime} cannot run it: {error}."
            raise EnvironmentFailure(what, "Install pellucid again.") from error
        return cls(run, runtime, hashlib.sha256(data).hexdigest())

    def run(self, **inputs: Array) -> list[Array]:
        """Run the network.

        Raises:
            EnvironmentFailure: If there is not enough memory.
        """
        try:
            return self._run(inputs)
        except Exception as error:
            what = f"The network could not be run: {error}."
            raise EnvironmentFailure(
                what, "Try smaller tiles: `--tile 640`."
            ) from error


def runtime_for(device: str, dtype: str) -> str:
    """Choose what computes: the quickest that is installed, unless one is named.

    Args:
        device: ``auto``, ``cpu`` (onnxruntime) or ``openvino``.
        dtype: ``float32`` or ``int8``.

    Raises:
        SettingsError: If it is none of them.
    """
    if device == "auto":
        is_quicker = dtype == "int8" and find_spec("openvino")
        return "openvino" if is_quicker else "onnxruntime"
    if device not in {"cpu", "openvino"}:
        what = f"The compact model does not run on `{device}`."
        raise SettingsError(what, "Choose `auto`, `cpu` or `openvino`.")
    return "openvino" if device == "openvino" else "onnxruntime"


def _onnxruntime(data: bytes, threads: int | None) -> Runtime:
    import onnxruntime  # slow to import  # pyright: ignore[reportMissingTypeStubs]

    library: Any = onnxruntime
    options = library.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    # Waiting threads would take the cores from other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = library.InferenceSession(
        data, options, providers=["CPUExecutionProvider"]
    )
    return lambda inputs: cast("list[Array]", session.run(None, inputs))


def _openvino(data: bytes, threads: int | None) -> Runtime:
    try:
        import openvino  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        what = f"OpenVINO cannot be used: {error}."
        raise MissingDependency(what, "pip install openvino") from error
    library: Any = openvino
    # Else some processors compute in 16 bits, and results differ by a level.
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    if threads is not None:
        options["INFERENCE_NUM_THREADS"] = threads
    core = library.Core()
    model = core.compile_model(core.read_model(io.BytesIO(data)), "CPU", options)

    def run(inputs: dict[str, Array]) -> list[Array]:
        found = model(inputs)
        return [np.array(found[output]) for output in model.outputs]

    return run
