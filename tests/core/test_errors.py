"""What a user reads when something is wrong, and the number a script reads."""

import pytest

from pellucid.core import errors
from pellucid.core.errors import PellucidError, did_you_mean

EXIT_CODES = {
    "PellucidError": 1,
    "ImageError": 1,
    "BadImage": 1,
    "TooLarge": 1,
    "CannotWrite": 2,
    "InputMissing": 2,
    "OutputExists": 2,
    "UnknownName": 2,
    "SettingsError": 2,
    "PluginError": 3,
    "MissingDependency": 3,
    "MissingModel": 3,
    "BrokenModel": 3,
    "Incomplete": 4,
    "EnvironmentFailure": 5,
}


def test_every_error_has_the_exit_code_that_scripts_rely_on():
    found = {
        name: thing.exit_code
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, PellucidError)
    }
    assert found == EXIT_CODES


@pytest.mark.parametrize("name", EXIT_CODES)
def test_an_error_is_its_sentence_and_a_hint(name):
    error = getattr(errors, name)("It is wrong.", "Make it right.")
    assert (str(error), error.hint) == ("It is wrong.", "Make it right.")
    assert getattr(errors, name)("It is wrong.").hint == ""


def test_a_caller_can_catch_all_that_reading_raises_at_once():
    assert issubclass(errors.BadImage, errors.ImageError)
    assert issubclass(errors.TooLarge, errors.ImageError)
    assert not issubclass(errors.CannotWrite, errors.ImageError)


def test_a_near_name_is_suggested():
    assert did_you_mean("jpge", ["png", "jpeg", "tiff"]) == "Did you mean `jpeg`?"


def test_without_a_near_name_all_are_listed_in_order():
    known = ["png", "jpeg", "tiff"]
    assert did_you_mean("xyzzy", known) == "Known names: jpeg, png, tiff."


def test_without_any_name_that_is_said():
    assert did_you_mean("haze", iter([])) == "There are none yet."
