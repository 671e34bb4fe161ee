import pytest

from pellucid.core.errors import UnknownName
from pellucid.core.records import Diagnosis, Finding
from pellucid.core.registry import DEGRADATIONS
from pellucid.restore.tasks import TASKS, check, kinds, words


def diagnosis(**presences: float) -> Diagnosis:
    return Diagnosis(
        findings=tuple(
            Finding(kind=kind, presence=presence, severity=0.5, confidence=1.0)
            for kind, presence in presences.items()
        )
    )


def test_every_task_means_a_damage_that_we_can_make():
    meant = {kind for kind in TASKS.values() if kind is not None}
    assert meant <= set(DEGRADATIONS.names())
    assert len(meant) == len(TASKS) - 2


def test_a_named_task_does_not_ask_the_diagnosis():
    assert kinds(("dehaze", "denoise"), diagnosis(rain=1.0)) == ("haze", "noise")


@pytest.mark.parametrize("task", ["auto", "general"])
def test_an_open_task_takes_what_was_found(task: str):
    assert kinds((task,), diagnosis(rain=0.9, haze=0.5, blur=0.51)) == ("rain", "blur")


def test_a_damage_is_named_once():
    assert kinds(("derain", "auto"), diagnosis(rain=1.0)) == ("rain",)


def test_kinds_are_turned_back_into_words():
    assert words(("low_light", "rain", "real_esrgan")) == ("low-light", "derain")


def test_a_misspelt_task_is_met_with_the_nearest_one():
    check(TASKS)
    with pytest.raises(UnknownName, match="`denoize`") as caught:
        check(["auto", "denoize"])
    assert caught.value.hint == "Did you mean `denoise`?"
