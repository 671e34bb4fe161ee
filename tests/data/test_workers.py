"""A bad item costs itself and nothing else, and no process outlives the run."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import chores
import pytest

from pellucid.core.errors import BadImage, EnvironmentFailure, SettingsError
from pellucid.data import workers
from pellucid.data.workers import Done, ItemFailed

HERE_AND_THERE = pytest.mark.parametrize("count", [1, 2])


def results(function: Any, items: Iterable[Any], **how: Any) -> dict[int, Any]:
    with closing(workers.run(function, items, **how)) as running:
        return dict(running)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not fetched does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def gone(pids: set[int], within_s: float) -> bool:
    end = time.monotonic() + within_s
    while any(map(is_alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


@HERE_AND_THERE
def test_every_item_has_its_outcome(count):
    found = results(chores.double, range(50), workers=count)
    assert found == {number: Done(2 * number) for number in range(50)}


@HERE_AND_THERE
def test_no_items_need_no_workers(count):
    how = {"workers": count, "prepare": chores.die_at_once}
    assert results(chores.double, [], **how) == {}


def test_one_worker_is_this_process_unless_it_may_have_to_be_stopped():
    assert results(chores.who, [0], workers=1)[0].value == os.getpid()
    there = results(chores.who, [0], workers=1, timeout_s=60)[0].value
    assert there != os.getpid()


def test_what_is_done_first_comes_first():
    items = ["hang", "a", "b", "c"]
    with closing(workers.run(chores.fall, items, workers=2)) as running:
        assert [place for place, _ in itertools.islice(running, 3)] == [1, 2, 3]


def test_there_is_at_least_one_worker():
    with pytest.raises(SettingsError, match="at least 1 worker, got 0"):
        workers.run(chores.double, [1], workers=0)


@HERE_AND_THERE
def test_our_errors_keep_their_class_hint_and_exit_code(count):
    items = ["refuse", "fine"]
    found = results(chores.fail, items, workers=count)
    error = found[0].error
    assert type(error) is BadImage
    assert (str(error), error.hint) == ("a.png: It is broken.", "Ask for it again.")
    assert found[1] == Done("fine")


@HERE_AND_THERE
def test_a_full_disk_can_still_be_told_from_other_failures(count):
    error = results(chores.fail, ["disk", "fine"], workers=count)[0].error
    assert isinstance(error, EnvironmentFailure)
    assert isinstance(error.__cause__, OSError)
    assert (error.__cause__.errno, error.__cause__.filename) == (28, "a.png")


@HERE_AND_THERE
def test_an_error_that_cannot_be_sent_keeps_what_it_says(count):
    error = results(chores.fail, ["picky", "fine"], workers=count)[0].error
    assert error is not None
    assert str(error) == "It is wrong."
    assert (error.hint, error.exit_code) == ("Look closer.", 4)


@HERE_AND_THERE
@pytest.mark.parametrize(
    ("how", "said"), [("bug", "KeyError: 'nothing'"), ("hungry", "Hungry: for pipes")]
)
def test_a_bug_names_its_type_and_keeps_the_traceback(count, how, said):
    found = results(chores.fail, [how, "fine"], workers=count)
    assert type(found[0].error) is ItemFailed
    assert str(found[0].error) == said
    assert "in fail" in found[0].error.__notes__[0]
    assert found[1] == Done("fine")


@HERE_AND_THERE
def test_memory_that_is_gone_is_a_failure_of_the_machine(count):
    error = results(chores.fail, ["memory", "fine"], workers=count)[0].error
    assert isinstance(error, EnvironmentFailure)
    assert "fewer workers" in error.hint


@pytest.mark.parametrize(
    ("how", "said"),
    [("kill", "signal 9"), ("exit", "exit code 7"), ("leave", "exit code 7")],
)
def test_a_worker_that_dies_takes_one_item_with_it(how, said):
    items = ["a", how, "b", "c", "d"]
    found = results(chores.fall, items, workers=2)
    assert {place: found[place].value for place in (0, 2, 3, 4)} == {
        0: "a",
        2: "b",
        3: "c",
        4: "d",
    }
    assert isinstance(found[1].error, ItemFailed)
    assert said in str(found[1].error)


def test_an_item_that_hangs_is_stopped_and_the_others_go_on():
    items = ["a", "hang", "b", "c"]
    began = time.monotonic()
    found = results(chores.fall, items, workers=1, timeout_s=0.5)
    assert time.monotonic() - began < 20
    assert [found[place].value for place in (0, 2, 3)] == ["a", "b", "c"]
    assert "longer than 0.5 s" in str(found[1].error)


def test_a_caller_who_is_slow_does_not_make_items_late():
    with closing(
        workers.run(chores.double, range(4), workers=2, timeout_s=0.3)
    ) as running:
        found = []
        for place, outcome in running:
            time.sleep(0.4)
            found.append((place, outcome.value))
    assert sorted(found) == [(0, 0), (1, 2), (2, 4), (3, 6)]


def test_a_result_that_cannot_be_sent_fails_alone():
    found = results(chores.fall, ["local", "fine"], workers=2)
    assert "pickle" in str(found[0].error)
    assert found[1] == Done("fine")


def test_large_items_and_results_pass_both_ways():
    items = [bytes([number]) * 3_000_000 for number in range(6)]
    found = results(chores.echo, items, workers=2)
    assert [found[place].value for place in range(6)] == items


@HERE_AND_THERE
def test_a_run_that_cannot_be_prepared_ends(count):
    with pytest.raises(EnvironmentFailure, match="no such device") as caught:
        results(chores.double, [1, 2], workers=count, prepare=chores.refuse_to_begin)
    assert caught.value.hint == "Take another."


def test_workers_that_die_at_the_start_end_the_run_in_place_of_being_replaced():
    with pytest.raises(EnvironmentFailure, match="could not start: exit code 9"):
        results(chores.double, [1, 2], workers=2, prepare=chores.die_at_once)


def test_each_worker_is_prepared_once(tmp_path):
    prepare = partial(chores.note_pid, tmp_path)
    found = results(chores.who, range(40), workers=2, prepare=prepare)
    pids = {outcome.value for outcome in found.values()}
    assert pids <= {int(path.name) for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) <= 2


def test_items_are_taken_only_as_they_are_needed():
    taken = itertools.count()
    with closing(
        workers.run(chores.double, (next(taken) for _ in range(10**9)), workers=2)
    ) as running:
        for _ in itertools.islice(running, 10):
            pass
    assert next(taken) <= 10 + 2 * 2


def test_leaving_early_leaves_no_process_behind():
    running = workers.run(chores.who, itertools.count(), workers=2)
    pids = {outcome.value or 0 for _, outcome in itertools.islice(running, 20)}
    assert pids
    running.close()
    assert not any(map(is_alive, pids))
    assert multiprocessing.active_children() == []


def test_an_error_in_the_items_leaves_no_process_behind():
    def items():
        yield from range(4)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        results(chores.double, items(), workers=2)
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_workers_end_with_their_parent_also_in_the_middle_of_an_item(tmp_path, how):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    parent = subprocess.Popen(
        [sys.executable, chores.__file__, str(tmp_path)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 20
        while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < end:
            time.sleep(0.02)
        pids = {int(path.name) for path in tmp_path.iterdir()}
        assert len(pids) == 3
        assert all(map(is_alive, pids))
        if how == "kill":
            parent.kill()
        else:
            os.killpg(parent.pid, signal.SIGINT)  # as Ctrl-C does: to all at once
        _, said = parent.communicate(timeout=10)
        assert gone(pids, within_s=5)
        assert said.count("Traceback") == (how == "interrupt")  # the parent's own
    finally:
        parent.kill()
        parent.wait()


def test_an_item_costs_less_than_a_millisecond():
    took = list[float]()
    with closing(workers.run(chores.double, range(2001), workers=2)) as running:
        next(running)
        for _ in range(4):
            began = time.perf_counter()
            assert len(list(itertools.islice(running, 500))) == 500
            took.append(time.perf_counter() - began)
    assert min(took) / 500 < 0.001  # the best, since others use this machine, too
