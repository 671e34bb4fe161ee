"""Old photo: a print that has faded, was handled, and was scanned.

Model:  printed = halftone(blur(clean)), in a minority of pictures with halftone
        faded: D' = kept * D + stain in density (`pellucid.degrade.dyes`)
        aged = faded * exp(-(stains + shadows)) (`pellucid.degrade.paper`)
        damaged = aged * (1 - m) + bare * m + grain * (1 - m)
        m is the mask of what is destroyed: scratches, dust, cracks, worn borders;
        bare is the colour of paper or of dirt.
Source: Z. Wan et al., "Bringing Old Photos Back to Life", CVPR 2020 (structured and
        unstructured damage); H. Wilhelm, C. Brower, "The Permanence and Care of Color
        Photographs", 1993 (fading).
"""

from __future__ import annotations

from typing import Annotated, Any

import cv2
import numpy as np
from annotated_types import Ge, Interval

from pellucid.core.image import Image, Pixels
from pellucid.core.protocols import Degradation, Params
from pellucid.core.records import Share
from pellucid.core.settings import settings
from pellucid.degrade.creases import Crease, cracks, creases, torn_corners, worn_borders
from pellucid.degrade.dyes import Fading, faded
from pellucid.degrade.film import film_grain
from pellucid.degrade.grain import Field, new_seed, normals, opened
from pellucid.degrade.halftone import halftoned
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.light import clipped, to_linear, to_srgb
from pellucid.degrade.paper import Ageing, aged
from pellucid.degrade.scratches import dust, scratches
from pellucid.degrade.severity import Range, between, draw_severity
from pellucid.degrade.strokes import Cover, Stroke, drawn

Shares = tuple[Share, Share]
Density = Annotated[float, Interval(ge=0.0, le=3.0)]
Densities = tuple[Density, Density]
Length = Annotated[float, Ge(0.0)]
Period = Annotated[float, Interval(ge=2.0, le=200.0)]

_PAPER = (0.93, 0.90, 0.84)  # where the emulsion is gone
_DIRT = (0.10, 0.085, 0.07)
_FIBRES = 0.035  # roughness of bare paper
_GRAIN_PX = 0.6
# Which dye goes first: shares of loss in red, green and blue, and how often.
_CASTS = (
    (0.5, (1.0, 0.55, 0.45)),  # cyan: prints of the sixties and seventies turn red
    (0.75, (0.7, 0.6, 1.0)),  # yellow: turns blue, before the paper yellows
    (1.0, (0.8, 1.0, 0.6)),  # magenta: turns green
)


@settings
class OldPhoto:
    """Ranges that old photos are drawn from, mildest and strongest where not said.

    Attributes:
        fading: Share of the density that the worst dye has lost.
        yellowing: Density of the stain of the paper in blue; half of it in green.
        monochrome: Chance that it is a monochrome or sepia print.
        gray: Share of the colour that is missing in a monochrome print.
        blur_px: Standard deviation of the blur of the print.
        halftone: Chance that it was printed in dots.
        period_px: From dot to dot, lowest and highest.
        dots: How much of the halftone is seen.
        grain: Standard deviation of the grain in the middle tones, of 1.
        stains: Share of all possible stains that are there.
        stain: Darkness of the stains.
        foxing: Share of all possible brown spots that are there.
        uneven: Unevenness of the light.
        border: Darkness of the brown border.
        scratches: Share of all possible scratches that are there.
        dust: Share of all possible specks and hairs that are there.
        creases: Share of all possible creases that are there.
        opacity: Cover of the deepest scratch or crack.
        worn: Width of the worn strips along the borders, as a share of the shorter
            side.
        torn: Share of the corners that are torn.
    """

    fading: Shares = (0.02, 0.5)
    yellowing: Densities = (0.005, 0.3)
    monochrome: Share = 0.25
    gray: Shares = (0.05, 1.0)
    blur_px: tuple[Length, Length] = (0.2, 1.2)
    halftone: Share = 0.12
    period_px: tuple[Period, Period] = (3.0, 5.5)
    dots: Shares = (0.03, 0.6)
    grain: Shares = (0.004, 0.04)
    stains: Shares = (0.1, 0.75)
    stain: Range = (0.02, 0.45)
    foxing: Shares = (0.0, 0.8)
    uneven: Range = (0.005, 0.12)
    border: Range = (0.01, 0.35)
    scratches: Shares = (0.04, 0.95)
    dust: Shares = (0.05, 0.9)
    creases: Shares = (0.0, 0.75)
    opacity: Shares = (0.2, 0.95)
    worn: Shares = (0.0, 0.014)
    torn: Shares = (0.0, 0.6)

    def sample(self, rng: np.random.Generator, severity: float | None = None) -> Params:
        """Draw the life of one print."""
        severity = draw_severity(rng, severity)
        seed = new_seed(rng)
        is_monochrome = bool(rng.random() < self.monochrome)
        fading = self._fading(rng, severity, is_monochrome)
        is_halftone, period, turn = rng.random(3).tolist()
        much = (0.6 + 0.8 * rng.random(8)).tolist()
        return {
            "severity": severity,
            "seed": seed,
            "fading": fading,
            "print": {
                "blur_px": between(self.blur_px, severity) * much[0],
                "period_px": between(self.period_px, period),
                "turn_deg": 90.0 * turn,
                "inks": 1 if is_monochrome else 3,
                "dots": between(self.dots, severity)
                if is_halftone < self.halftone
                else 0.0,
                "grain": between(self.grain, severity) * much[1],
            },
            "paper": {
                "stains": between(self.stains, severity) * much[2],
                "stain": between(self.stain, severity) * much[3],
                "foxing": between(self.foxing, severity) * much[4] ** 2,
                "uneven": between(self.uneven, severity),
                "border": between(self.border, severity) * much[5],
                "fold": between(self.uneven, severity),
            },
            "damage": {
                "scratches": between(self.scratches, severity) * much[6],
                "dust": between(self.dust, severity) * much[5],
                "creases": between(self.creases, severity) * much[7],
                "opacity": between(self.opacity, severity),
                "worn": between(self.worn, severity) * much[2],
                "torn": between(self.torn, severity) * much[4],
            },
        }

    def apply(self, image: Image, params: Params) -> Image:
        """Print, fade, stain, scratch, scan."""
        seed = int(params["seed"])
        fading = _fading_of(params["fading"])
        pixels = faded(_printed(image.pixels, params["print"]), fading)
        found = creases(seed, image.height, image.width, params["damage"]["creases"])
        pixels = aged(pixels, Ageing(**params["paper"]), found, seed)
        grain = float(params["print"]["grain"])
        if grain > 0.0:
            pixels = pixels + film_grain(pixels, grain, _GRAIN_PX, 0.0, seed)
        light, dark = _destroyed(image, params, found)
        return image.with_pixels(_bared(pixels, light, dark, seed))

    def mask(self, image: Image, params: Params) -> Pixels:
        """Draw where nothing of the picture is left."""
        found = creases(
            int(params["seed"]), image.height, image.width, params["damage"]["creases"]
        )
        return _hidden(*_destroyed(image, params, found))[0]

    def _fading(
        self, rng: np.random.Generator, severity: float, is_monochrome: bool
    ) -> dict[str, Any]:
        cast, much, yellow, tone = rng.random(4).tolist()
        shares = next(each for limit, each in _CASTS if cast <= limit)
        loss = between(self.fading, severity) * (0.65 + 0.35 * much)
        stain = between(self.yellowing, severity) * (0.3 + 0.7 * yellow)
        if is_monochrome:  # silver fades evenly; toners and old gelatine are brown
            shares, stain = (0.9, 0.9, 0.9), stain * 1.6 * tone
        return {
            "kept": [1.0 - loss * share for share in shares],
            "stain": [0.08 * stain, 0.42 * stain, stain],
            "gray": between(self.gray, severity) if is_monochrome else 0.35 * loss,
        }


