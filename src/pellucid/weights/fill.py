"""Weights into a network: every tensor finds its place, or an error names it.

The network is made on the meta device, so that nothing is held twice: a tensor that is
read becomes the parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from pellucid.core.errors import BrokenModel
from pellucid.weights.names import Layout, Rule
from pellucid.weights.stored import Stored

SHOWN = 5  # names in an error


def fill(
    network: nn.Module,
    stored: Stored,
    layout: Layout,
    dtype: torch.dtype,
    ignored: Collection[str] = (),
    later: Collection[str] = (),
) -> None:
    """Give a network its weights.

    Args:
        network: On the meta device, or with weights that are replaced.
        stored: Files.
        layout: How they call what the network has.
        dtype: What the network shall hold.
        ignored: Names in the files that may be left over.
        later: What is ours too, and is read by `read` when it is needed.

    Raises:
        BrokenModel: If a tensor is missing, left over, or of another shape.
    """
    wanted = network.state_dict()
    rules, others = layout.theirs(wanted), layout.theirs(later)
    missing = sorted({*rules, *others} - set(stored))
    left_over = sorted(set(stored) - {*rules, *others, *ignored})
    _complain(stored, missing, left_over)
    found: dict[str, Tensor] = {}
    for name, rule in rules.items():
        found |= _parts(stored, name, rule, wanted, dtype)
    network.load_state_dict(found, strict=True, assign=True)
    network.requires_grad_(requires_grad=False)


def read(
    stored: Stored, layout: Layout, name: str, shape: Sequence[int], dtype: torch.dtype
) -> Tensor:
    """Read one of our tensors that is a whole one in the files.

    Raises:
        BrokenModel: If it is of another shape.
    """
    ((theirs, rule),) = layout.theirs([name]).items()
    wanted = {name: torch.empty(tuple(shape), device="meta")}
    return _parts(stored, theirs, rule, wanted, dtype)[name]


def _complain(stored: Stored, missing: list[str], left_over: list[str]) -> None:
    wrong = [
        f"{len(names)} {word}: {_some(names)}"
        for word, names in (("missing", missing), ("left over", left_over))
        if names
    ]
    if wrong:
        what = f"{stored.path}: These weights do not fit. {'. '.join(wrong)}."
        raise BrokenModel(what, "Name the weights of this model, all of its files.")


def _parts(
    stored: Stored,
    name: str,
    rule: Rule,
    wanted: Mapping[str, Tensor],
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    shapes = [tuple(wanted[each].shape) for each in rule.ours]
    _, *others = shapes[0]
    tensor = stored.tensor(name, [sum(shape[0] for shape in shapes), *others])
    try:
        parts = rule.apart(tensor)
        fitting = [
            part.reshape(shape).to(dtype)
            for part, shape in zip(parts, shapes, strict=True)
            if _squeezed(part.shape) == _squeezed(shape)
        ]
    except (ValueError, RuntimeError):
        fitting = []
    if len(fitting) != len(shapes):
        rows = " + ".join(str(list(shape)) for shape in shapes)
        what = f"{stored.path}: {name} is {list(tensor.shape)}, where {rows} is wanted."
        raise BrokenModel(what, "Name the weights of this model.")
    return dict(zip(rule.ours, fitting, strict=True))


def _squeezed(shape: Iterable[int]) -> tuple[int, ...]:
    """A kernel of 1 x 1 is a matrix."""
    return tuple(side for side in shape if side != 1)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
