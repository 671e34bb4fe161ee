"""The noise of a sensor: photons that come when they like, and electronics.

Model:  variance = strength^2 (gain * signal + (read * gain)^2) for each place of the
        colour filter array, normal; on it the noise of rows and columns, which is one
        number for a whole line. gain = iso / (100 * full_well): the share of the range
        that one electron is worth. Signals are linear, 0 is black, 1 is full.

The noise alone goes through the demosaicing, which is linear: the picture under it
stays as sharp as it was. Below 5 electrons the normal distribution is a poor stand-in
for counting; the noise of the electronics covers that.

Source: A. Foi et al., "Practical Poissonian-Gaussian Noise Modeling and Fitting for
        Single-Image Raw-Data", IEEE TIP 17, 2008 (the variance); K. Wei et al., "A
        Physics-Based Noise Formation Model for Extreme Low-Light Raw Denoising", CVPR
        2020 (rows); EMVA Standard 1288, 2021 (full well, read noise).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pellucid.core.protocols import Params
from pellucid.degrade.camera import recoloured
from pellucid.degrade.grain import Field, new_seed, normals, opened, uniforms
from pellucid.degrade.kernels import gaussian_blurred
from pellucid.degrade.mosaic import demosaic, mosaic
from pellucid.degrade.resample import resize
from pellucid.degrade.severity import Range, between, between_log

READ: Range = (1.0, 3.0)  # electrons
LINES = 0.7  # of the read noise: what rows vary by, at the most
BLOTCH_PX: Range = (5.0, 16.0)
HOT_SHARE = 0.12  # pictures with pixels that are stuck
HOT_DENSITY = 3e-4  # of the places, at the highest gain
HOT_GAIN = 0.1  # where they are all seen

_GRAY = np.array([0.25, 0.5, 0.25], dtype=np.float32)  # shares of places on the array
_COARSE_PX = 4  # how coarse a camera makes the colour of noise
_SOFT_PX = 0.8
_SOFTENED = 0.36  # of the standard deviation of white noise, what that leaves


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """What is particular to one sensor and the camera behind it.

    Attributes:
        full_well: Electrons that a pixel holds at ISO 100.
        read: Noise of the electronics, in electrons.
        rows: Noise of whole rows, as a share of ``read``.
        columns: Noise of whole columns, as a share of ``read``.
        blotches: Coarse coloured noise, as a share of the fine noise.
        blotch_px: Size of a blotch.
        smoothing: Share of the fine noise that the camera smooths away, [0, 1].
        paling: Share of the fine colour of the noise that it smooths away, [0, 1].
        hot: Stuck pixels, as a share of what `HOT_DENSITY` allows.
        seed: Of all fields.
    """

    full_well: float
    seed: int
    read: float = 0.0
    rows: float = 0.0
    columns: float = 0.0
    blotches: float = 0.0
    blotch_px: float = 8.0
    smoothing: float = 0.0
    paling: float = 0.0
    hot: float = 0.0

    def gain(self, iso: float) -> float:
        """What one electron is worth, as a share of the range."""
        return iso / (100.0 * self.full_well)

    def raw_noise(self, raw: Field, iso: float, strength: Field | None = None) -> Field:
        """Draw the noise of every place of the colour filter array.

        Args:
            raw: What would be counted without noise: (height, width), in [0, 1].
            iso: Sensitivity.
            strength: Factor of the fine noise at every place; 1 everywhere if None.

        Returns:
            What is added to ``raw``: (height, width), mean 0.
        """
        noise = normals(opened(self.seed, "sensor"), *raw.shape)
        noise *= self._spread(raw, iso, strength)
        noise += self._lines(raw, iso)
        if self.hot > 0.0:
            self._add_hot(noise, iso)
        return noise

    def noise(self, counted: Field, iso: float, strength: Field | None = None) -> Field:
        """Draw the noise of a picture as it leaves the demosaicing.

        Args:
            counted: What would be counted without noise: (height, width, 3).
            iso: Sensitivity.
            strength: As for `raw_noise`.

        Returns:
            What is added to ``counted``: (height, width, 3), camera values.
        """
        raw = mosaic(counted)
        noise = self.raw_noise(raw, iso, strength)
        noise *= np.float32(0.5)  # [-1, 1] to the range of `demosaic`
        noise += np.float32(0.5)
        full = demosaic(noise)
        full -= np.float32(0.5)
        full *= np.float32(2.0)
        return self._developed(full, raw, iso, strength)

    def _spread(self, raw: Field, iso: float, strength: Field | None) -> Field:
        gain = self.gain(iso)
        variance = raw * np.float32(gain)
        variance += np.float32((self.read * gain) ** 2)
        spread = np.sqrt(variance, out=variance)
        if strength is not None:
            spread *= strength
        return spread

    def _lines(self, raw: Field, iso: float) -> Field:
        height, width = raw.shape
        read = self.read * self.gain(iso)
        rows = normals(opened(self.seed, "rows"), height, 1)
        columns = normals(opened(self.seed, "columns"), 1, width)
        rows *= np.float32(self.rows * read)
        columns *= np.float32(self.columns * read)
        return rows + columns

    def _add_hot(self, noise: Field, iso: float) -> None:
        rng = opened(self.seed, "hot")
        count = round(HOT_DENSITY * self.hot * noise.size)
        places = (uniforms(rng, count, 2) * noise.shape).astype(np.intp)
        level, shown = uniforms(rng, 2, count)
        is_seen = shown < self.gain(iso) / HOT_GAIN
        y, x = places[is_seen].T
        noise[y, x] += np.float32(0.1) + np.float32(0.5) * level[is_seen]

    def _developed(
        self, noise: Field, raw: Field, iso: float, strength: Field | None
    ) -> Field:
        """Smooth noise as a camera does, its colour more than its gray; add blotches.

        What is coarse is made on a coarse grid, and enlarged once.
        """
        height, width, _ = noise.shape
        few = (-(-height // _COARSE_PX), -(-width // _COARSE_PX))
        paling, smoothing = np.float32(self.paling), np.float32(self.smoothing)
        coarse = resize(noise, *few, "area")
        coarse = paling * _softened(coarse - _gray(coarse)[:, :, None])
        if self.blotches > 0.0:
            spread = self._spread(raw, iso, strength)
            coarse += resize(self._blotches(spread), *few, "bicubic")
        kept = (np.float32(1.0) - paling) * np.eye(3) + (paling - smoothing) * _GRAY
        result = recoloured(noise, kept.astype(np.float32))
        result += resize(coarse, height, width, "bilinear")
        if smoothing > 0.0:
            smoothed = smoothing * gaussian_blurred(_gray(noise), 1.3)
            result += cv2.merge([smoothed] * 3).reshape(noise.shape)
        return result

    def _blotches(self, spread: Field) -> Field:
        """Draw coarse coloured noise, two cells to a blotch."""
        height, width = spread.shape
        rows = max(1, round(2.0 * height / self.blotch_px))
        columns = max(1, round(2.0 * width / self.blotch_px))
        coarse = normals(opened(self.seed, "blotches"), rows, columns, 3)
        coarse -= coarse.mean(axis=2, keepdims=True)
        coarse *= resize(spread, rows, columns, "area")[:, :, None]
        return np.float32(self.blotches / _SOFTENED) * _softened(coarse)


def _softened(coarse: Field) -> Field:
    """Blur coarse noise a little: enlarged, it would show its grid."""
    return gaussian_blurred(coarse, _SOFT_PX)


def _gray(noise: Field) -> Field:
    gray = cv2.transform(noise, _GRAY.reshape(1, 3)).reshape(noise.shape[:2])
    return gray.astype(np.float32, copy=False)


def draw_sensor(rng: np.random.Generator, full_well: Range, blotches: Range) -> Params:
    """Draw the fields of a `Sensor`: always the same amount of chance."""
    well, read, rows, columns, blotch, size, smooth, pale, hot, stuck = rng.random(
        10
    ).tolist()
    return {
        "full_well": between_log(full_well, well),
        "read": between_log(READ, read),
        "rows": LINES * rows**2,  # seldom strong
        "columns": 0.4 * LINES * columns**4,
        "blotches": between(blotches, blotch),
        "blotch_px": between_log(BLOTCH_PX, size),
        "smoothing": max(0.0, 1.6 * smooth - 0.8),  # half of them do not
        "paling": pale**0.5,  # most of them do
        "hot": stuck if hot < HOT_SHARE else 0.0,
        "seed": new_seed(rng),
    }
