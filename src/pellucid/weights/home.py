"""Where the weights of large models lie on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "PELLUCID_MODELS"  # a folder that holds one folder per model


def home(name: str) -> Path:
    """Name the folder of a model; it need not be there.

    Args:
        name: Of the restorer.
    """
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen) / name
    return _of_this_user() / "pellucid" / "models" / name


def _of_this_user() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
