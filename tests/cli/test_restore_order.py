"""What a command line of `restore` means, before any work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import lamp
import pytest

from pellucid.cli import restore_order
from pellucid.cli.restore_order import Order, cores
from pellucid.cli.usage import UsageMistake
from pellucid.core.errors import UnknownName
from pellucid.core.options import Limits, WriteOptions
from pellucid.core.records import LoadOptions, Request


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lamp.plug_in(tmp_path, monkeypatch)


def plan(order: Order, **changes: Any) -> Any:
    how: dict[str, Any] = {
        "wanted": Request(),
        "model": "lamp",
        "load": LoadOptions(),
        "options": WriteOptions(),
        "limits": Limits(),
        "receipt": "beside",
    }
    return restore_order.plan(order, **{**how, **changes})


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"wanted": Request(steps=4)}, "--steps"),
        ({"wanted": Request(guidance=1.0)}, "--guidance-scale"),
        ({"wanted": Request(seed=1)}, "--seed"),
        ({"wanted": Request(prompt="blue")}, "--prompt"),
        ({"wanted": Request(language="zh")}, "--language"),
        ({"wanted": Request(speed_ups=("second-order",))}, "--speed-up"),
        ({"load": LoadOptions(weights_folder=Path("w"))}, "--weights"),
        ({"load": LoadOptions(memory="turns")}, "--memory"),
    ],
)
def test_what_only_large_models_hear_is_not_ignored_by_others(
    changes: dict[str, Any], option: str
):
    with pytest.raises(UsageMistake, match=f"`lamp` does not hear `{option}`"):
        plan(Order(inputs=["a.jpg"]), **changes)


def test_a_recipe_names_model_and_options_and_the_command_line_counts_more(
    tmp_path: Path,
):
    recipe = tmp_path / "mine.toml"
    recipe.write_text('model = "lamp"\n[request]\nstrength = 0.5\n[load]\ntile = 64\n')
    made = plan(Order(inputs=["a.jpg"]), model="compact", recipe=recipe)
    assert (made.model, made.request.strength, made.load.tile) == ("lamp", 0.5, 64)
    said = plan(Order(inputs=["a.jpg"]), recipe=recipe, load=LoadOptions(tile=32))
    assert (said.request.strength, said.load.tile) == (0.5, 32)
    recipe.write_text("[request]\nsteps = 4\n")
    with pytest.raises(UsageMistake, match="`lamp` does not hear `--steps`"):
        plan(Order(inputs=["a.jpg"]), recipe=recipe)


def test_a_speed_up_that_is_none_is_heard_before_the_weights_are_read():
    wanted = Request(speed_ups=("second-ordr",))
    with pytest.raises(UnknownName, match="`second-ordr`") as caught:
        plan(Order(inputs=["a.jpg"]), wanted=wanted, model="realrestorer")
    assert "second-order" in caught.value.hint


def test_a_file_is_single_and_a_folder_or_a_glob_is_not(tmp_path: Path):
    strange = tmp_path / "what[1].jpg"
    strange.touch()
    assert Order(inputs=[str(strange)]).is_single
    assert Order(inputs=["gone.jpg"]).is_single
    assert not Order(inputs=[str(tmp_path)]).is_single
    assert not Order(inputs=["*.jpg"]).is_single
    assert not Order(inputs=["a.jpg", "b.jpg"]).is_single


def test_a_dash_is_a_pipe_on_either_side():
    assert Order(inputs=["-"]).is_stream
    assert Order(inputs=["a.jpg"], output="-").is_stream
    assert not Order(inputs=["./-"]).is_stream


def test_one_process_for_four_cores_unless_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(restore_order, "cores", lambda: 9)
    assert Order(inputs=["a", "b"]).processes == 2
    assert Order(inputs=["a", "b"], workers=5).processes == 5
    monkeypatch.setattr(restore_order, "cores", lambda: 2)
    assert Order(inputs=["a", "b"]).processes == 1


def test_cores_are_those_that_may_be_used():
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_what_is_said_is_what_is_planned():
    order = Order(inputs=["a.jpg"])
    made = plan(
        order,
        wanted=Request(task=("deblur", "denoise")),
        load=LoadOptions(tile=256),
        options=WriteOptions(format="JPG"),
    )
    assert made.request.task == ("deblur", "denoise")
    assert made.load.tile == 256
    assert made.options.format == "jpeg"
    assert made.diagnose is lamp.see


@pytest.mark.parametrize(
    "changes", [{"wanted": Request(task=("debblur",))}, {"model": "lampp"}]
)
def test_a_name_that_is_none_is_heard_before_the_work(changes: dict[str, Any]):
    with pytest.raises(UnknownName):
        plan(Order(inputs=["a.jpg"]), **changes)


@pytest.mark.parametrize(
    "order",
    [
        Order(inputs=[]),
        Order(inputs=["a.jpg", "b.jpg"]),
        Order(inputs=["a.jpg", "b.jpg"], output="c.jpg"),
        Order(inputs=["-", "b.jpg"], output="out"),
        Order(inputs=["*.jpg"], output="-"),
        Order(inputs=["-"], as_json=True),
        Order(inputs=["a.jpg"], output="-", dry_run=True),
    ],
)
def test_what_contradicts_itself_is_refused(order: Order):
    with pytest.raises(UsageMistake):
        plan(order)


def test_a_picture_is_not_written_to_the_terminal(monkeypatch: pytest.MonkeyPatch):
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(restore_order.sys, "stdout", Terminal())
    with pytest.raises(UsageMistake, match="terminal"):
        plan(Order(inputs=["-"]))


def test_a_receipt_inside_needs_metadata():
    bare = WriteOptions(metadata="none")
    with pytest.raises(UsageMistake, match="leaves none"):
        plan(Order(inputs=["a.jpg"]), options=bare, receipt="xmp")
    assert plan(Order(inputs=["a.jpg"]), options=bare).packet is False
