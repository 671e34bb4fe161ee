"""Rules about files: each is a function over a folder, and is shown to bite."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pellucid"
TESTS = ROOT / "tests"

MAX_LINES = 400
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "base", "tools"}
VAGUE |= {"manager", "factory"}
UNMIRRORED = {"__init__", "__main__"}
# Folders of tests that look at the whole and not at one module.
WHOLE = {"architecture", "contracts", "calibration", "golden", "examples"}
WHOLE |= {"gpu", "browser"}


def long_files(folder: Path) -> list[str]:
    files = sorted(folder.rglob("*.py"))
    return [
        f"{file.relative_to(folder).as_posix()}: {count} lines"
        for file in files
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    ]


def vague_names(folder: Path) -> list[str]:
    things = sorted(each for each in folder.rglob("*") if each.name != "__pycache__")
    return [
        each.relative_to(folder).as_posix() for each in things if each.stem in VAGUE
    ]


def untested(source: Path, tests: Path) -> list[str]:
    """A module is tested by test_<module>.py or test_<module>_<aspect>.py."""
    found: list[str] = []
    for file in sorted(source.rglob("*.py")):
        below = file.relative_to(source)
        name = file.stem.strip("_")
        beside = tests / below.parent
        exact = beside / f"test_{name}.py"
        if file.stem in UNMIRRORED or "vendored" in below.parts or exact.exists():
            continue
        if not any(beside.glob(f"test_{name}_*.py")):
            found.append(below.as_posix())
    return found


def orphans(source: Path, tests: Path) -> list[str]:
    """A test file names a module, or a module and an aspect of it."""
    found: list[str] = []
    for file in sorted(tests.rglob("test_*.py")):
        below = file.relative_to(tests)
        if below.parts[0] in WHOLE:
            continue
        folder = source / below.parent
        stems = {each.stem.strip("_") for each in folder.glob("*.py")}
        stems |= {each.name for each in folder.glob("*/") if each.is_dir()}
        words = file.stem.removeprefix("test_").split("_")
        names = {"_".join(words[:end]) for end in range(1, len(words) + 1)}
        if not names & (stems - {"init"}):
            found.append(below.as_posix())
    return found


def silent_handlers(folder: Path) -> list[str]:
    """``except Exception: pass``, and what means the same."""
    found: list[str] = []
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and _is_silent(node):
                found.append(f"{file.relative_to(folder).as_posix()}:{node.lineno}")
    return found


def _is_silent(handler: ast.ExceptHandler) -> bool:
    wide = handler.type is None or (
        isinstance(handler.type, ast.Name)
        and handler.type.id in ("Exception", "BaseException")
    )
    return wide and all(
        isinstance(line, ast.Pass | ast.Continue)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in handler.body
    )


def loaded(arguments: list[str], folder: Path = ROOT) -> set[str]:
    """Top-level packages that a fresh interpreter imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    lines = [line for line in run.stderr.splitlines() if line.startswith("import time")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def modules(source: Path) -> list[str]:
    files = [each for each in source.rglob("*.py") if each.stem != "__main__"]
    parts = [each.relative_to(source.parent).with_suffix("").parts for each in files]
    return sorted(".".join(each).removesuffix(".__init__") for each in parts)


@pytest.mark.parametrize("folder", [SOURCE, TESTS], ids=["src", "tests"])
def test_no_file_is_long(folder: Path):
    assert long_files(folder) == []


@pytest.mark.parametrize("folder", [SOURCE, TESTS], ids=["src", "tests"])
def test_no_file_has_a_vague_name(folder: Path):
    assert vague_names(folder) == []


def test_every_module_has_its_test():
    assert untested(SOURCE, TESTS) == []


def test_every_test_has_its_module():
    assert orphans(SOURCE, TESTS) == []


def test_no_error_is_swallowed():
    assert silent_handlers(SOURCE) == []


def test_help_starts_without_anything_heavy():
    heavy = {"torch", "onnxruntime", "numpy", "PIL", "tifffile"}
    assert loaded(["-m", "pellucid", "--help"]) & heavy == set()


def test_importing_the_package_imports_nothing_but_itself():
    extra = loaded(["-c", "import pellucid"]) - loaded(["-c", "pass"])
    heavy = {"numpy", "PIL", "tifffile", "pydantic", "onnxruntime", "torch", "typer"}
    assert "pellucid" in extra
    assert extra & heavy == set()


def test_no_module_of_the_core_imports_torch():
    core = [name for name in modules(SOURCE) if name.startswith("pellucid.core")]
    names = loaded(["-c", f"import {', '.join(core)}"])
    assert names & {"torch", "ray", "fastapi", "diffusers", "transformers"} == set()


# The rules bite.


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_long_file_is_found(tmp_path: Path):
    write(tmp_path, {"short.py": "x = 1\n" * 400, "core/long.py": "x = 1\n" * 401})
    assert long_files(tmp_path) == ["core/long.py: 401 lines"]


@pytest.mark.parametrize("name", sorted(VAGUE))
def test_a_vague_name_is_found(tmp_path: Path, name: str):
    write(tmp_path, {"core/utilities.py": "", "common_ground.py": ""})
    assert vague_names(tmp_path) == []
    write(tmp_path, {f"{name}.py": "", f"core/{name}/files.py": ""})
    assert sorted(vague_names(tmp_path)) == sorted([f"{name}.py", f"core/{name}"])


def test_a_module_without_a_test_is_found(tmp_path: Path):
    names = ["__init__.py", "files.py", "list_.py", "seeds.py"]
    source = write(tmp_path / "src", {f"core/{name}": "" for name in names})
    names = ["test_files_metadata.py", "test_list.py"]
    tests = write(tmp_path / "tests", {f"core/{name}": "" for name in names})
    assert untested(source, tests) == ["core/seeds.py"]


def test_a_test_without_a_module_is_found(tmp_path: Path):
    source = write(tmp_path / "src", {"core/files.py": "", "core/formats/png.py": ""})
    names = ["core/test_files_metadata.py", "core/test_gone.py", "core/test_formats.py"]
    names += ["contracts/test_formats.py", "core/formats/test_png.py"]
    tests = write(tmp_path / "tests", dict.fromkeys(names, ""))
    assert orphans(source, tests) == ["core/test_gone.py"]


@pytest.mark.parametrize("head", ["except:", "except Exception:"])
@pytest.mark.parametrize("body", ["pass", "'why not'", "..."])
def test_a_swallowed_error_is_found(tmp_path: Path, head: str, body: str):
    bad = f"try:\n    x = 1\n{head}\n    {body}\n"
    good = "try:\n    x = 1\nexcept KeyError:\n    pass\n"
    write(tmp_path, {"bad.py": bad, "good.py": good})
    assert silent_handlers(tmp_path) == ["bad.py:3"]


def test_a_heavy_start_is_found(tmp_path: Path):
    probe = "def run():\n    import torch\nrun()\n"
    write(tmp_path, {"torch.py": "", "probe.py": probe})
    assert "torch" in loaded(["-m", "probe"], tmp_path)
