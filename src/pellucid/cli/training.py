"""What the command `train` does: read the recipe, learn, and write what was learned."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pellucid.cli.escape import json_text
from pellucid.cli.progress import meter
from pellucid.core.errors import MissingDependency

FRESH = 160  # batches to calibrate on: about 1,800 pictures


def run(
    recipe: Path,
    output: Path,
    device: str,
    minutes: float | None,
    export: Path | None,
    assignments: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Train and say how far it came.

    Raises:
        MissingDependency: If the extra `train` is not installed.
        SettingsError: If the recipe is wrong, or the folder belongs to another run.
    """
    _need_extra()
    from pellucid.core.settings import dump_toml, load
    from pellucid.train import compact
    from pellucid.train.settings import Run

    settings = load(Run, recipe, assignments)
    output.mkdir(parents=True, exist_ok=True)
    (output / "run.toml").write_text(dump_toml(settings), encoding="utf-8")
    seconds = math.inf if minutes is None else 60.0 * minutes
    with meter("steps") as shown, (output / "log.jsonl").open("a") as log:

        def tell(told: Any) -> None:
            shown.show(told.step, told.total)
            line = {"step": told.step, "seconds": round(told.seconds, 2), **told.losses}
            log.write(json.dumps(line) + "\n")

        step = compact.train(
            settings,
            recipe.parent,
            output,
            device=device,
            stop_after_s=seconds,
            tell=tell,
        )
    facts: dict[str, Any] = {"steps": step, "of": compact.total(settings)}
    if export is not None:
        facts["networks"] = _exported(settings, recipe.parent, output, export)
    if as_json:
        print(json_text(facts))
    else:
        print(f"{step} of {facts['of']} steps, in {output}")


def _exported(settings: Any, home: Path, output: Path, folder: Path) -> dict[str, str]:
    import torch

    from pellucid.train.checkpoint import read
    from pellucid.train.compact import Learner, unlearned
    from pellucid.train.export import export

    learner = Learner(settings, torch.device("cpu"))
    learner.resume(read(output / "checkpoint.safetensors"))
    folder.mkdir(parents=True, exist_ok=True)
    batches = [drawing.draw() for drawing in unlearned(settings, home, FRESH)]
    written = export(learner.mean, batches, folder)
    return {name: str(path) for name, path in written.items()}


def _need_extra() -> None:
    missing = [name for name in ("torch", "safetensors", "cv2") if not find_spec(name)]
    if missing:
        what = f"Training needs packages that are not here: {missing[0]}."
        hint = 'They come with `pip install "pellucid[train]"`.'
        raise MissingDependency(what, hint)
