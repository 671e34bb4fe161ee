"""Samples in tar files, as the package ``webdataset`` reads them.

A sample is some members that follow one another and share a name up to the first dot
of the last part; what comes after that dot says which part of the sample it is. So a
key must not hold dots, and we put no slashes there either: everything but ASCII
letters, digits, ``-``, ``_`` and ``~`` is written as ``%`` and two hexadecimal digits
for each byte of UTF-8. This can be undone, so two keys never become one.

Nothing is ever unpacked, and what is read is checked block by block, because shards
come from elsewhere: tarfile would keep headers of any size in memory, and takes an
archive that was cut between two members for a whole one.
Source: POSIX.1-2024, pax, "ustar Interchange Format"; github.com/webdataset.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tarfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO
from urllib.parse import quote, unquote

from pellucid.core.atomic import PREFIX, SUFFIX
from pellucid.core.errors import (
    ASK_AGAIN,
    EnvironmentFailure,
    InputMissing,
    PellucidError,
)

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)  # an archive ends with two empty blocks
MAX_SAMPLE_BYTES = 1 << 30
MAX_HEADER_BYTES = 1 << 16  # of the extended headers that hold a long name
MAX_PARTS = 1000  # of one sample

EXTENSION = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class BadShard(PellucidError):
    """A shard that is cut, damaged or not safe, or a sample that no shard can hold."""


@dataclass(frozen=True)
class Sample:
    """What belongs together: a pair and its record, for example.

    Attributes:
        key: Names it within its shard. It may have slashes, but is no path that is
            absolute or leads out with ``..``.
        parts: Extension without the first dot (``damaged.png``, ``json``) to bytes.
    """

    key: str
    parts: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if not self.key or not self.parts:
            raise BadShard("A sample needs a key and at least one part.")
        if self.key.startswith("/") or ".." in self.key.split("/"):
            raise BadShard(f"The key {self.key!r} leads out of its folder.")
        for extension in self.parts:
            if not EXTENSION.fullmatch(extension):
                what = f"`{self.key}`: `{extension}` cannot be the extension of a part."
                raise BadShard(what, "Use lower-case letters, digits and dots.")
        object.__setattr__(self, "parts", MappingProxyType(dict(self.parts)))


def write_shard(path: Path, samples: Iterable[Sample]) -> None:
    """Write a shard, whole or not at all; one that is there is replaced.

    Same samples in the same order, same bytes: no time, owner or machine goes in. One
    sample is in memory at a time.

    Raises:
        BadShard: If two samples have one key, or a key cannot be written.
        EnvironmentFailure: If the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    try:
        with _heard(path):
            file = temporary.open("xb", buffering=0)  # or closing could fail as well
        with file:
            for chunk in _chunks(samples, path):
                with _heard(path):
                    _write(file, chunk)
            with _heard(path):
                os.fsync(file.fileno())
        with _heard(path):
            temporary.replace(path)
            _flush_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def read_shard(
    path: Path, *, max_sample_bytes: int = MAX_SAMPLE_BYTES
) -> Iterator[Sample]:
    """Read a shard sample by sample; one of them is in memory at a time.

    Args:
        path: A plain tar file, not a compressed one.
        max_sample_bytes: What all parts of one sample may hold together.

    Raises:
        InputMissing: If there is no file.
        BadShard: If it is cut or damaged; or holds links, devices, paths that lead
            out, one part twice, or a sample above the limit. What came before that
            has been yielded.
        EnvironmentFailure: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from _samples(_Blocks(file, path), max_sample_bytes)
    except FileNotFoundError:
        what = f"There is no shard {path}."
        raise InputMissing(what, "Look at the path once more.") from None
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror}."
        raise EnvironmentFailure(what, "Look at its permissions.") from error


def name_of(key: str) -> str:
    """Write a key so that it can stand before the first dot of a file name.

    Raises:
        BadShard: If it is no text that UTF-8 or a file name can hold.
    """
    try:
        name = quote(key, safe="", errors="surrogateescape").replace(".", "%2E")
    except UnicodeEncodeError:
        name = ""
    if not name or key_of(name) != key:
        raise BadShard(f"{key!r} cannot be the key of a sample.", "Rename the file.")
    return name


def key_of(name: str) -> str:
    """Undo `name_of`."""
    return unquote(name, errors="surrogateescape")


@contextlib.contextmanager
def _heard(path: Path) -> Generator[None]:
    """Say what the machine refuses; what samples raise goes through as it is."""
    try:
        yield
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror or error}."
        raise EnvironmentFailure(what, "Make room, or name another folder.") from error


def _write(file: FileIO, data: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part without an error."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _chunks(samples: Iterable[Sample], path: Path) -> Iterator[bytes]:
    size = 0
    seen: set[str] = set()
    for sample in samples:
        if sample.key in seen:
            what = f"{path}: Two samples have the key `{sample.key}`."
            raise BadShard(what, "A key names one sample.")
        seen.add(sample.key)
        for extension, data in sample.parts.items():
            member = tarfile.TarInfo(f"{name_of(sample.key)}.{extension}")
            member.size, member.mode = len(data), 0o644
            header = member.tobuf(tarfile.PAX_FORMAT)
            fill = bytes(-len(data) % BLOCK)
            size += len(header) + len(data) + len(fill)
            yield from (header, data, fill)
    yield END + bytes(-(size + len(END)) % tarfile.RECORDSIZE)


def _flush_folder(folder: Path) -> None:
    """Make the new name last; file systems that cannot are left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class _Blocks:
    """A tar file, read in whole blocks."""

    file: BinaryIO
    path: Path

    def bad(self, what: str, hint: str = "") -> BadShard:
        """Make an error that names the file."""
        return BadShard(f"{self.path}: {what}", hint)

    def take(self, size: int) -> bytes:
        """Read some bytes, and what fills their last block."""
        whole = size + -size % BLOCK
        data = self.file.read(whole)
        if len(data) < whole:
            raise self.bad("The archive is cut short.", ASK_AGAIN)
        return data[:size]


