"""RealRestorer as users call it, with a tiny random model."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import write_bundle

import pellucid
from pellucid.cli.main import main
from pellucid.core.errors import MissingDependency, MissingModel, SettingsError
from pellucid.core.files import read, write
from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.seeds import stream
from pellucid.restore.models import realrestorer
from pellucid.restore.models.realrestorer import RealRestorer

pytest.importorskip("diffusers")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("models") / "realrestorer")


@pytest.fixture(scope="module")
def model(bundle: Path) -> RealRestorer:
    return RealRestorer.load(LoadOptions(weights_folder=bundle))


def photo(height: int = 40, width: int = 56) -> Image:
    pixels = stream(6, "photo").random((height, width, 3), dtype=np.float32)
    return Image(0.25 + 0.5 * pixels)


@pytest.mark.parametrize("size", [(1, 1), (17, 31), (48, 64)])
def test_any_size_in_the_same_size_out(model: RealRestorer, size: tuple[int, int]):
    request = Request(task=("denoise",), steps=1)
    assert model.restore(photo(*size), request).pixels.shape == (*size, 3)


def test_every_task_is_done_and_two_are_done_one_after_the_other(model: RealRestorer):
    told: list[tuple[int, int]] = []
    for task in model.card.tasks:
        model.restore(photo(16, 16), Request(task=(task,), steps=1))
    both = Request(task=("dehaze", "deblur"), steps=2)
    model.restore_telling(photo(16, 16), both, lambda d, t: told.append((d, t)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_pictures_together_are_those_one_by_one(model: RealRestorer):
    images = [photo(40, 56), photo(33, 50), photo(16, 16), photo(48, 64), photo(40, 56)]
    request, told = Request(task=("dehaze",), steps=2), list[tuple[int, int]]()
    together = replace(model, batch=2)
    found = together.restore_all(images, request, lambda d, t: told.append((d, t)))
    for image, result in zip(images, found, strict=True):
        wanted = model.restore(image, request).pixels
        np.testing.assert_allclose(result.pixels, wanted, atol=2e-5)
    assert told == [(done, 6) for done in range(1, 7)]


def test_what_is_told_may_end_the_work(model: RealRestorer):
    def enough(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.restore_telling(photo(), Request(task=("dehaze",), steps=2), enough)


def test_words_steps_guidance_and_seed_count(model: RealRestorer):
    image = photo()
    first = model.restore(image, Request(task=("dehaze",), steps=2)).pixels
    for other in (
        Request(task=("dehaze",), steps=3),
        Request(task=("dehaze",), steps=2, seed=1),
        Request(task=("dehaze",), steps=2, guidance=6.0),
        Request(task=("dehaze",), steps=2, prompt="Make it blue"),
        Request(task=("dehaze",), steps=2, language="zh"),
    ):
        assert not np.array_equal(first, model.restore(image, other).pixels)
    again = model.restore(image, Request(task=("dehaze",), steps=2)).pixels
    np.testing.assert_array_equal(first, again)


def test_tone_stays_where_the_task_does_not_move_it(model: RealRestorer):
    image = photo(96, 96)
    kept = model.restore(image, Request(task=("denoise",), steps=1)).pixels
    assert np.abs(kept.mean((0, 1)) - image.pixels.mean((0, 1))).max() < 0.02


def test_the_command_restores_a_file_and_says_how(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    write(photo(), source)
    line = ["restore", str(source), "-o", str(target), "--model", "realrestorer"]
    line += ["--weights", str(bundle), "-t", "dehaze", "--steps", "2", "--seed", "3"]
    assert main(line) == 0
    assert read(target).pixels.shape == (40, 56, 3)
    told = (tmp_path / "out.png.receipt.json").read_text()
    assert '"model": "realrestorer"' in told
    assert '"steps": 2' in told
    assert "transformer/diffusion_pytorch_model.safetensors" in told


def test_from_python(bundle: Path):
    restorer = pellucid.Restorer.load("realrestorer", weights_folder=bundle)
    result = restorer(photo().pixels, task="dehaze", steps=2)
    assert isinstance(result.image, np.ndarray)
    assert result.request.steps == 2
    with pytest.raises(SettingsError, match="stpes"):
        restorer(photo().pixels, task="dehaze", stpes=2)


def test_a_speed_up_that_must_know_the_weights_is_prepared_once(
    bundle: Path, tmp_path: Path
):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    model = RealRestorer.load(LoadOptions(weights_folder=copy))
    exact = Request(task=("dehaze",), steps=6)
    hurried = replace(exact, speed_ups=("mag-cache",))
    with pytest.raises(MissingModel, match="measured on the weights"):
        model.restore(photo(), hurried)
    model.prepare_speed_ups([photo()], replace(exact, speed_ups=("compile",)))
    assert not (copy / "mag_ratios.json").exists()
    model.prepare_speed_ups([photo(), photo(24, 80)], hurried)
    assert (copy / "mag_ratios.json").is_file()
    found = model.restore(photo(), hurried).pixels
    assert 0.0 < np.abs(found - model.restore(photo(), exact).pixels).mean() < 0.05


def test_a_receipt_is_replayed_from_the_same_folder(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    write(photo(16, 16), source)
    line = ["restore", str(source), "-o", str(target), "--model", "realrestorer"]
    line += ["--weights", str(bundle), "-t", "dehaze", "--steps", "1"]
    assert main(line) == 0
    receipt = str(tmp_path / "out.png.receipt.json")
    assert '"memory": "cpu"' in Path(receipt).read_text()
    assert main(["replay", receipt, "--weights", str(bundle)]) == 0
    assert "the same pixels" in capsys.readouterr().out


def test_without_weights_it_says_where_they_belong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PELLUCID_MODELS", str(tmp_path))
    with pytest.raises(MissingModel, match="realrestorer are not there") as caught:
        RealRestorer.load(LoadOptions())
    assert "--weights FOLDER" in caught.value.hint


def test_without_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(realrestorer, "PACKAGES", ("no_such_package",))
    with pytest.raises(MissingDependency) as caught:
        RealRestorer.load(LoadOptions())
    assert caught.value.hint == 'pip install "pellucid[models]"'
