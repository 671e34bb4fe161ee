"""Networks in ONNX files, opened for a processor."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import EnvironmentFailure, MissingModel

Array = NDArray[np.float32]


class Session:
    """One network, ready to run; made by `Session.open`."""

    def __init__(self, runtime: Any, sha256: str) -> None:
        self._runtime = runtime
        self.sha256 = sha256

    @classmethod
    def open(cls, path: Path, threads: int | None = None) -> Session:
        """Read a network.

        Args:
            path: An ONNX file.
            threads: How many; None takes one for each core.

        Raises:
            MissingModel: If the file is not there.
            EnvironmentFailure: If onnxruntime cannot run it.
        """
        import onnxruntime  # slow to import  # pyright: ignore[reportMissingTypeStubs]

        library: Any = onnxruntime
        try:
            data = path.read_bytes()
        except OSError as error:
            what = f"The weights {path.name} are not there: {error.strerror}."
            hint = f"This version comes without them; they belong into {path.parent}."
            raise MissingModel(what, hint) from error
        options = library.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        # Waiting threads would take the cores from other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            runtime = library.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # what it raises has no common root
            what = f"{path.name}: onnxruntime cannot run it: {error}."
            raise EnvironmentFailure(what, "Install pellucid again.") from error
        return cls(runtime, hashlib.sha256(data).hexdigest())

    def run(self, **inputs: Array) -> list[Array]:
        """Run the network.

        Raises:
            EnvironmentFailure: If there is not enough memory.
        """
        try:
            return cast("list[Array]", self._runtime.run(None, inputs))
        except Exception as error:
            what = f"The network could not be run: {error}."
            raise EnvironmentFailure(
                what, "Try smaller tiles: `--tile 256`."
            ) from error