def _samples(blocks: _Blocks, limit: int) -> Iterator[Sample]:
    """Group members that follow one another and share a name."""
    current, parts, room = "", dict[str, bytes](), limit
    for member in _members(blocks):
        name, extension = _split(blocks, member.name)
        if name != current:
            if parts:
                yield Sample(key_of(current), parts)
            current, parts, room = name, {}, limit
        room -= member.size
        if room < 0 or len(parts) == MAX_PARTS:
            what = f"The sample `{name}` is above the limit of {limit} bytes"
            raise blocks.bad(f"{what} or {MAX_PARTS} parts.")
        if extension in parts:
            raise blocks.bad(f"The sample `{name}` has two parts `{extension}`.")
        parts[extension] = blocks.take(member.size)
    if parts:
        yield Sample(key_of(current), parts)


def _split(blocks: _Blocks, path: str) -> tuple[str, str]:
    """Split a path as webdataset does, and refuse what could lead out."""
    folders, slash, base = path.rpartition("/")
    if path.startswith("/") or "\\" in path or ".." in folders.split("/"):
        raise blocks.bad(f"The path {path!r} is not safe.")
    stem, _, extension = base.partition(".")
    if not stem or not EXTENSION.fullmatch(extension.lower()):
        what = f"The name {path!r} is not a key, a dot and an extension."
        raise blocks.bad(what)
    return folders + slash + stem, extension.lower()


def _members(blocks: _Blocks) -> Iterator[tarfile.TarInfo]:
    """Go through the files; the caller takes the bytes of each before the next."""
    long_name = ""
    while (header := blocks.take(BLOCK)) != END[:BLOCK]:
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise blocks.bad(f"It is damaged, or no tar file: {error}.") from None
        if member.size < 0:
            raise blocks.bad(f"The member {member.name!r} has a negative size.")
        if member.type in FILES:
            member.name, long_name = long_name or member.name, ""
            yield member
        elif member.type == tarfile.DIRTYPE:
            long_name = ""
        else:
            long_name = _long_name(blocks, member) or long_name


def _long_name(blocks: _Blocks, member: tarfile.TarInfo) -> str:
    """Read a header that holds the name of the next member; empty if it does not."""
    if member.type not in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME):
        what = f"The member {member.name!r} is a link or a device, which no sample has."
        raise blocks.bad(what)
    if member.size > MAX_HEADER_BYTES:
        raise blocks.bad("A header is larger than any name.")
    data = blocks.take(member.size)
    if member.type == tarfile.GNUTYPE_LONGNAME:
        return data.rstrip(b"\0").decode("utf-8", "surrogateescape")
    name = ""
    while data:
        length, _, _ = data.partition(b" ")
        size = int(length) if length.isdigit() and len(length) < 9 else 0
        word, _, value = data[len(length) + 1 : max(size - 1, 0)].partition(b"=")
        if not word or data[size - 1 : size] != b"\n":
            raise blocks.bad("A header is damaged.")
        if word == b"size" or word.startswith(b"GNU.sparse"):
            raise blocks.bad("A member is larger than it looks.")
        if word == b"path" and member.type == tarfile.XHDTYPE:
            name = value.decode("utf-8", "surrogateescape")
        data = data[size:]
    return name
