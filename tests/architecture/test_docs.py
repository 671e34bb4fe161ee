"""What there is, is documented; and what is documented, is so."""

import dataclasses
import importlib.util
import inspect
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import pellucid
from pellucid.core.records import LoadOptions, Request

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where dataclasses look for the names of types
    spec.loader.exec_module(module)
    return module


generate = load(ROOT / "docs" / "generate.py")


def pages(folder: Path) -> list[Path]:
    """All Markdown of the project: its own, not that of an environment inside it."""
    return sorted([*folder.glob("*.md"), *folder.glob("docs/**/*.md")])


def undocumented(names: Iterable[str], page: str) -> list[str]:
    """Names with neither a heading, nor an item, nor a row of a table."""
    start = r"^(?:#+ |- `|\| (?:`[^`]*`, )*`)"
    return [
        name
        for name in names
        if not re.search(f"{start}{re.escape(name)}(?:$|`)", page, re.MULTILINE)
    ]


def broken_links(folder: Path) -> list[str]:
    found: list[str] = []
    for page in pages(folder):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            there = page.parent / path if path else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                found.append(f"{page.relative_to(folder)}: {target}")
    return found


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings]
    return {each.replace(" ", "-") for each in words}


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def unknown_commands(page: Path, known: Iterable[str]) -> list[str]:
    """Commands of shell blocks that the command line does not have."""
    known = set(known)
    lines = [
        line.removeprefix("$ ")
        for language in ("bash", "console")
        for block in blocks(page, language)
        for line in block.splitlines()
        if line.removeprefix("$ ").startswith("pellucid ")
    ]
    words = [shlex.split(line, comments=True)[1] for line in lines]
    return [word for word in words if word not in known and not word.startswith("--")]


def names_for(page: str) -> list[str]:
    """What must have an entry on a page."""
    registries = generate.registries()
    match page:
        case "commands.md":
            return [*generate.commands(), *spellings()]
        case "errors.md":
            return list(generate.errors())
        case "formats.md":
            return generate.built_in(registries["formats"])
        case "settings.md":
            kinds = generate.settings()
            return [
                *kinds,
                *(field for each in kinds.values() for field in fields_of(each)),
            ]
        case _:
            ours = [generate.built_in(each) for each in registries.values()]
            return [*registries, *(name for names in ours for name in names)]


def fields_of(kind: Any) -> list[str]:
    """What can be set; what all of a class share, such as a card, is no setting."""
    return [field.name for field in dataclasses.fields(kind)]


def spellings() -> list[str]:
    return [
        spelling
        for command in generate.commands().values()
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.hidden
        for spelling in parameter.opts
    ]


PAGES = ["commands.md", "errors.md", "formats.md", "settings.md", "plug-ins.md"]


@pytest.mark.parametrize("page", PAGES)
def test_everything_has_an_entry(page: str):
    names = names_for(page)
    assert names
    text = (REFERENCE / page).read_text(encoding="utf-8")
    assert undocumented(names, text) == []


def test_the_reference_is_what_the_code_says():
    assert generate.stale(REFERENCE, generate.pages()) == []


def test_every_field_is_described():
    mute = [
        f"{name}.{field}"
        for name, kind in generate.settings().items()
        for field in fields_of(kind)
        if field not in generate.attributes(kind)
    ]
    assert mute == []


def test_no_option_lacks_its_help():
    mute = [
        f"{name} {parameter.name}"
        for name, command in generate.commands().items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert mute == []


def test_no_command_has_more_than_twenty_five_options():
    options = {
        name: [each for each in command.params if each.param_type_name == "option"]
        for name, command in generate.commands().items()
    }
    assert [name for name, each in options.items() if len(each) > 26] == []


def test_links_lead_somewhere():
    assert broken_links(ROOT) == []


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: page.name)
def test_pages_name_commands_that_exist(page: Path):
    known = {name.split()[1] for name in generate.commands()}
    assert unknown_commands(page, known) == []


RUNNABLE = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "guides").glob("*.md")),
    *sorted((ROOT / "docs" / "concepts").glob("*.md")),
]


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_code_of_the_pages_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """All blocks of a page, one after the other, beside a photo called photo.png."""
    rows = np.linspace(0, 255, 32 * 48 * 3, dtype=np.uint8).reshape(32, 48, 3)
    Pillow.fromarray(rows).save(tmp_path / "photo.png")
    Pillow.fromarray(rows).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), names)


EXTEND = sorted((ROOT / "docs" / "extend").glob("*.md"))


