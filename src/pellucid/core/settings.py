"""Settings: frozen classes, strict TOML, one override syntax.

This is the only file that knows pydantic. Ranges are written with the markers of
`annotated_types`, and rules between fields as a ``ValueError`` in ``__post_init__``:

    @settings
    class Optimizer:
        lr: Annotated[float, Gt(0)] = 1e-4
        betas: tuple[float, float] = (0.9, 0.95)

A number is never made from text, nor a truth from a number. Floats are finite.
Types that fields name must be imported for real, not under ``TYPE_CHECKING``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import field
from datetime import date, time
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar, cast, dataclass_transform, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic import JsonValue as JsonValue  # what may stand in a JSON file
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from pellucid.core.errors import (
    EnvironmentFailure,
    InputMissing,
    SettingsError,
    did_you_mean,
)

T = TypeVar("T")

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

_BARE = re.compile(r"[A-Za-z0-9_-]+")

# What pydantic calls "a valid dictionary" in words of a TOML file.
_EXPECTED = {
    "bool_type": "true or false",
    "dataclass_type": "a table",
    "dict_type": "a table",
    "float_type": "a number",
    "int_type": "a whole number",
    "invalid-json-value": "text, a number, a list or a table",
    "list_type": "a list",
    "string_type": "text",
    "string_unicode": "text in UTF-8",
    "string_too_short": "at least {min_length} characters long",
    "too_long": "at most {max_length} items long",
    "too_short": "at least {min_length} items long",
}


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(field,)
)
def settings(cls: type[T]) -> type[T]:
    """Make a frozen, keyword-only class whose fields are checked when built.

    Building one raises `SettingsError` if a name is unknown or missing, or a value is
    wrong.
    """
    built: Any = dataclass(cls, frozen=True, kw_only=True, config=_STRICT)
    check = built.__init__

    @wraps(check)
    def init(self: Any, **values: Any) -> None:
        try:
            check(self, **values)
        except ValidationError as error:
            raise _explain(cls, error, values, cls.__name__) from None

    built.__init__ = init
    return built


def build(cls: type[T], data: Mapping[str, Any], where: str = "") -> T:
    """Build settings from what a file holds: tables, lists, text, numbers.

    Args:
        cls: A class made with `settings`, or a record.
        data: Its fields; a table becomes a class, a list becomes a tuple.
        where: The file, to begin messages with.

    Raises:
        SettingsError: If a name is unknown or missing, or a value is wrong.
    """
    try:
        # By way of JSON, where pydantic is strict about scalars but takes a list for
        # a tuple and a table for a class, exactly as a file means them.
        return _adapter(cls).validate_json(
            json.dumps(data, ensure_ascii=False).encode()
        )
    except ValidationError as error:
        raise _explain(cls, error, data, where) from None
    except (TypeError, ValueError, RecursionError) as error:  # a date, for example
        begin = f"{where}: " if where else ""
        raise SettingsError(f"{begin}A value is not usable: {error}.") from None


def load(cls: type[T], path: Path | str, overrides: Iterable[str] = ()) -> T:
    """Build settings from a TOML file and the assignments of ``--set``."""
    return build(cls, override(read_toml(path), overrides), str(path))


def read_toml(path: Path | str) -> dict[str, Any]:
    """Read a TOML file of at most two levels of tables.

    Raises:
        InputMissing: If there is no such file.
        EnvironmentFailure: If it cannot be read.
        SettingsError: If it is not TOML, or nested deeper.
    """
    try:
        with Path(path).open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        raise InputMissing(f"There is no file {path}.") from None
    except OSError as error:
        raise EnvironmentFailure(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # the message names the line
        raise SettingsError(f"{path}: {error}.", "The file must be TOML.") from None
    _refuse_depth(data, str(path))
    return data


def override(data: Mapping[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    """Apply assignments such as ``optimizer.lr=3e-5`` or ``link.0.kind=haze``.

    The value is read as TOML, and as plain text when it is not TOML. Whether the
    names exist is for `build` to say.

    Raises:
        SettingsError: If there is no ``=``, or the path leads through a value.
    """
    changed = deepcopy(dict(data))
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        *parents, last = path.strip().split(".")
        if not equals or not all((*parents, last)):
            what = f"`{assignment}` is not an assignment."
            raise SettingsError(what, "Write name=value: `optimizer.lr=3e-5`.")
        here: Any = changed
        for part in parents:
            key = _key_in(here, part, assignment)
            if isinstance(here, dict):
                cast("dict[str, Any]", here).setdefault(key, {})
            here = cast("Any", here)[key]
        here[_key_in(here, last, assignment)] = _value_of(text)
    return changed


def dump_toml(instance: Any) -> str:
    """Write all settings, defaults too, so that `load` builds the same again.

    Raises:
        SettingsError: If TOML cannot say it: nothing (None) where nothing is not
            the default, or more than two levels of tables.
    """
    cls = cast("type[Any]", type(instance))
    data = _adapter(cls).dump_python(instance, mode="json", exclude_none=True)
    _refuse_depth(data, cls.__name__)
    text = "\n".join(_lines(data)) + "\n"
    try:
        is_same = build(cls, tomllib.loads(text)) == instance
    except (ValueError, SettingsError):
        is_same = False
    if not is_same:
        what = (
            f"{cls.__name__} cannot be written as TOML, which has no word for nothing."
        )
        raise SettingsError(what, "Leave fields out only where None is the default.")
    return text


def plain(instance: Any) -> dict[str, Any]:
    """Take settings or a record apart into tables, lists and scalars."""
    cls = cast("type[Any]", type(instance))
    return _adapter(cls).dump_python(instance, mode="json")


def schema(cls: type) -> dict[str, Any]:
    """Describe a settings class as a JSON schema, for editors."""
    return _adapter(cls).json_schema()


@cache
def _adapter(cls: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(cls)


def _explain(
    cls: type, error: ValidationError, data: object, where: str
) -> SettingsError:
    """Say in one sentence what is wrong, unknown names first: they cause the rest."""
    found = error.errors(include_url=False)
    first = min(found, key=lambda one: _rank(cls, one))
    path, begin = _path(first["loc"], data), f"{where}: " if where else ""
    name = f"`{path}`" if path else "The content"
    match first["type"]:
        case "unexpected_keyword_argument":
            *parents, last = first["loc"]
            hint = did_you_mean(str(last), _names_at(cls, parents))
            return SettingsError(f"{begin}{name} is not a setting.", hint)
        case "missing":
            return SettingsError(f"{begin}{name} is missing.")
        case "value_error" | "json_invalid":
            reason = first["msg"].removeprefix("Value error, ").rstrip(".") + "."
            return SettingsError(f"{begin}{name}: {reason}" if path else begin + reason)
        case _:
            # The branches of a union fail at one path, each with its own wish.
            rivals = [one for one in found if _path(one["loc"], data) == path]
            wishes = [_wish(one) for one in rivals if _rank(cls, one) == 1]
            wanted = (
                f"{' or '.join(dict.fromkeys(wishes))}, got {_show(first['input'])}"
            )
            return SettingsError(f"{begin}{name} must be {wanted}.")


def _show(value: object) -> str:
    """Write a value as it stands in a file, on a line that any terminal prints."""
    text = json.dumps(value, default=repr, ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:59] + "…"


def _rank(cls: type, problem: ErrorDetails) -> int:
    if problem["type"] != "unexpected_keyword_argument":
        return 1
    *parents, last = problem["loc"]
    return 2 if last in _names_at(cls, parents) else 0  # known to another branch


def _wish(problem: ErrorDetails) -> str:
    known = _EXPECTED.get(problem["type"])
    if known:
        return known.format(**problem.get("ctx", {}))
    said = problem["msg"].removeprefix("Input should be ")
    return said.replace("a valid array", "a list")


def _path(location: Sequence[str | int], data: Any) -> str:
    """Write a place as ``link[0].lr``, without the branch names of unions.

    A branch name leads nowhere in the data, and is not the end of the way either.
    """
    path = ""
    for rest, part in zip(reversed(range(len(location))), location, strict=True):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError) as error:
            if rest or isinstance(error, TypeError):
                continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _names_at(cls: type, location: Iterable[str | int]) -> list[str]:
    """List the settings of the class that a place leads to."""
    here = [cls]
    for part in location:
        types = [_fields(one)[part] for one in here if part in _fields(one)]
        here = [inner for one in types for inner in _classes(one)] or here
    return [str(name) for one in here for name in _fields(one)]


def _fields(cls: type) -> dict[str | int, Any]:
    found: dict[str, Any] = getattr(cls, "__pydantic_fields__", {})
    return {name: one.annotation for name, one in found.items()}


def _classes(annotation: Any) -> Iterator[type]:
    if hasattr(annotation, "__pydantic_fields__"):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _key_in(here: Any, part: str, assignment: str) -> Any:
    if isinstance(here, dict):
        return part
    length = len(cast("list[Any]", here)) if isinstance(here, list) else 0
    if part.isdecimal() and int(part) < length:
        return int(part)
    raise SettingsError(f"`{assignment}` leads nowhere: there is no `{part}`.")


def _value_of(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    is_one = parsed.keys() == {"value"} and not isinstance(parsed["value"], date | time)
    return parsed["value"] if is_one else text


def _refuse_depth(data: Any, where: str, *path: str) -> None:
    if isinstance(data, dict):
        if len(path) > 2:
            what = f"{where}: the table `{'.'.join(path)}` lies deeper than two levels."
            raise SettingsError(what, "Flat files can be read and compared.")
        for name, value in cast("dict[str, Any]", data).items():
            _refuse_depth(value, where, *path, name)
    elif isinstance(data, list):
        for value in cast("list[Any]", data):
            _refuse_depth(value, where, *path)


def _lines(data: dict[str, Any], path: str = "") -> Iterator[str]:
    """Write a table: its values first, because tables end what stands above them."""
    tables: list[tuple[str, list[dict[str, Any]]]] = []
    for name, value in data.items():
        key = name if _BARE.fullmatch(name) else _toml(name)
        items = cast("list[Any]", value if isinstance(value, list) else [])
        if isinstance(value, dict):
            tables.append((f"[{path}{key}]", [cast("dict[str, Any]", value)]))
        elif items and all(isinstance(item, dict) for item in items):
            tables.append((f"[[{path}{key}]]", items))
        else:
            yield f"{key} = {_toml(value)}"
    for title, items in tables:
        for item in items:
            yield f"\n{title}"
            yield from _lines(item, f"{title.strip('[]')}.")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, cast("list[Any]", value))) + "]"
    # JSON and TOML write scalars alike, but TOML wants DEL escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
