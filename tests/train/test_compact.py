"""Learning, stopping, going on."""

import math
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from pellucid.core.errors import InputMissing, SettingsError
from pellucid.train.checkpoint import read
from pellucid.train.compact import (
    Diverged,
    Learner,
    Told,
    rate_at,
    stage_at,
    total,
    train,
    unlearned,
)
from pellucid.train.export import export
from pellucid.train.settings import Run

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    """Sums in another order would differ in the last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(run: Run, home: Path, folder: Path, **how) -> list[Told]:
    found: list[Told] = []
    train(run, home, folder, tell=found.append, **how)
    return found


def test_stages_follow_one_another(run: Run):
    assert total(run) == 6
    assert [stage_at(run, step)[1] for step in range(6)] == [0, 1, 2, 0, 1, 2]
    assert stage_at(run, 3)[0].crop == 48
    with pytest.raises(SettingsError):
        stage_at(run, 6)


def test_the_rate_rises_and_then_falls_like_a_cosine(run: Run):
    long = replace(run, warmup=4, stage=(replace(run.stage[0], steps=100),))
    rates = [rate_at(long, step) for step in range(100)]
    assert rates[0] < rates[1] < rates[2] < rates[3]
    assert all(one > two for one, two in pairwise(rates[4:]))
    assert rates[50] == pytest.approx((1e-3 + 1e-5) / 2, rel=1e-6)


def test_a_run_that_stopped_goes_on_exactly(run: Run, home: Path, tmp_path: Path):
    whole = trained(run, home, tmp_path / "whole")
    first = trained(run, home, tmp_path / "halves", stop_after_s=0.0)
    assert [told.step for told in first] == [1]
    rest = trained(run, home, tmp_path / "halves")
    assert [told.step for told in rest] == [2, 3, 4, 5, 6]
    for one, two in zip(whole, [*first, *rest], strict=True):
        assert one.losses == pytest.approx(two.losses, abs=1e-6)
    one, two = (
        read(tmp_path / name / "checkpoint.safetensors") for name in ("whole", "halves")
    )
    assert one is not None
    assert two is not None
    for name, tensor in one.tensors.items():
        torch.testing.assert_close(tensor, two.tensors[name], atol=1e-6, rtol=0)


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_exactly(run: Run, home: Path, tmp_path: Path):
    whole = trained(run, home, tmp_path / "whole")
    words = ["-m", "pellucid", "train", str(home / "run.toml"), "-o"]
    process = subprocess.Popen([sys.executable, *words, str(tmp_path / "killed")])
    while not (tmp_path / "killed" / "checkpoint.safetensors").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rest = trained(run, home, tmp_path / "killed")
    for told in rest:
        assert told.losses == pytest.approx(whole[told.step - 1].losses, abs=1e-4)


def test_a_step_that_is_no_number_changes_nothing(run: Run, home: Path):
    long = replace(run, stage=(replace(run.stage[0], steps=60),))
    learner, batch = Learner(long, CPU), first_batch(run, home)
    learner.learn(batch)
    before = {name: each.clone() for name, each in learner.nets.state_dict().items()}
    batch.clean[:] = batch.thumbnails[:] = batch.patches[:] = math.nan
    for _ in range(19):
        learner.learn(batch)
    for name, tensor in learner.nets.state_dict().items():
        assert torch.equal(tensor, before[name])
    with pytest.raises(Diverged, match="no number"):
        learner.learn(batch)


def test_it_learns(run: Run, home: Path):
    """One batch, seen again and again, is learned by heart."""
    stage = replace(run.stage[0], steps=60, lr=1e-3)
    learner = Learner(replace(run, stage=(stage,)), CPU)
    batch = first_batch(run, home)
    losses = [learner.learn(batch)["loss"] for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_the_mean_follows_the_weights(run: Run, home: Path):
    learner, batch = Learner(run, CPU), first_batch(run, home)
    for _ in range(4):
        learner.learn(batch)
    pairs = zip(learner.mean.parameters(), learner.nets.parameters(), strict=True)
    distances = [float((one - two).detach().abs().max()) for one, two in pairs]
    assert 0.0 < max(distances) < 0.1


def test_another_run_does_not_go_on(run: Run, home: Path, tmp_path: Path):
    trained(run, home, tmp_path, stop_after_s=0.0)
    other = replace(run, seed=4)
    with pytest.raises(SettingsError, match="seed"):
        train(other, home, tmp_path)


def first_batch(run: Run, home: Path):
    from pellucid.train.compact import drawings

    return next(drawings(run, home, 0)).draw()


def test_a_run_may_go_on_from_exported_weights(run: Run, home: Path, tmp_path: Path):
    pytest.importorskip("onnxscript")
    first = Learner(run, CPU)
    first.learn(first_batch(run, home))
    batches = [drawing.draw() for drawing in unlearned(run, home, 2)]
    export(first.mean, batches, tmp_path)
    second = Learner(replace(run, seed=9), CPU)
    second.begin(tmp_path)
    for name, tensor in second.nets.state_dict().items():
        known = first.mean.state_dict()[name]
        torch.testing.assert_close(tensor, known, atol=1e-3, rtol=1e-3)
    longer = replace(run, seed=9, start=str(tmp_path))
    found = trained(longer, home, tmp_path / "run", stop_after_s=0.0)
    assert [told.step for told in found] == [1]
    with pytest.raises(InputMissing, match="nowhere"):
        train(replace(run, start="nowhere"), home, tmp_path / "third")
