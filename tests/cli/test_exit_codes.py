from pellucid.cli.exit_codes import ExitCode
from pellucid.core import errors
from pellucid.core.errors import PellucidError


def test_every_code_is_explained():
    for code in ExitCode:
        assert f"{code.name}: " in (ExitCode.__doc__ or "")


def test_every_error_of_ours_ends_with_a_code_of_the_list():
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, PellucidError):
            assert value.exit_code in set(ExitCode)
