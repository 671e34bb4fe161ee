"""Write docs/reference from the live code.

python docs/generate.py           write the pages
python docs/generate.py --check   write nothing; end with 1 if a page is stale
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

REFERENCE = Path(__file__).parent / "reference"

NOTE = "<!-- Written by docs/generate.py: change the code, then run `make docs`. -->"


def pages() -> dict[str, str]:
    """Build every page of the reference: file name to text."""
    return {
        "commands.md": _page("Commands", _commands()),
        "errors.md": _page("Errors", _errors()),
        "formats.md": _page("Formats", _formats()),
        "settings.md": _page("Settings and records", _settings()),
        "plug-ins.md": _page("Plug-ins", _plug_ins()),
        "public-names.txt": "".join(f"{name}\n" for name in public_names()),
    }


def stale(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Name the pages that are not there, or say something else."""

    def is_stale(name: str) -> bool:
        path = folder / name
        return not path.exists() or path.read_text(encoding="utf-8") != wanted[name]

    return [name for name in sorted(wanted) if is_stale(name)]


# What there is: the pages are made from these, and the tests count them.


def public_names() -> list[str]:
    """List what ``import pellucid`` promises."""
    return sorted(import_module("pellucid").__all__)


def commands() -> dict[str, Any]:
    """Walk the command line: full name to click command, sub-commands too."""
    import typer

    app = import_module("pellucid.cli.main").app
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        if not hasattr(command, "list_commands"):
            found[name] = command
            return
        context = command.context_class(command, info_name=name)
        for child in command.list_commands(context):
            below = command.get_command(context, child)
            if not below.hidden:
                walk(below, f"{name} {child}")

    walk(typer.main.get_command(app), "pellucid")
    return dict(sorted(found.items()))


def errors() -> dict[str, type[Any]]:
    """List the error tree in the order in which it is written, then other errors."""
    module = import_module("pellucid.core.errors")
    known = [value for value in vars(module).values() if inspect.isclass(value)]
    found = [*known, *(value for value in _classes() if value not in known)]
    return {
        value.__name__: value
        for value in found
        if issubclass(value, module.PellucidError)
    }


def settings() -> dict[str, type]:
    """List what can be set: the two bags of options, and each settings class."""
    options = import_module("pellucid.core.options")
    found: list[type] = [options.Limits, options.WriteOptions]
    found += [value for value in _classes() if _is_settings(value)]
    return {value.__name__: value for value in found}


def registries() -> dict[str, Any]:
    """List the groups of plug-ins."""
    return dict(import_module("pellucid.core.registry").REGISTRIES)


def built_in(registry: Any) -> list[str]:
    """List our own plug-ins: a page must not depend on what else is installed."""
    return [name for name in registry.names() if registry.origin(name) == "built in"]


# The pages.


def _page(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines).strip()
    return f"{NOTE}\n\n# {title}\n\n{body}\n"


def _commands() -> Iterator[str]:
    yield "`pellucid NAME --help` says the same. Data goes to stdout, messages to"
    yield "stderr."
    for name, command in commands().items():
        yield f"\n## {name}\n"
        yield _clean(command.help or "")
        parameters = [p for p in command.params if not getattr(p, "hidden", False)]
        if parameters:
            yield "\n| parameter | what | default |\n|---|---|---|"
        for parameter in parameters:
            what = _one_line(getattr(parameter, "help", None) or "")
            yield f"| {_spelling(parameter)} | {what} | {_default(parameter)} |"
    yield "\n## Exit codes\n"
    yield "| code | meaning |\n|---|---|"
    codes = import_module("pellucid.cli.exit_codes").ExitCode
    about = attributes(codes)
    for code in codes:
        yield f"| {code.value} | {about[code.name]} |"


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    spellings = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(f"`{each}`" for each in spellings)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if getattr(parameter, "is_flag", False):
        return "on" if parameter.default else "off"
    value = parameter.default
    if value is None or callable(value) or repr(value).startswith("Sentinel"):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _errors() -> Iterator[str]:
    yield "Everything a user can cause is a `PellucidError`: one sentence about what"
    yield "is wrong, and a `hint` about what to do. A command ends with its exit code."
    for name, error in errors().items():
        parent = error.__mro__[1].__name__
        yield f"\n## {name}\n"
        yield f"{_clean(_summary(error))}\n"
        yield f"Kind of `{parent}`. Exit code {getattr(error, 'exit_code', 1)}."


def _formats() -> Iterator[str]:
    formats = registries()["formats"]
    yield "What each format holds beside the pixels, and the samples it can write."
    for name in built_in(formats):
        kind = formats.get(name)
        yield f"\n## {name}\n"
        yield f"{_clean(_summary(kind))}\n"
        yield f"- Title: {kind.title}"
        yield f"- Extensions: {_codes(kind.extensions)}"
        yield f"- Holds: {_codes(sorted(kind.holds)) or 'pixels only'}"
        yield f"- Writes: {_codes(kind.sample_types) or 'nothing; it is read only'}"


def _settings() -> Iterator[str]:
    yield "Classes whose fields are checked when built. Unknown names are refused."
    yield "`Name` is text that is not empty, `Share` lies between 0 and 1, `Count` and"
    yield "`Amount` are 0 or more, `Positive` is 1 or more."
    for name, kind in settings().items():
        about = attributes(kind)
        yield f"\n## {name}\n"
        yield f"{_clean(_summary(kind))} In `{kind.__module__}`.\n"
        yield "| field | type | default | what |\n|---|---|---|---|"
        for field in dataclasses.fields(kind):
            default = _field_default(field)
            type_ = str(field.type).replace("|", "\\|")
            what = about.get(field.name, "")
            yield f"| `{field.name}` | `{type_}` | {default} | {what} |"


def _plug_ins() -> Iterator[str]:
    yield "A file in the folder is a plug-in of that name. From another package, an"
    yield "entry point of the group is one. Nothing else has to be edited."
    for title, registry in registries().items():
        yield f"\n## {title}\n"
        yield f"Folder `{registry.folder}`, entry points `{registry.group}`.\n"
        names = built_in(registry)
        for name in names:
            yield f"- `{name}`: {_one_line(_summary(registry.get(name)))}"
        if not names:
            yield "None yet."


# Taking text from code.


def _classes() -> Iterator[type]:
    package = import_module("pellucid")
    for module in walk_packages(package.__path__, "pellucid."):
        if not module.name.endswith("__main__"):
            for value in vars(import_module(module.name)).values():
                if inspect.isclass(value) and value.__module__ == module.name:
                    yield value


def _is_settings(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and hasattr(kind, "__pydantic_validator__")


def _summary(thing: Any) -> str:
    """Take the first paragraph of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n\n")[0]


def attributes(kind: type) -> dict[str, str]:
    """Take what a docstring says about each attribute."""
    section = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    return {name: _one_line(text) for name, text in found}


def _field_default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    factory: Callable[[], Any] | Any = field.default_factory
    return "required" if factory is dataclasses.MISSING else f"`{factory()!r}`"


def _clean(text: str) -> str:
    """Make Markdown of a docstring."""
    return inspect.cleandoc(text.replace("\f", "")).replace("``", "`")


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split()).replace("|", "\\|")


def _codes(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are stale."""
    wanted = pages()
    if arguments == ["--check"]:
        names = stale(REFERENCE, wanted)
        for name in names:
            print(f"docs/reference/{name} is stale; run `make docs`.", file=sys.stderr)
        return 1 if names else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    REFERENCE.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
