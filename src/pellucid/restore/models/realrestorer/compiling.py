"""Blocks of the transformer, compiled: the same work with other rounding."""

# pyright: standard

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pellucid.core.errors import EnvironmentFailure


@contextmanager
def compiled(transformer: Any, *, is_wanted: bool) -> Iterator[None]:
    """Let blocks run compiled for one picture, or not.

    Each kind of block is compiled once, when it first sees a size; that takes a minute.
    What was compiled stays for the next picture.

    Args:
        transformer: Of diffusers.
        is_wanted: False runs them as they are.

    Raises:
        EnvironmentFailure: If this machine has no compiler.
    """
    if not is_wanted:
        with _uncompiled(transformer):
            yield
        return
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor.exc import InductorError

    if not _compiled_blocks(transformer):
        transformer.compile_repeated_blocks()
    try:
        yield
    except (InductorError, TorchDynamoException) as error:
        first = str(error).strip().splitlines()[0]
        what = f"The blocks of the transformer cannot be compiled here: {first}"
        hint = "Install a C++ compiler, or leave `--speed-up compile` out."
        raise EnvironmentFailure(what, hint) from error


def _compiled_blocks(transformer: Any) -> list[Any]:
    return [
        each for each in transformer.modules() if each._compiled_call_impl is not None
    ]


@contextmanager
def _uncompiled(transformer: Any) -> Iterator[None]:
    """Leave aside what was compiled for an earlier picture."""
    kept = {block: block._compiled_call_impl for block in _compiled_blocks(transformer)}
    for block in kept:
        block._compiled_call_impl = None
    try:
        yield
    finally:
        for block, call in kept.items():
            block._compiled_call_impl = call
