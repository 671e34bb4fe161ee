"""One version, told everywhere alike."""

import re
from importlib.metadata import version

import pellucid
from pellucid.core.version import __version__


def test_the_installed_package_and_the_public_name_tell_the_same():
    assert version("pellucid") == pellucid.__version__ == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
