import sys
from pathlib import Path

import pytest

from pellucid.cli import environment
from pellucid.cli.requirements import Requirements


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install packages of one line of code each."""

    def install(name: str, code: str) -> None:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(code)
        folder = tmp_path / f"{name}-1.5.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n"
        (folder / "METADATA").write_text(text)

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    for name in ("torch", "torchvision", "halfbuilt"):
        # The real torch must stay: it cannot be imported a second time.
        if str(tmp_path) in str(getattr(sys.modules.get(name), "__file__", "")):
            del sys.modules[name]


TORCH = """
from types import SimpleNamespace as S
__version__ = "2.9"
card = S(name="H200", total_memory=150_000_000_000)
cuda = S(is_available=lambda: True, device_count=lambda: 1,
         get_device_properties=lambda index: card)
backends = S(mps=S(is_available=lambda: False))
"""


def test_the_machine_is_described():
    found = {finding.name: finding.value for finding in environment.machine()}
    assert {"pellucid", "python", "platform", "memory", "disk"} <= set(found)
    assert int(found["processors"]) >= 1
    assert "free in" in found["disk"]


def test_a_folder_that_is_gone_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def gone(_: type[Path]) -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", classmethod(gone))
    found = {finding.name: finding.value for finding in environment.machine()}
    assert found["disk"] == "unknown: No such file or directory"


def test_a_core_package_that_is_missing_or_broken_is_found(packages):
    packages("halfbuilt", "raise OSError('libfoo.so: cannot open')")
    needed = Requirements(core=("pillow", "halfbuilt", "no-such-thing"))
    good, half, none = environment.core(needed)
    assert good.state == "ok"
    assert half.state == none.state == "broken"
    assert half.value == "1.5, but broken: OSError: libfoo.so: cannot open"
    assert "pip install" in half.hint


def test_the_features_of_pillow_are_listed():
    names = [finding.name for finding in environment.pillow_features()]
    assert names == ["jpeg-turbo", "webp", "avif", "littlecms"]


def test_graphics_cards_are_found_through_torch(packages):
    packages("torch", TORCH)
    found = {finding.name: finding.value for finding in environment.devices()}
    assert found["torch"] == "2.9"
    assert found["cuda:0"] == "H200, 150 GB"
    assert "CPUExecutionProvider" in found["onnxruntime"]


def test_a_driver_that_fails_is_reported(packages):
    packages("torch", TORCH + "def fail(): raise RuntimeError('no driver')\n")
    code = "cuda.is_available = fail\n"
    path = Path(sys.path[0]) / "torch.py"
    path.write_text(path.read_text() + code)
    found = {finding.name: finding for finding in environment.devices()}
    assert found["cuda"].state == "broken"
    assert "no driver" in found["cuda"].value


def test_a_torchvision_that_does_not_fit_is_named_with_its_cure(packages):
    message = "operator torchvision::nms does not exist"
    packages("torchvision", f"raise RuntimeError('{message}')")
    found = {finding.name: finding for finding in environment.devices()}
    assert found["torchvision"].state == "broken"
    assert message in found["torchvision"].value
    assert "pip uninstall torchvision" in found["torchvision"].hint


def test_no_torchvision_is_fine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(environment, "installed_version", lambda name: None)
    found = {finding.name: finding for finding in environment.devices()}
    assert found["torchvision"].state == "ok"
    assert found["torch"].state == "absent"


def test_an_extra_that_is_missing_comes_with_its_command():
    needed = Requirements(extras={"test": ("pytest",), "heic": ("no-such-thing",)})
    have, lack = environment.extras(needed)
    assert (have.value, have.hint) == ("installed", "")
    assert lack.value == "missing no-such-thing"
    assert lack.hint == 'pip install "pellucid[heic]"'
