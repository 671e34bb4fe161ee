"""What the command `doctor` finds out about this machine.

Packages are imported here to see whether they work, so this is slow; nothing else
may call it.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pellucid.cli.requirements import Requirements, installed_version
from pellucid.cli.sizes import size_text
from pellucid.core.version import __version__

# What is looked at when pellucid runs from its source, without metadata.
CORE = ("numpy", "pillow", "tifffile", "onnxruntime", "pydantic", "typer", "rich")
MODULES = {"pillow": "PIL"}  # distributions whose module has another name
FEATURES = {
    "jpeg-turbo": "libjpeg_turbo",
    "webp": "webp",
    "avif": "avif",
    "littlecms": "littlecms2",
}
REMOVE_TORCHVISION = "Nothing here needs it: pip uninstall torchvision"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        value: What was found, in words.
        state: ``ok``, ``absent`` (and that is fine) or ``broken``.
        hint: What to do about it.
    """

    name: str
    value: str
    state: str = "ok"
    hint: str = ""


def machine() -> Iterator[Finding]:
    """Look at the program, the system and what is free."""
    yield Finding(name="pellucid", value=__version__)
    python = f"{platform.python_version()} ({sys.executable})"
    yield Finding(name="python", value=python)
    yield Finding(name="platform", value=platform.platform())
    yield Finding(name="processors", value=str(_processors()))
    yield Finding(name="memory", value=_memory())
    yield Finding(name="disk", value=_room(Path.cwd))
    yield Finding(name="temporary", value=_room(tempfile.gettempdir))


def core(needed: Requirements) -> Iterator[Finding]:
    """Import everything that pellucid cannot do without."""
    for distribution in needed.core or CORE:
        found = installed_version(distribution)
        again = f'Install it: pip install --force-reinstall "{distribution}"'
        if found is None:
            yield Finding(
                name=distribution, value="missing", state="broken", hint=again
            )
            continue
        _, failure = _imported(
            MODULES.get(distribution, distribution.replace("-", "_"))
        )
        if failure:
            value = f"{found}, but broken: {failure}"
            yield Finding(name=distribution, value=value, state="broken", hint=again)
        else:
            yield Finding(name=distribution, value=found)


def pillow_features() -> Iterator[Finding]:
    """Ask Pillow which of its libraries are compiled in."""
    features, failure = _imported("PIL.features")
    if failure:
        return  # said already, among the core
    for name, feature in FEATURES.items():
        if features.check(feature):
            yield Finding(name=name, value=str(features.version(feature)))
        else:
            hint = "Install the Pillow of PyPI; this one was built without it."
            yield Finding(name=name, value="not built in", state="absent", hint=hint)


def devices() -> Iterator[Finding]:
    """Look for what networks can run on."""
    yield from _onnxruntime()
    if installed_version("torch") is None:
        yield Finding(name="torch", value="not installed", state="absent")
    else:
        yield from _torch()
    yield _torchvision()


def extras(needed: Requirements) -> Iterator[Finding]:
    """Say for every extra what is missing, and the command that adds it."""
    for extra, distributions in needed.extras.items():
        missing = [name for name in distributions if installed_version(name) is None]
        if not missing:
            yield Finding(name=extra, value="installed")
            continue
        hint = f'pip install "pellucid[{extra}]"'
        value = f"missing {', '.join(missing)}"
        yield Finding(name=extra, value=value, state="absent", hint=hint)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # containers may see fewer than there are
    return os.cpu_count() or 1


def _memory() -> str:
    try:
        page, pages = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    words = size_text(page * pages)
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        words += f", of which this container may use {size_text(int(text))}"
    return words


def _room(find_folder: Callable[[], str | Path]) -> str:
    try:
        folder = find_folder()
        return f"{size_text(shutil.disk_usage(folder).free)} free in {folder}"
    except OSError as error:  # the folder we stand in may be gone
        return f"unknown: {error.strerror}"


def _onnxruntime() -> Iterator[Finding]:
    runtime, failure = _imported("onnxruntime")
    if not failure:
        providers = ", ".join(runtime.get_available_providers())
        yield Finding(name="onnxruntime", value=providers)


def _torch() -> Iterator[Finding]:
    torch, failure = _imported("torch")
    if failure:
        hint = "Install it again: https://pytorch.org/get-started/locally/"
        value = f"broken: {failure}"
        yield Finding(name="torch", value=value, state="broken", hint=hint)
        return
    yield Finding(name="torch", value=str(torch.__version__))
    try:
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        for index in range(count):
            facts = torch.cuda.get_device_properties(index)
            value = f"{facts.name}, {size_text(facts.total_memory)}"
            yield Finding(name=f"cuda:{index}", value=value)
        if torch.backends.mps.is_available():
            yield Finding(name="mps", value="available")
    except Exception as error:  # drivers fail in many ways
        yield Finding(name="cuda", value=f"broken: {_reason(error)}", state="broken")


def _torchvision() -> Finding:
    """Look for the package that breaks others when it does not fit torch."""
    found = installed_version("torchvision")
    if found is None:
        return Finding(name="torchvision", value="not installed, which is fine")
    _, failure = _imported("torchvision")
    if failure:
        value = f"{found} is broken: {failure}"
        return Finding(
            name="torchvision", value=value, state="broken", hint=REMOVE_TORCHVISION
        )
    return Finding(name="torchvision", value=f"{found}, works; nothing here needs it")


def _imported(module: str) -> tuple[Any, str]:
    """Import a module; the second value says why that failed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module), ""
    except Exception as error:  # a broken package raises anything
        return None, _reason(error)


def _reason(error: Exception) -> str:
    first_line = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first_line}"
