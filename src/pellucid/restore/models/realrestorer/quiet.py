"""Libraries report to us, not to the terminal."""

# pyright: standard

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keep libraries silent while models are read.

    When they are imported, too: torchao lists the kernels of other cards.
    """
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    from transformers.utils import logging as theirs

    bars = theirs.is_progress_bar_enabled()
    theirs.disable_progress_bar()
    try:
        yield
    finally:
        logging.disable(disabled)
        if bars:
            theirs.enable_progress_bar()
