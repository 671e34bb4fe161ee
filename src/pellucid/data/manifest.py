"""Lists of pairs as Parquet, one row each.

    key, damaged, origin   text
    clean                  text, or nothing where nobody knows it
    steps                  a JSON list: every kind of damage has other parameters
    tags                   a list of texts

No time and no machine goes into the file: same rows and same version of pyarrow, same
bytes. Pages have checksums, which are compared when they are read.
Source: Apache Parquet, https://parquet.apache.org/docs/file-format.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from pellucid.core.atomic import write_atomically
from pellucid.core.errors import (
    EnvironmentFailure,
    InputMissing,
    MissingDependency,
    PellucidError,
    SettingsError,
)
from pellucid.core.records import Pair
from pellucid.core.settings import build, plain
from pellucid.core.version import __version__

SCHEMA_VERSION = 1
BATCH_ROWS = 4096  # what is in memory at once; as it decides bytes, it never changes
TYPES = {
    "key": "string",
    "damaged": "string",
    "clean": "string",
    "origin": "string",
    "steps": "string",
    "tags": "list<string>",
}


class BadManifest(PellucidError):
    """A manifest that is damaged, inconsistent, or not one of pellucid."""


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Write a manifest, whole or not at all; one that is there is replaced.

    Raises:
        BadManifest: If two pairs have one key.
        MissingDependency: If pyarrow is not installed.
        EnvironmentFailure: If it cannot be written.
    """
    arrow, parquet = _packages()
    schema = _schema(arrow)
    rows = map(_row, _unique(pairs, path))
    sink = io.BytesIO()
    with parquet.ParquetWriter(
        sink, schema, compression="zstd", write_page_checksum=True
    ) as writer:
        while batch := list(islice(rows, BATCH_ROWS)):
            writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
    try:
        write_atomically(path, sink.getvalue(), replace=True)
    except OSError as error:
        what = f"{path}: It cannot be written: {error.strerror}."
        raise EnvironmentFailure(what, "Make room, or name another folder.") from error


def read(path: Path) -> list[Pair]:
    """Read a manifest; raises what `rows` raises."""
    return list(rows(path))


def rows(path: Path) -> Iterator[Pair]:
    """Read a manifest row by row; only some thousand rows are in memory at once.

    Raises:
        InputMissing: If there is no file.
        BadManifest: If it is damaged, not ours, or a row is wrong.
        MissingDependency: If pyarrow is not installed.
        EnvironmentFailure: If it cannot be read.
    """
    return _unique(_pairs(path), path)


def _packages() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        what = f"Manifests need the package `pyarrow`: {error}."
        hint = 'It comes with `pip install "pellucid[degrade]"`.'
        raise MissingDependency(what, hint) from error


def _schema(arrow: Any) -> Any:
    types = {"string": arrow.string(), "list<string>": arrow.list_(arrow.string())}
    fields = [
        arrow.field(name, types[kind], nullable=name == "clean")
        for name, kind in TYPES.items()
    ]
    about = {
        "pellucid.schema_version": str(SCHEMA_VERSION),
        "pellucid.version": __version__,
    }
    return arrow.schema(fields, metadata=about)


def _unique(pairs: Iterable[Pair], path: Path) -> Iterator[Pair]:
    seen: set[str] = set()
    for pair in pairs:
        if pair.key in seen:
            what = f"{path}: Two pairs have the key `{pair.key}`."
            raise BadManifest(what, "A key names one pair.")
        seen.add(pair.key)
        yield pair


def _row(pair: Pair) -> dict[str, Any]:
    row = plain(pair)
    row["steps"] = json.dumps(
        row["steps"], ensure_ascii=False, allow_nan=False, sort_keys=True
    )
    return row


def _pairs(path: Path) -> Iterator[Pair]:
    for number, row in enumerate(_plain_rows(path), start=1):
        try:
            row["steps"] = json.loads(row["steps"])
            pair = build(Pair, row, f"{path}, row {number}")
        except SettingsError as error:
            raise BadManifest(str(error), error.hint) from None
        except (TypeError, ValueError, RecursionError) as error:
            what = f"{path}, row {number}: `steps` is not JSON: {error}."
            raise BadManifest(what) from None
        yield pair


def _plain_rows(path: Path) -> Iterator[dict[str, Any]]:
    arrow, parquet = _packages()
    damaged = (arrow.ArrowException, OSError, ValueError)  # what pyarrow raises for it
    try:
        file = path.open("rb")
    except FileNotFoundError:
        what = f"There is no manifest {path}."
        raise InputMissing(what, "Look at the path once more.") from None
    except OSError as error:
        what = f"{path}: It cannot be read: {error.strerror}."
        raise EnvironmentFailure(what, "Look at its permissions.") from error
    with file:
        try:
            table = parquet.ParquetFile(file, page_checksum_verification=True)
            _check(path, table.schema_arrow)
            left: int = table.metadata.num_rows
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                left -= batch.num_rows
                yield from batch.to_pylist()
            if left:  # headers have no checksum; this is how pyarrow reads broken ones
                raise ValueError(f"The number of rows is wrong by {left}.")
        except damaged as error:
            said = " ".join(str(error).split())
            what = f"{path}: It is damaged, or no Parquet: {said}"
            raise BadManifest(what, "Copy it again from where it came.") from None


def _check(path: Path, schema: Any) -> None:
    """Refuse what is not a manifest, by the name of the column that is wrong.

    Raises:
        BadManifest: If a column is missing, unknown or of another type, or the file
            says that it has another version.
    """
    found = {field.name: str(field.type) for field in schema}
    for name, kind in TYPES.items():
        if name not in found:
            raise BadManifest(f"{path}: The column `{name}` is missing.")
        if found[name].replace("element: ", "").replace("item: ", "") != kind:
            what = f"{path}: The column `{name}` holds {found[name]}, not {kind}."
            raise BadManifest(what)
    if foreign := sorted(found.keys() - TYPES.keys()):
        raise BadManifest(f"{path}: The column `{foreign[0]}` is not one of ours.")
    about: dict[bytes, bytes] = schema.metadata or {}
    version = about.get(b"pellucid.schema_version", b"none").decode(errors="replace")
    if version != str(SCHEMA_VERSION):
        what = f"{path}: Its version is {version}, but version {SCHEMA_VERSION} is"
        hint = "Read it with the pellucid that wrote it, or write it again."
        raise BadManifest(f"{what} what can be read.", hint)
