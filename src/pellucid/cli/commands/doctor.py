"""The command `doctor`."""

from __future__ import annotations

from pellucid.cli.options import AsJson


def doctor(as_json: AsJson = False) -> None:
    """Check this machine: versions, devices, memory, extras.

    Ends with 3 when something that pellucid cannot do without is missing or broken.
    """
    from pellucid.cli.diagnosis import diagnose

    diagnose(as_json=as_json)
