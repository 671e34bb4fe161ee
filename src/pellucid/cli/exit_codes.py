"""What a command returns to the shell. This is the one place that says so."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The number a command ends with, the same for every command.

    Attributes:
        DONE: All that was asked for is done.
        SOME_FAILED: Some inputs failed; the others are done. A single picture that
            is broken or too large ends with this code too.
        USAGE: The command line is wrong, or a path or name in it does not exist.
        MISSING: A package or a model that is needed is not there, or is broken.
        INCOMPLETE: The work ended, but not all of what was asked for is there.
        ENVIRONMENT: The machine said no: disk full, memory gone, no permission.
        BUG: A mistake of pellucid itself; a traceback is shown. 70 is ``EX_SOFTWARE``
            of sysexits.h.
        INTERRUPTED: Ctrl-C; 128 + SIGINT, as shells count.
        PIPE_CLOSED: The program that read the output went away; 128 + SIGPIPE.
        TERMINATED: Told to end; 128 + SIGTERM.
    """

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    MISSING = 3
    INCOMPLETE = 4
    ENVIRONMENT = 5
    BUG = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143
