"""Weights from a hub, here one in memory."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pellucid.core.errors import BrokenModel, EnvironmentFailure, MissingModel
from pellucid.weights.catalogue import CATALOGUE
from pellucid.weights.fetch import LOCK, Remote, pull

ENTRY = replace(CATALOGUE["realrestorer"], patterns=("vae/*", "model_index.json"))
FILES = {
    "model_index.json": b"{}",
    "vae/w.safetensors": b"weights",
    "README.md": b"not wanted",
}


class Memory:
    """A hub with two commits; it may break off, or damage what it gives."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.asked: list[str] = []
        self.taken: list[str] = []
        self.given: dict[str, bytes] = {}

    def look(self, repository: str, revision: str) -> tuple[str, Mapping[str, Remote]]:
        self.asked.append(revision)
        found = {
            name: Remote(
                len(data),
                hashlib.sha256(data).hexdigest() if name.startswith("vae") else "",
            )
            for name, data in self.files.items()
        }
        return ("c0ffee" if revision == "main" else revision), found

    def take(self, repository: str, commit: str, name: str, folder: Path) -> None:
        self.taken.append(name)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.given.get(name, self.files[name]))


def test_what_is_wanted_comes_and_the_commit_is_pinned(tmp_path: Path):
    hub = Memory()
    assert pull(ENTRY, tmp_path / "m", hub) == "c0ffee"
    assert hub.taken == ["model_index.json", "vae/w.safetensors"]
    told = json.loads((tmp_path / "m" / LOCK).read_text())
    assert told["commit"] == "c0ffee"
    assert set(told["files"]) == set(hub.taken)
    assert pull(ENTRY, tmp_path / "m", hub) == "c0ffee"
    assert hub.asked == ["main", "c0ffee"]
    assert len(hub.taken) == 2  # nothing came twice


def test_a_file_that_comes_damaged_does_not_stay(tmp_path: Path):
    hub = Memory()
    hub.given["vae/w.safetensors"] = b"w3ights"
    with pytest.raises(BrokenModel, match=r"vae/w\.safetensors came damaged"):
        pull(ENTRY, tmp_path, hub)
    assert not (tmp_path / "vae" / "w.safetensors").exists()
    assert not (tmp_path / LOCK).exists()
    hub.given.clear()
    pull(ENTRY, tmp_path, hub)
    assert hub.taken.count("model_index.json") == 1


def test_a_file_that_was_changed_here_comes_again(tmp_path: Path):
    hub = Memory()
    pull(ENTRY, tmp_path, hub)
    (tmp_path / "vae" / "w.safetensors").write_bytes(b"w3ights")
    pull(ENTRY, tmp_path, hub)
    assert (tmp_path / "vae" / "w.safetensors").read_bytes() == b"weights"


def test_a_disk_that_is_too_small_is_told_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from collections import namedtuple

    usage = namedtuple("usage", "free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(3))
    hub = Memory()
    with pytest.raises(EnvironmentFailure, match="are needed") as caught:
        pull(ENTRY, tmp_path, hub)
    assert "--to FOLDER" in caught.value.hint
    assert hub.taken == []


def test_a_repository_with_nothing_of_it(tmp_path: Path):
    hub = Memory()
    hub.files = {"README.md": b"moved"}
    with pytest.raises(MissingModel, match="has none of"):
        pull(ENTRY, tmp_path, hub)


def test_a_lock_that_is_broken_is_named(tmp_path: Path):
    (tmp_path / LOCK).write_text("{")
    with pytest.raises(BrokenModel, match=r"pellucid\.lock\.json: It cannot be read"):
        pull(ENTRY, tmp_path, Memory())