def _printed(pixels: Pixels, how: dict[str, Any]) -> Pixels:
    """Blur, and in a book or newspaper turn into dots."""
    soft = gaussian_blurred(pixels, how["blur_px"])
    if how["dots"] <= 0.0:
        return soft
    linear = to_linear(soft)
    dots = halftoned(linear, how["period_px"], how["turn_deg"], how["inks"])
    linear += (dots - linear) * np.float32(how["dots"])
    return to_srgb(linear)


def _destroyed(
    image: Image, params: Params, found: list[Crease]
) -> tuple[Cover, Cover]:
    """Cover of bared paper, and of dirt: each (height, width)."""
    seed, damage = int(params["seed"]), params["damage"]
    height, width, opacity = image.height, image.width, damage["opacity"]
    short = min(height, width)
    scratched = scratches(seed, height, width, damage["scratches"], opacity)
    dusty = dust(seed, height, width, damage["dust"], opacity)
    broken: list[Stroke] = []
    for crease in found:
        broken += cracks(seed, crease, short, opacity)
    if damage["worn"] > 0.0:
        broken += worn_borders(seed, height, width, damage["worn"])
    broken += torn_corners(seed, height, width, damage["torn"], opacity)
    light = drawn([*scratched[0], *dusty[0], *broken], height, width)
    return light, drawn([*scratched[1], *dusty[1]], height, width)


def _hidden(light: Cover, dark: Cover) -> tuple[Field, Field]:
    """The mask, and the share of it that is dirt: both in the shape of the covers."""
    paper = light.astype(np.float32) * np.float32(1 / 255)
    dirt = dark.astype(np.float32) * np.float32(1 / 255)
    paper += dirt - paper * dirt
    return paper, dirt


def _bared(pixels: Pixels, light: Cover, dark: Cover, seed: int) -> Pixels:
    """Show paper, and dirt on it, where the mask says so: most places stay."""
    places = np.flatnonzero(cv2.max(light, dark))
    mask, dirt = _hidden(light.ravel()[places], dark.ravel()[places])
    flat = clipped(pixels.reshape(-1, 3).copy())
    paper, soil = np.array(_PAPER, np.float32), np.array(_DIRT, np.float32)
    bare = paper + (soil - paper) * (dirt / mask)[:, None]
    fibres = normals(opened(seed, "fibres"), places.size)
    bare *= np.float32(1.0) + np.float32(_FIBRES) * fibres[:, None]
    flat[places] += (bare - flat[places]) * mask[:, None]
    return clipped(flat).reshape(pixels.shape)


def _fading_of(drawn: dict[str, Any]) -> Fading:
    return Fading(tuple(drawn["kept"]), tuple(drawn["stain"]), drawn["gray"])


PLUGIN: type[Degradation] = OldPhoto
