"""Training of the compact restorer and its diagnoser, together.

The restorer is told the damage for some regions, as by a user who names it, and hears
for the others what the diagnoser thinks. The code that the diagnoser adds is learned
from the restorer's mistakes.

Source: L. Chen et al., "Simple Baselines for Image Restoration", ECCV 2022 (AdamW,
        cosine, progressive crops); X. Zhang et al., RealRestorer (two stages).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.core.errors import PellucidError, SettingsError
from pellucid.core.settings import plain
from pellucid.degrade.recipe import chain_of, load_recipe
from pellucid.nets.conv_unet import ConvUNet
from pellucid.nets.diagnoser import Diagnoser, condition_of
from pellucid.train import checkpoint, photographs
from pellucid.train.feed import fed
from pellucid.train.loss import mistake
from pellucid.train.muon import Muon
from pellucid.train.samples import Batch, Drawing
from pellucid.train.settings import Run, Stage
from pellucid.train.shipped import weights_in

TOLD = ("loss", "repair", "presence", "severity")


class Diverged(PellucidError):
    """The loss was not a number for many steps in a row."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a step says of itself.

    Attributes:
        step: Its number, from 1.
        total: Of the run.
        losses: By name.
        seconds: Since this process began to train.
    """

    step: int
    total: int
    losses: dict[str, float]
    seconds: float


class Both(nn.Module):
    """The restorer and the diagnoser, as one to learn and to save."""

    def __init__(self) -> None:
        super().__init__()
        self.restorer = ConvUNet()
        self.diagnoser = Diagnoser()


def train(
    run: Run,
    home: Path,
    folder: Path,
    *,
    device: str = "cpu",
    stop_after_s: float = math.inf,
    tell: Callable[[Told], None] = lambda told: None,
) -> int:
    """Train, or go on where a run was.

    Args:
        run: Everything the result depends on.
        home: What the paths of the run are relative to.
        folder: Where the checkpoint is, and stays.
        device: What to compute on.
        stop_after_s: Save and stop after so many seconds.
        tell: Called after every step.

    Returns:
        Steps that are done.

    Raises:
        SettingsError: If the checkpoint belongs to another run.
        Diverged: If the loss is no number any more.
    """
    learner = Learner(run, torch.device(device))
    path = folder / "checkpoint.safetensors"
    found = checkpoint.read(path)
    if found is None and run.start:
        learner.begin(home / run.start)
    learner.resume(found)
    started, end = time.monotonic(), total(run)
    with closing(fed(drawings(run, home, learner.step), run.workers)) as batches:
        for batch in batches:
            losses = learner.learn(batch)
            seconds = time.monotonic() - started
            tell(Told(step=learner.step, total=end, losses=losses, seconds=seconds))
            is_late = seconds > stop_after_s
            if is_late or learner.step % run.save_every == 0 or learner.step == end:
                checkpoint.write(path, learner.checkpoint())
            if is_late:
                break
    return learner.step


def total(run: Run) -> int:
    """Count the steps of all stages."""
    return sum(stage.steps for stage in run.stage)


def stage_at(run: Run, step: int) -> tuple[Stage, int]:
    """Find the stage of a step, and how many of its steps came before."""
    for stage in run.stage:
        if step < stage.steps:
            return stage, step
        step -= stage.steps
    raise SettingsError(f"The run has no step {step}.")


def rate_at(run: Run, step: int) -> float:
    """The learning rate of a step: a short rise, then half a cosine per stage."""
    stage, done = stage_at(run, step)
    fall = 0.5 + 0.5 * math.cos(math.pi * done / stage.steps)
    rate = stage.lr_end + (stage.lr - stage.lr_end) * fall
    return rate * min(1.0, (step + 1) / max(1, run.warmup))


class Learner:
    """Networks, their mean, and the optimiser.

    Args:
        run: Settings.
        device: What to compute on; on CUDA in bfloat16, else in float32.
    """

    def __init__(self, run: Run, device: torch.device) -> None:
        torch.manual_seed(run.seed)  # only the first weights depend on it
        self.run, self.device, self.step, self._bad = run, device, 0, 0
        self.nets = Both().to(device)
        for parameter in self.nets.parameters():
            if parameter.ndim == 4:  # channels last: twice as fast
                layout = torch.channels_last
                parameter.data = parameter.data.contiguous(memory_format=layout)
        self.mean = deepcopy(self.nets).requires_grad_(requires_grad=False)
        kernels, others = parted(self.nets)
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "adam": torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=1e-4),
            "muon": Muon(kernels),
        }

    def resume(self, found: checkpoint.Checkpoint | None) -> None:
        """Go on from a checkpoint.

        Raises:
            SettingsError: If it belongs to another run.
        """
        if found is None:
            return
        own = plain(self.run)
        other = [key for key in own if found.run.get(key) != own[key]]
        if set(other) - {"stage", "workers", "save_every"}:
            what = f"The checkpoint belongs to another run: `{other[0]}` differs."
            raise SettingsError(what, "Name another folder.")
        checkpoint.unpack("nets", self.nets, found.tensors)
        checkpoint.unpack("mean", self.mean, found.tensors)
        for name, optimizer in self.optimizers.items():
            checkpoint.unpack_moments(name, optimizer, found.tensors)
        self.step = found.step

    def begin(self, folder: Path) -> None:
        """Begin with exported weights.

        Raises:
            InputMissing: If they are not there.
            SettingsError: If they do not fit.
        """
        shipped = weights_in(folder)
        wanted = self.nets.state_dict()
        known = {f"start.{name}": shipped[name] for name in wanted if name in shipped}
        for net in (self.nets, self.mean):
            checkpoint.unpack("start", net, known)

    def checkpoint(self) -> checkpoint.Checkpoint:
        """Take everything that going on needs."""
        tensors = {
            **checkpoint.packed("nets", self.nets),
            **checkpoint.packed("mean", self.mean),
        }
        for name, optimizer in self.optimizers.items():
            tensors |= checkpoint.packed_moments(name, optimizer)
        return checkpoint.Checkpoint(
            step=self.step, tensors=tensors, run=plain(self.run)
        )

    def learn(self, batch: Batch) -> dict[str, float]:
        """Take one step; one whose loss is no number changes nothing."""
        rate = rate_at(self.run, self.step)
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = rate * (self.run.kernels if name == "muon" else 1.0)
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"
        ):
            losses = self.losses(batch)
        self.step += 1
        self.nets.zero_grad(set_to_none=True)
        losses["loss"].backward()
        # One by one: large mistakes of one net must not silence the other.
        norms = [
            nn.utils.clip_grad_norm_(net.parameters(), self.run.clip)
            for net in (self.nets.restorer, self.nets.diagnoser)
        ]
        if all(bool(torch.isfinite(norm)) for norm in norms):
            self._bad = 0
            for optimizer in self.optimizers.values():
                optimizer.step()
            self._follow()
        else:
            self._bad += 1
            if self._bad >= 20:
                what = f"At step {self.step} the gradient is no number any more."
                raise Diverged(what, "Lower `lr`, and go on from the checkpoint.")
        return {name: float(value.detach()) for name, value in losses.items()}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Measure the mistakes on one batch."""
        told = {name: self._tensor(value) for name, value in vars(batch).items()}
        presence, severity = told["presence"], told["severity"]
        logits, guessed, code = self.nets.diagnoser(told["thumbnails"], told["patches"])
        regions = presence.shape[0]
        # The first regions of a batch are as random as any.
        known = torch.arange(regions, device=self.device) < round(
            self.run.taught * regions
        )
        heard = torch.sigmoid(logits).detach(), guessed.detach()
        condition = condition_of(
            torch.where(known[:, None], presence, heard[0]),
            torch.where(known[:, None], severity, heard[1]),
            code,
        )
        crops = told["damaged"].shape[0] // regions
        repaired = self.nets.restorer(
            told["damaged"], condition.repeat_interleave(crops, dim=0)
        )
        repair = mistake(repaired, told["clean"], told["damaged"])
        there = functional.binary_cross_entropy_with_logits(logits.float(), presence)
        strength = (presence * (guessed - severity).abs()).sum() / presence.sum().clamp(
            min=1.0
        )
        loss = repair + self.run.diagnosis * (there + strength)
        return {"loss": loss, "repair": repair, "presence": there, "severity": strength}

    def _tensor(self, values: Any) -> Tensor:
        tensor = torch.from_numpy(values).to(self.device, non_blocking=True)
        is_picture = tensor.ndim == 4
        return tensor.to(memory_format=torch.channels_last) if is_picture else tensor

    def _follow(self) -> None:
        """Let the mean weights follow; quicker at first, when they still move far."""
        keep = min(self.run.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(
                self.mean.parameters(), self.nets.parameters(), strict=True
            ):
                mean.lerp_(now, 1.0 - keep)
            for mean, found in zip(
                self.mean.buffers(), self.nets.buffers(), strict=True
            ):
                mean.copy_(found)


def parted(nets: Both) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Part the kernels inside the nets, for Muon, from everything else.

    First and last layers stay with AdamW: their rows are pixels, not features.
    """
    both = nets.restorer.head, nets.restorer.tail
    ends = {id(each) for end in both for each in end.parameters()}
    kernels = [
        each
        for each in nets.parameters()
        if each.ndim >= 4 and each.shape[-1] == 3 and id(each) not in ends
    ]
    known = {id(each) for each in kernels}
    return kernels, [each for each in nets.parameters() if id(each) not in known]


def drawings(run: Run, home: Path, first: int) -> Iterator[Drawing]:
    """Describe the batches from a step on."""
    draw = _drawer(run, home)
    for step in range(first, total(run)):
        yield draw(step, stage_at(run, step)[0])


def unlearned(run: Run, home: Path, count: int) -> Iterator[Drawing]:
    """Describe batches like those of the last stage that no step learns from."""
    draw = _drawer(run, home)
    for place in range(count):
        yield draw(total(run) + place, run.stage[-1])


def _drawer(run: Run, home: Path) -> Callable[[int, Stage], Drawing]:
    clean = photographs.load(
        home / run.data.folder, run.data.shards, run.data.kept_out, held_out=False
    )
    chains = {
        stage.recipe: chain_of(load_recipe(home / stage.recipe)) for stage in run.stage
    }

    def draw(step: int, stage: Stage) -> Drawing:
        return Drawing(
            photographs=clean,
            chain=chains[stage.recipe],
            step=step,
            seed=run.seed,
            stage=stage,
        )

    return draw
