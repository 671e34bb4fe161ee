"""How each paper measures: one name for the settings of all its scores.

A number without its profile cannot be compared, so print both. RealIR-Bench has no
profile here: it measures with LPIPS and a judge, not with these scores.

Source: X. Wang et al., BasicSR, ``basicsr/metrics``; H. Li et al., "FoundIR", 2024,
        ``cal_metrics.py``, which calls pyiqa with its defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pellucid.core.errors import UnknownName, did_you_mean
from pellucid.core.protocols import Metric, Params
from pellucid.core.registry import METRICS
from pellucid.core.settings import build

_FOUR = MappingProxyType({"border": 4})

PROFILES: Mapping[str, Mapping[str, Mapping[str, int | str]]] = MappingProxyType(
    {
        # Restoring at the same size: nothing is cut.
        "basicsr": MappingProxyType(
            {"psnr": {}, "psnr_y": {}, "ssim": {}, "ssim_y": {}}
        ),
        # Enlarging by four: as many pixels are cut on each side.
        "sr-x4": MappingProxyType(
            {"psnr": _FOUR, "psnr_y": _FOUR, "ssim": _FOUR, "ssim_y": _FOUR}
        ),
        # PSNR of RGB, and an SSIM whose luma has full swing and is rounded.
        "foundir": MappingProxyType(
            {"psnr": {}, "ssim_y": MappingProxyType({"swing": "full"})}
        ),
    }
)


def profiled(profile: str) -> dict[str, Metric]:
    """Build the scores that a paper publishes: name of a score to the score.

    Raises:
        UnknownName: If there is no such profile.
    """
    if profile not in PROFILES:
        what = f"There is no profile called `{profile}`."
        raise UnknownName(what, did_you_mean(profile, PROFILES))
    chosen: dict[str, Params] = {
        name: dict(values) for name, values in PROFILES[profile].items()
    }
    return {name: build(METRICS.get(name), each) for name, each in chosen.items()}
