"""Caches of diffusers, which skip blocks whose answer would hardly differ.

Each makes another picture, a little; see `speedups`.
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

FIRST_BLOCK = 0.08  # change of the first block's answer below which the rest is skipped
TAYLOR = 3  # steps between two that are computed
MAGNITUDE = 0.06  # error that MagCache lets add up before it computes


@contextmanager
def cached(
    transformer: Any, name: str, steps: int, ratios: Sequence[float] = ()
) -> Iterator[None]:
    """Put a cache into a transformer for one picture.

    Args:
        transformer: Of diffusers.
        name: ``first-block``, ``taylor`` or ``magnitude``; empty for none.
        steps: Of the picture.
        ratios: For ``magnitude``, what `measuring` found.
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
        "magnitude": lambda: library.MagCacheConfig(
            threshold=MAGNITUDE, num_inference_steps=steps, mag_ratios=list(ratios)
        ),
    }[name]
    transformer.enable_cache(config())
    try:
        yield
    finally:
        transformer.disable_cache()


@contextmanager
def measuring(transformer: Any, steps: int) -> Iterator[list[float]]:
    """Skip nothing, and measure what MagCache must know.

    Args:
        transformer: Of diffusers.
        steps: Of the picture.

    Returns:
        A list that is filled at the end: for each step, how much longer what the blocks
        add is than it was one step before.
    """
    import diffusers

    library: Any = diffusers
    # It prints what it found after the last step; with one more, it can be asked.
    config = library.MagCacheConfig(calibrate=True, num_inference_steps=steps + 1)
    transformer.enable_cache(config)
    found: list[float] = []
    try:
        yield found
        hooks = transformer.transformer_blocks[0]._diffusers_hook
        states = hooks.get_hook("mag_cache_leader_block_hook").state_manager
        (first, *_) = states._state_cache.values()  # branches that are walked together
        found += first.calibration_ratios
    finally:
        transformer.disable_cache()
