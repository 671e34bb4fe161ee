"""Tensors in files: one file, a folder of shards; safetensors, PyTorch's own, GGUF.

Nothing is read before it is asked for, and nothing in a file is run: PyTorch's files
are opened with ``weights_only``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pellucid.core.errors import BrokenModel, InputMissing, MissingDependency

# What training frameworks put before every name.
PREFIXES = ("module.", "model.", "inner_model.")
NESTED = ("model", "state_dict")  # what the tensors may be packed into
SEARCHED = ("TP*.safetensors", "TP*.pt", "*.safetensors", "*.pt", "*.gguf")
IGNORED = ("*_OPT.pt", "data.pt", "*.meta.pt")  # optimisers and data

AGAIN = "Fetch the weights again, or name the right folder."

Load = Callable[[], Tensor]


class Stored(Mapping[str, list[Load]]):
    """Tensors by name; shards of one tensor are a list.

    Made by `Stored.open`.

    Attributes:
        path: Of the file or the folder.
        files: All that were opened.
    """

    def __init__(
        self, path: Path, files: tuple[Path, ...], tensors: dict[str, list[Load]]
    ) -> None:
        self.path = path
        self.files = files
        self._tensors = tensors

    @classmethod
    def open(cls, path: Path) -> Stored:
        """Open a file or a folder.

        Raises:
            InputMissing: If there is none.
            BrokenModel: If there are no weights in it, a shard is missing, or a file is
                damaged.
        """
        files = _files(path)
        tensors: dict[str, list[Load]] = {}
        for file in files:
            for name, load in READERS.get(file.suffix, _safetensors_file)(file):
                tensors.setdefault(stripped(name), []).append(load)
        if not tensors:
            raise BrokenModel(f"{path}: There is no tensor in it.", AGAIN)
        return cls(path, files, tensors)

    def __getitem__(self, name: str) -> list[Load]:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def tensor(self, name: str, shape: Sequence[int]) -> Tensor:
        """Read one tensor; shards are put together.

        Args:
            name: As in the file, without prefixes.
            shape: It should have, by which copies are told from parts.

        Raises:
            BrokenModel: If copies differ, or parts do not add up.
        """
        parts = [load() for load in self._tensors[name]]
        if all(part.shape == parts[0].shape == torch.Size(shape) for part in parts):
            if all(torch.equal(parts[0], part) for part in parts[1:]):
                return parts[0]
            what = f"{self.path}: The shards hold different copies of {name}."
            raise BrokenModel(what, AGAIN)
        if len(parts) == 1:
            return parts[0]
        for axis, side in enumerate(shape):
            if sum(_side(part, axis) for part in parts) == side:
                return torch.cat(parts, dim=axis)
        shapes = ", ".join(str(list(part.shape)) for part in parts)
        what = (
            f"{self.path}: The shards of {name}, {shapes}, do not make {list(shape)}."
        )
        raise BrokenModel(what, AGAIN)


def stripped(name: str) -> str:
    """Take away what frameworks put before a name."""
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _side(tensor: Tensor, axis: int) -> int:
    return tensor.shape[axis] if axis < tensor.ndim else 0


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise InputMissing(f"There are no weights {path}.", "Look at the path.")
    for index in sorted(path.glob("*.safetensors.index.json")):
        return _indexed(index)
    for pattern in SEARCHED:
        found = [
            each
            for each in sorted(path.glob(pattern))
            if not any(fnmatch(each.name, ignored) for ignored in IGNORED)
        ]
        if found:
            return tuple(found)
    what = f"{path}: There are no weights in this folder."
    raise BrokenModel(what, f"Wanted is one of {', '.join(SEARCHED)}.")


def _indexed(index: Path) -> tuple[Path, ...]:
    try:
        told = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        names = sorted(set(map(str, told.values())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenModel(f"{index}: It is no index: {error!r}.", AGAIN) from error
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        what = f"{index.parent}: Missing of {len(names)} files: {', '.join(missing)}."
        raise BrokenModel(what, AGAIN)
    return tuple(index.parent / name for name in names)


def _safetensors_file(path: Path) -> Iterator[tuple[str, Load]]:
    from safetensors import SafetensorError, safe_open

    try:
        file: Any = safe_open(path, framework="pt")
        names = list(file.keys())
    except (SafetensorError, OSError) as error:
        what = f"{path}: It is damaged, or no safetensors: {error}."
        raise BrokenModel(what, AGAIN) from error
    for name in names:
        yield name, lambda name=name: file.get_tensor(name)


def _torch_file(path: Path) -> Iterator[tuple[str, Load]]:
    try:
        found: Any = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # what pickles raise has no common root
        what = f"{path}: It is damaged, or holds more than tensors: {error}."
        raise BrokenModel(what, AGAIN) from error
    for key in NESTED:
        with suppress(TypeError, KeyError):
            found = found[key]
    if not isinstance(found, dict):
        raise BrokenModel(f"{path}: It holds no tensors by name.", AGAIN)
    for name, tensor in found.items():
        if isinstance(tensor, Tensor):
            yield str(name), lambda tensor=tensor: tensor


def _gguf_file(path: Path) -> Iterator[tuple[str, Load]]:
    """Weights in few bits, widened when they are read."""
    try:
        import gguf
    except ImportError as error:
        what = f"{path.name} needs the package gguf: {error}."
        raise MissingDependency(what, "pip install gguf") from error
    library: Any = gguf
    try:
        found: Any = library.GGUFReader(path)
    except Exception as error:  # what it raises has no common root
        raise BrokenModel(
            f"{path}: It is damaged, or no GGUF: {error}.", AGAIN
        ) from error
    for tensor in found.tensors:

        def load(tensor: Any = tensor) -> Tensor:
            values = library.dequantize(tensor.data, tensor.tensor_type)
            return torch.from_numpy(values.astype("float32"))

        yield str(tensor.name), load


READERS: Mapping[str, Callable[[Path], Iterator[tuple[str, Load]]]] = {
    ".pt": _torch_file,
    ".gguf": _gguf_file,
}
