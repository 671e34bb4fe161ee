"""CMYK and Lab pictures become sRGB in one stated way each.

CMYK with a profile:  LittleCMS, relative colorimetric with black point compensation.
CMYK without:         R = (1 - C)(1 - K), and so on.
Lab (D50):            CIE 15:2004 eq. 8.2 to XYZ, Bradford to D65, sRGB IEC 61966-2-1,
                      colours outside sRGB clipped.
The result is 8-bit sRGB for CMYK; the CMYK profile no longer describes it and is left
behind with a warning.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

from pellucid.core.samples import to_unit

# Bradford-adapted D50 XYZ to linear sRGB, ICC.1:2022 annex E and IEC 61966-2-1.
XYZ_D50_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)
WHITE_D50 = np.array([0.9642, 1.0, 0.8249], np.float32)


def profile_space(icc: bytes | None) -> str:
    """Name the colour space a profile is for: ``RGB``, ``GRAY``, ``CMYK``, ``Lab``.

    Returns:
        The four characters at byte 16 without spaces (ICC.1:2022, 7.2.6), or ``""``
        when there is no profile or it is cut short.
    """
    if icc is None or len(icc) < 132 or int.from_bytes(icc[:4], "big") > len(icc):
        return ""
    if icc[36:40] != b"acsp":
        return ""
    return icc[16:20].decode("latin-1").strip()


def cmyk_to_srgb(
    picture: Pillow.Image, icc: bytes | None
) -> tuple[NDArray[np.float32], str]:
    """Turn a CMYK picture into sRGB.

    Args:
        picture: Mode CMYK, 0 is no ink.
        icc: The profile of the inks, if the file has one.

    Returns:
        Pixels (height, width, 3) in [0, 1], and one sentence saying how.
    """
    if profile_space(icc) == "CMYK" and icc is not None:
        try:
            profiles: Any = ImageCms  # typed in part only
            converted = ImageCms.profileToProfile(
                picture,
                io.BytesIO(icc),
                profiles.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            converted = None
        if converted is not None:
            how = "CMYK was converted to sRGB through its own ICC profile."
            return to_unit(np.asarray(converted)), how
    inks = to_unit(np.asarray(picture))
    colour = (1.0 - inks[:, :, :3]) * (1.0 - inks[:, :, 3:])
    how = "CMYK without a usable profile was converted to RGB as (1-C)(1-K)."
    return np.clip(colour, 0.0, 1.0, dtype=np.float32), how


def lab_to_srgb(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn CIE L*a*b* (D50) into sRGB.

    Args:
        lab: (height, width, 3); L* in [0, 100], a* and b* in [-128, 128).

    Returns:
        (height, width, 3) in [0, 1].
    """
    lightness, a, b = lab[:, :, 0], lab[:, :, 1], lab[:, :, 2]
    fy = (lightness + 16.0) / 116.0
    roots = np.stack([fy + a / 500.0, fy, fy - b / 200.0], axis=2)
    delta = np.float32(6 / 29)
    cubes = roots**3
    lines = 3 * delta**2 * (roots - np.float32(4 / 29))
    xyz = np.where(roots > delta, cubes, lines) * WHITE_D50
    linear = np.clip(xyz @ XYZ_D50_TO_SRGB.T, 0.0, 1.0)
    low = linear * 12.92
    high = 1.055 * np.maximum(linear, 1e-8) ** (1 / 2.4) - 0.055
    return np.clip(np.where(linear <= 0.0031308, low, high), 0, 1).astype(np.float32)
