"""Weights from a hub: of one commit, every file checked, and none taken twice.

Which commit was fetched, and the checksum of every file, stands beside the files, in
``pellucid.lock.json``. A later call fetches the same commit; what is right stays.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Protocol

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    BrokenModel,
    EnvironmentFailure,
    MissingDependency,
    MissingModel,
)
from pellucid.weights.catalogue import Entry

LOCK = "pellucid.lock.json"

Tell = Callable[[str, int, int], None]  # name of a file, how many are done, of how many


@dataclass(frozen=True)
class Remote:
    """A file on the hub.

    Attributes:
        size: In bytes.
        sha256: Of it; empty for small ones, where the hub names none.
    """

    size: int
    sha256: str = ""


class Hub(Protocol):
    """Where weights come from."""

    def look(self, repository: str, revision: str) -> tuple[str, Mapping[str, Remote]]:
        """Find the commit of a revision, and its files by name.

        Raises:
            MissingModel: If it is not there, or one has to sign in.
            EnvironmentFailure: If the hub cannot be reached.
        """
        ...

    def take(self, repository: str, commit: str, name: str, folder: Path) -> None:
        """Fetch one file to ``folder / name``.

        Raises:
            EnvironmentFailure: If it cannot be fetched or written.
        """
        ...


def pull(
    entry: Entry, folder: Path, hub: Hub, tell: Tell = lambda name, done, total: None
) -> str:
    """Fetch a model, or what is missing of it.

    Args:
        entry: Of the catalogue.
        folder: Where to.
        hub: Where from.
        tell: Called before each file that is fetched, and at the end.

    Returns:
        The commit.

    Raises:
        MissingModel: If it is not on the hub, or one has to sign in.
        BrokenModel: If a file that came is not the one that was promised.
        EnvironmentFailure: If the hub cannot be reached, or the disk is too small.
    """
    locked = _locked(folder)
    commit, files = hub.look(entry.repository, locked or entry.revision)
    wanted = {
        name: remote
        for name, remote in sorted(files.items())
        if any(fnmatch(name, pattern) for pattern in entry.patterns)
    }
    if not wanted:
        what = f"{entry.repository} has none of {', '.join(entry.patterns)}."
        raise MissingModel(what, f"Look at {entry.address}.")
    missing = {n: r for n, r in wanted.items() if not _is_right(folder / n, r)}
    _check_room(folder, sum(remote.size for remote in missing.values()))
    for done, (name, remote) in enumerate(missing.items()):
        tell(name, done, len(missing))
        hub.take(entry.repository, commit, name, folder)
        if not _is_right(folder / name, remote):
            (folder / name).unlink(missing_ok=True)
            what = f"{name} came damaged, or is not what the hub promised."
            raise BrokenModel(what, "Fetch again; what is right already stays.")
    tell("", len(missing), len(missing))
    facts = {
        "repository": entry.repository,
        "commit": commit,
        "files": {name: asdict(remote) for name, remote in wanted.items()},
    }
    write_atomically(folder / LOCK, json.dumps(facts, indent=1).encode(), replace=True)
    return commit


class HuggingFace:
    """The hub at huggingface.co."""

    def look(self, repository: str, revision: str) -> tuple[str, Mapping[str, Remote]]:
        """See `Hub`."""
        library = _library()
        try:
            info = library.HfApi().model_info(
                repository, revision=revision, files_metadata=True
            )
        except library.errors.GatedRepoError as error:
            what = f"{repository} is given only to those who have accepted its terms."
            hint = f"Accept them at https://huggingface.co/{repository}, then log in."
            raise MissingModel(what, f"{hint} `hf auth login`") from error
        except library.errors.RepositoryNotFoundError as error:
            what = f"{repository} is not on the hub, or one has to sign in."
            raise MissingModel(what, "Try `hf auth login`.") from error
        except Exception as error:  # what the network raises has no common root
            raise _unreachable(repository, error) from error
        files: dict[str, Remote] = {}
        for each in info.siblings:
            checksum = each.lfs.sha256 if each.lfs else ""
            files[each.rfilename] = Remote(int(each.size or 0), checksum)
        return str(info.sha), files

    def take(self, repository: str, commit: str, name: str, folder: Path) -> None:
        """See `Hub`."""
        library = _library()
        try:
            library.hf_hub_download(
                repository, name, revision=commit, local_dir=str(folder)
            )
        except Exception as error:
            raise _unreachable(repository, error) from error


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        what = f"Fetching needs the package huggingface_hub: {error}."
        raise MissingDependency(what, 'pip install "pellucid[models]"') from error
    return huggingface_hub


def _unreachable(repository: str, error: Exception) -> EnvironmentFailure:
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    what = f"{repository} cannot be fetched: {first}"
    return EnvironmentFailure(what, "Look at the connection; what came already stays.")


def _locked(folder: Path) -> str:
    """The commit that was fetched before; empty if none was."""
    path = folder / LOCK
    if not path.is_file():
        return ""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["commit"])
    except (ValueError, KeyError, TypeError) as error:
        what = f"{path}: It cannot be read: {error!r}."
        raise BrokenModel(what, "Delete it to fetch the newest.") from error


def _is_right(path: Path, remote: Remote) -> bool:
    if not path.is_file() or path.stat().st_size != remote.size:
        return False
    if not remote.sha256:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == remote.sha256


def _check_room(folder: Path, needed: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        what = f"{folder}: It cannot be used: {error.strerror}."
        raise EnvironmentFailure(what, "Name another folder: `--to FOLDER`.") from error
    if needed > free:
        what = f"{folder}: {needed / 1e9:.1f} GB are needed, and {free / 1e9:.1f} free."
        raise EnvironmentFailure(what, "Name another folder: `--to FOLDER`.")
