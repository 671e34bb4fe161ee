"""Caches of diffusers, which skip blocks whose answer would hardly differ.

Each makes another picture, a little; see `speedups`.
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FIRST_BLOCK = 0.08  # change of the first block's answer below which the rest is skipped
TAYLOR = 3  # steps between two that are computed


@contextmanager
def cached(transformer: Any, name: str) -> Iterator[None]:
    """Put a cache into a transformer for one picture.

    Args:
        transformer: Of diffusers.
        name: ``first-block`` or ``taylor``; empty for none.
    """
    if not name:
        yield
        return
    import diffusers

    library: Any = diffusers
    config = {
        "first-block": lambda: library.FirstBlockCacheConfig(threshold=FIRST_BLOCK),
        "taylor": lambda: library.TaylorSeerCacheConfig(
            cache_interval=TAYLOR, max_order=1, use_lite_mode=True
        ),
    }[name]
    transformer.enable_cache(config())
    try:
        yield
    finally:
        transformer.disable_cache()