@pytest.mark.parametrize("page", EXTEND, ids=lambda page: page.name)
def test_a_page_on_extending_ends_with_a_plug_in(page: Path, tmp_path: Path):
    assert page.read_text(encoding="utf-8").endswith("```\n")
    assert inspect.isclass(copied(page, tmp_path).PLUGIN)


def test_the_format_to_copy_loses_nothing(tmp_path: Path):
    kind = copied(ROOT / "docs" / "extend" / "a-format.md", tmp_path).PLUGIN
    ramp = np.linspace(0, 65_535, 4 * 5 * 3, dtype=np.uint16).reshape(4, 5, 3)
    alpha = np.full((4, 5), 0.25, np.float32)
    carried = pellucid.Carried(sample_type="uint16")
    pixels = np.divide(ramp, 65_535, dtype=np.float32)
    photo = pellucid.Image(pixels, alpha, carried)
    data = kind().encode(photo, pellucid.WriteOptions())
    again = kind().decode(data, pellucid.Limits())
    assert kind().recognises(data[:64])
    np.testing.assert_array_equal(again.pixels, photo.pixels)
    np.testing.assert_allclose(again.alpha, alpha, atol=1 / 65_535)
    with pytest.raises(pellucid.BadImage):
        kind().decode(data[:-1], pellucid.Limits())
    with pytest.raises(pellucid.TooLarge):
        kind().decode(data, pellucid.Limits(max_pixels=19))


def test_the_degradation_to_copy_keeps_the_main_promises(tmp_path: Path):
    kind = copied(ROOT / "docs" / "extend" / "a-degradation.md", tmp_path).PLUGIN()
    image = pellucid.Image(np.full((3, 2, 3), 0.25, np.float32))
    mild, strong = (
        kind.apply(image, kind.sample(np.random.default_rng(1), each))
        for each in (0.0, 1.0)
    )
    assert mild.pixels.shape == strong.pixels.shape == (3, 2, 3)
    np.testing.assert_allclose(strong.pixels[0, 0], [0.2675, 0.225, 0.17], atol=1e-6)
    assert np.abs(mild.pixels - 0.25).max() < np.abs(strong.pixels - 0.25).max()


def test_the_restorer_to_copy_takes_single_pixels_away(tmp_path: Path):
    page = ROOT / "docs" / "extend" / "a-restorer.md"
    model = copied(page, tmp_path).PLUGIN.load(LoadOptions(tile=16))
    pixels = np.full((40, 50, 3), 0.25, np.float32)
    pixels[::9, ::7] = 1.0
    for size in [(40, 50), (1, 1)]:
        image = pellucid.Image(pixels[: size[0], : size[1]])
        again = model.restore(image, Request(task=("denoise",)))
        assert again.pixels.shape == image.pixels.shape
    assert (model.restore(pellucid.Image(pixels), Request()).pixels == 0.25).all()


def copied(page: Path, folder: Path) -> ModuleType:
    path = folder / f"{page.stem.replace('-', '_')}.py"
    path.write_text(blocks(page, "python")[-1], encoding="utf-8")
    return load(path)


# The rules bite.


def test_a_missing_entry_is_found():
    page = (
        "## haze\n\n- `rain`: wet\n\n| `lr` | float |\n| `-o`, `--output` | where |\n"
    )
    there = ["haze", "rain", "lr", "-o", "--output"]
    assert undocumented([*there, "snow", "ha", "wet"], page) == ["snow", "ha", "wet"]


def test_a_stale_page_is_found(tmp_path: Path):
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    (tmp_path / "b.md").write_text("same", encoding="utf-8")
    wanted = {"a.md": "new", "b.md": "same", "c.md": ""}
    assert generate.stale(tmp_path, wanted) == ["a.md", "c.md"]


def test_a_broken_link_is_found(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.md").write_text("# Two words\n", encoding="utf-8")
    good = "[b](docs/b.md) [b](docs/b.md#two-words) [w](https://example.org/x)"
    bad = "[c](docs/c.md) [b](docs/b.md#three)"
    (tmp_path / "a.md").write_text(f"{good}\n{bad}\n", encoding="utf-8")
    assert broken_links(tmp_path) == ["a.md: docs/c.md", "a.md: docs/b.md#three"]


def test_an_unknown_command_is_found(tmp_path: Path):
    page = tmp_path / "a.md"
    page.write_text(
        "```console\n$ pellucid info x.png\n$ pellucid polish x.png\n```\n",
        encoding="utf-8",
    )
    assert unknown_commands(page, ["info"]) == ["polish"]
