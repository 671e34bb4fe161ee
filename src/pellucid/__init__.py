"""Restore photographs without losing what their files carry.

The names below are all there is to import from here. They are loaded when first
used, so that ``import pellucid`` and ``pellucid --help`` stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pellucid.core.version import __version__

if TYPE_CHECKING:
    from pellucid.core.errors import BadImage, ImageError, PellucidError, TooLarge
    from pellucid.core.files import decode, encode, read, write
    from pellucid.core.image import Carried, Image
    from pellucid.core.options import Limits, WriteOptions
    from pellucid.restore.api import Restorer

__all__ = [
    "BadImage",
    "Carried",
    "Image",
    "ImageError",
    "Limits",
    "PellucidError",
    "Restorer",
    "TooLarge",
    "WriteOptions",
    "__version__",
    "decode",
    "encode",
    "read",
    "write",
]

_HOMES = {
    "BadImage": "pellucid.core.errors",
    "Carried": "pellucid.core.image",
    "Image": "pellucid.core.image",
    "ImageError": "pellucid.core.errors",
    "Limits": "pellucid.core.options",
    "PellucidError": "pellucid.core.errors",
    "Restorer": "pellucid.restore.api",
    "TooLarge": "pellucid.core.errors",
    "WriteOptions": "pellucid.core.options",
    "decode": "pellucid.core.files",
    "encode": "pellucid.core.files",
    "read": "pellucid.core.files",
    "write": "pellucid.core.files",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next use does not come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
