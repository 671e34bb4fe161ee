"""Libraries say nothing while models are read, and may speak again afterwards."""

import logging

import pytest

from pellucid.restore.models.realrestorer.quiet import quiet


def test_warnings_of_libraries_are_not_shown(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    library = logging.getLogger("some.library")
    library.setLevel(logging.DEBUG)  # whatever others have done to all loggers
    monkeypatch.setattr(logging.root.manager, "disable", logging.NOTSET)
    with pytest.raises(KeyboardInterrupt), quiet():
        library.warning("silent")
        library.error("loud")
        raise KeyboardInterrupt
    library.warning("again")
    assert [record.message for record in caplog.records] == ["loud", "again"]
