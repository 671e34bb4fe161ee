"""The error tree: one sentence about what is wrong, one about what to do.

Everything a user can cause derives from `PellucidError` and carries the exit code
that the command ends with. What does not derive from it is our own mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ASK_AGAIN = "Ask for the file again from where it came: a part of it is missing."


class PellucidError(Exception):
    """Something a user can understand and act on.

    Attributes:
        hint: What to do about it; empty when the message says it all.
        exit_code: What a command that ends with this error returns.
    """

    exit_code = 1

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class ImageError(PellucidError):
    """A picture that cannot be used. Its two kinds are all that reading raises."""


class BadImage(ImageError):
    """The file is broken, cut short, or not a picture in a format we read."""


class TooLarge(ImageError):
    """The header announces more pixels than the limit; nothing was decoded."""


class CannotWrite(PellucidError):
    """The wanted format, depth or option cannot hold this picture."""

    exit_code = 2


class InputMissing(PellucidError):
    """A path that was named does not exist."""

    exit_code = 2


class OutputExists(PellucidError):
    """Writing would replace a file, and nobody said that it may."""

    exit_code = 2


class UnknownName(PellucidError):
    """There is no plug-in, setting or command of this name."""

    exit_code = 2


class SettingsError(PellucidError):
    """A setting is unknown, has the wrong type or lies outside its range."""

    exit_code = 2


class PluginError(PellucidError):
    """A plug-in breaks its promise, or two of them claim one name."""

    exit_code = 3


class MissingDependency(PellucidError):
    """A package that this step needs is not installed."""

    exit_code = 3


class MissingModel(PellucidError):
    """Weights that this step needs are not on this machine."""

    exit_code = 3


class BrokenModel(PellucidError):
    """Weights are damaged, or are not those of the network that they were given to."""

    exit_code = 3


class Incomplete(PellucidError):
    """The work ended, but not all of what was asked for is there."""

    exit_code = 4


class EnvironmentFailure(PellucidError):
    """The machine said no: disk full, memory gone, permission denied."""

    exit_code = 5


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or list what there is.

    Returns:
        One sentence, for use as a hint.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Known names: {', '.join(names)}." if names else "There are none yet."
